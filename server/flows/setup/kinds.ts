// The kinds of objects that a set-up holds, a row each: where they stand in it, what names them, what
// they refer to.
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { readPolicy } from "../../engine/egress_policy.ts";
import { newSigningSecret } from "../../identity/webhook_signature.ts";
import { withFallbacks } from "./fallbacks.ts";
import { callbackProblems, webHookProblems } from "./receivers.ts";

/** An object as a set-up or the store has it: the JSON form of its message. */
export interface SetupObject {
  readonly kind: string;
  readonly id: string;
  readonly document: JsonObject;
}

/** A reference from a field to objects of another kind, perhaps only to those of one type. */
interface Reference {
  readonly field: string;
  readonly kind: string;
  readonly type?: string;
}

/** A reference of an object to one other. */
export interface ReferenceTo extends Reference {
  readonly id: string;
}

/** One kind of objects. */
export interface Kind {
  /** The list of the set-up that holds them, and their kind in the store. */
  readonly name: string;
  /** Their message in setup.proto. */
  readonly message: string;
  /** The message that holds the list within the set-up; undefined for the set-up itself. */
  readonly within?: string;
  /** The field that names an object; undefined where there is only one. */
  readonly key?: string;
  readonly references: readonly Reference[];
  /** The steps that may have a script. */
  readonly steps: readonly string[];
  /** Secrets that an object always has, and how one is made that nobody gave. */
  readonly made?: Readonly<Record<string, () => string>>;
  /** Secrets that are kept under another name when another one takes their place, unless that is given. */
  readonly kept?: Readonly<Record<string, string>>;
  /** Says what of an object and the secrets given with it does not fit together, field first. */
  readonly problems: (
    document: JsonObject,
    secrets: Readonly<Record<string, string>>,
  ) => readonly string[];
}

const none = (): readonly string[] => [];
const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? value : [];
const objectOf = (value: JsonValue | undefined): JsonObject => (value ?? {}) as JsonObject;

const clientProblems = ({ kind, application, jwks, jwks_uri }: JsonObject): string[] => [
  ...(kind === undefined ? ["kind: takes static or api"] : []),
  ...(kind === "static" && application === undefined
    ? ["application: a static client has one"]
    : []),
  ...(jwks !== undefined && jwks_uri !== undefined
    ? ["jwks: takes jwks or jwks_uri, not both"]
    : []),
];

const strangers = (field: string, { scopes, [field]: some }: JsonObject): string[] =>
  listOf(some)
    .filter((scope) => !listOf(scopes).includes(scope))
    .map((scope) => `${field}: ${String(scope)} is not among scopes`);

/** Gives the values that a list has more than once, each once. */
const repeated = (values: readonly string[]): string[] =>
  [...Map.groupBy(values, (value) => value)]
    .filter(([, same]) => same.length > 1)
    .map(([value]) => value);

function versionProblems({ versions }: JsonObject): string[] {
  const places = listOf(versions).map((entry) => {
    const { version, platform } = objectOf(entry);
    return `${String(version)} on ${platform ? String(platform) : "every platform"}`;
  });
  return repeated(places).map((place) => `versions: ${place} is listed more than once`);
}

const applicationProblems = (application: JsonObject): string[] => [
  ...strangers("default_scopes", application),
  ...strangers("implicit_scopes", application),
  ...versionProblems(application),
];

function pinPolicyProblems(document: JsonObject): string[] {
  const { length, blocked } = withFallbacks("PinPolicy", document);
  const pins = listOf(blocked).map(String);
  return [
    ...pins
      .filter((pin) => pin.length !== Number(length))
      .map((pin) => `blocked: ${pin} does not have ${String(length)} digits`),
    ...repeated(pins).map((pin) => `blocked: ${pin} is listed more than once`),
  ];
}

const requiredSteps: Readonly<Record<string, readonly string[]>> = {
  CUSTOM_API_ONE_STEP: ["complete"],
  CUSTOM_API_TWO_STEP: ["init", "complete"],
};

const providerProblems = ({ type, scripts }: JsonObject): string[] => {
  if (typeof type !== "string") {
    return ["type: takes CUSTOM_API_ONE_STEP or CUSTOM_API_TWO_STEP"];
  }
  const given = Object.keys((scripts as JsonObject | undefined) ?? {});
  return (requiredSteps[type] ?? [])
    .filter((step) => !given.includes(step))
    .map((step) => `scripts: an identity provider of this type has a script for ${step}`);
};

const egressProblems = ({ allow, networks }: JsonObject): string[] => {
  const texts = (value: JsonValue | undefined): string[] => listOf(value).map(String);
  try {
    readPolicy({ allow: texts(allow), networks: texts(networks) });
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
};

/** The kinds, in the order in which they are written. */
const kinds: readonly Kind[] = [
  {
    name: "identity_providers",
    message: "IdentityProvider",
    key: "id",
    references: [],
    steps: ["init", "complete", "backchannel"],
    problems: providerProblems,
  },
  {
    name: "authenticators",
    message: "CustomAuthenticator",
    key: "id",
    references: [],
    steps: ["registration", "authentication"],
    problems: none,
  },
  {
    name: "pin_policies",
    message: "PinPolicy",
    key: "id",
    references: [],
    steps: [],
    problems: pinPolicyProblems,
  },
  {
    name: "web_hooks",
    message: "WebHook",
    key: "id",
    references: [],
    steps: [],
    problems: webHookProblems,
  },
  {
    name: "applications",
    message: "Application",
    key: "id",
    references: [
      { field: "identity_providers", kind: "identity_providers" },
      { field: "custom_authenticators", kind: "authenticators" },
      { field: "pin_policy", kind: "pin_policies" },
      { field: "customize_token", kind: "web_hooks", type: "CUSTOMIZE_TOKEN" },
      {
        field: "customize_user_details",
        kind: "web_hooks",
        type: "USER_DETAILS_CUSTOMIZATION",
      },
    ],
    steps: [],
    problems: applicationProblems,
  },
  {
    name: "clients",
    message: "OAuthClient",
    key: "id",
    references: [{ field: "application", kind: "applications" }],
    steps: [],
    problems: clientProblems,
  },
  {
    name: "callbacks",
    message: "Callback",
    within: "mobile_authentication",
    key: "url",
    references: [],
    steps: [],
    made: { signing_secret: newSigningSecret },
    kept: { signing_secret: "previous_signing_secret" },
    problems: callbackProblems,
  },
  {
    name: "types",
    message: "MobileAuthenticationType",
    within: "mobile_authentication",
    key: "name",
    references: [],
    steps: [],
    problems: ({ method }) => (method === undefined ? ["method: takes OTP"] : []),
  },
  {
    name: "properties",
    message: "Property",
    key: "id",
    references: [],
    steps: [],
    problems: none,
  },
  { name: "features", message: "Features", references: [], steps: [], problems: none },
  { name: "egress", message: "Egress", references: [], steps: [], problems: egressProblems },
];

/** Gives the row of a kind. A name that is none is a fault. */
export function kindOf(name: string): Kind {
  const kind = kinds.find((row) => row.name === name);
  if (!kind) throw new Error(`there is no kind ${name}`);
  return kind;
}

/** Takes a set-up in its JSON form apart into its objects, in the order of the kinds. */
export const objectsOf = (setup: JsonObject): SetupObject[] =>
  kinds.flatMap(({ name, within, key }) => {
    const holder = within === undefined ? setup : objectOf(setup[within]);
    if (key === undefined) {
      return holder[name] === undefined
        ? []
        : [{ kind: name, id: "", document: objectOf(holder[name]) }];
    }
    return listOf(holder[name]).map((document) => ({
      kind: name,
      id: String(objectOf(document)[key]),
      document: objectOf(document),
    }));
  });

/** Puts objects together into a set-up in its JSON form: the inverse of `objectsOf`. */
export function setupOf(objects: readonly SetupObject[]): JsonObject {
  const setup: JsonObject = {};
  for (const { kind, document } of objects) {
    const { within, key } = kindOf(kind);
    let holder = setup;
    if (within !== undefined) {
      setup[within] ??= {};
      holder = objectOf(setup[within]);
    }
    if (key === undefined) holder[kind] = document;
    else holder[kind] = [...listOf(holder[kind]), document];
  }
  return setup;
}

/** Gives the objects that an object refers to, each with the field that does. */
export const referencesOf = ({ kind, document }: SetupObject): ReferenceTo[] =>
  kindOf(kind).references.flatMap((reference) => {
    const value = document[reference.field];
    const ids = Array.isArray(value) ? value : value === undefined ? [] : [value];
    return ids.map((id) => ({ ...reference, id: String(id) }));
  });
