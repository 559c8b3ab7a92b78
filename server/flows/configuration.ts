// The operator's objects as the flows meet them: one immutable value for each revision of the set-up.
import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import {
  Application,
  Callback,
  CustomAuthenticator,
  Egress,
  Features,
  IdentityProvider,
  MobileAuthenticationType,
  OAuthClient,
  PinPolicy,
  Property,
  WebHook,
} from "../../gen/gatewright/v1/setup.ts";
import { messageOf, registry } from "../../proto/contract.ts";
import type { Script } from "../engine/script.ts";
import type { KnownClient } from "./client.ts";
import { setUpClient } from "./client.ts";
import { withFallbacks } from "./setup/fallbacks.ts";

/** One stored object: its document is the JSON form of its message, its secrets are sealed apart. */
export interface StoredObject {
  readonly kind: string;
  readonly id: string;
  readonly document: string;
  readonly sealed: string | null;
}

/** The secrets of an object by field name, as they are before sealing. */
export type Secrets = Readonly<Record<string, string>>;

/** Everything that was set up, at one revision. */
export interface Configuration {
  readonly revision: number;
  readonly applications: ReadonlyMap<string, Application>;
  readonly clients: ReadonlyMap<string, KnownClient>;
  readonly identityProviders: ReadonlyMap<string, IdentityProvider>;
  readonly authenticators: ReadonlyMap<string, CustomAuthenticator>;
  readonly callbacks: ReadonlyMap<string, Callback>;
  readonly types: ReadonlyMap<string, MobileAuthenticationType>;
  readonly properties: ReadonlyMap<string, Property>;
  readonly egress: Egress;
  /** The policy `default` is there also when nobody set it up, with the contract's fallbacks. */
  readonly pinPolicies: ReadonlyMap<string, PinPolicy>;
  readonly webHooks: ReadonlyMap<string, WebHook>;
  readonly features: Features;
  /** Live scripts by slot: `identity_providers/<id>/<step>` or `authenticators/<id>/<step>`. */
  readonly scripts: ReadonlyMap<string, Script>;
}

interface Codec<T> {
  decode(bytes: Uint8Array): T;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads stored documents of one message into the typed objects that the flows use, by id. */
function read<T>(
  name: string,
  codec: Codec<T>,
  objects: readonly StoredObject[],
  secretsOf: (object: StoredObject) => Secrets = () => ({}),
): Map<string, T> {
  const schema = messageOf(name);
  return new Map(
    objects.map((object) => {
      const document: unknown = JSON.parse(object.document);
      if (!isObject(document))
        throw new Error(`${object.kind}/${object.id} is stored as no object`);
      const secrets = secretsOf(object);
      const twice = Object.keys(secrets).find((name) => document[name] !== undefined);
      if (twice) throw new Error(`${object.kind}/${object.id} has ${twice} sealed and in the open`);
      const json = withFallbacks(name, { ...document, ...secrets });
      return [object.id, codec.decode(toBinary(schema, fromJson(schema, json, { registry })))];
    }),
  );
}

/** Reads the one object of its message, or gives the one that was never set up. */
function readOne<T>(name: string, codec: Codec<T>, [object]: readonly StoredObject[]): T {
  const given = object ?? { kind: name, id: "", document: "{}", sealed: null };
  const one = read(name, codec, [given]).get(given.id);
  assert(one, `no ${name} was read`);
  return one;
}

/** The id of the PIN policy of applications that name none. Source: setup.proto, pin_policy. */
export const defaultPinPolicyId = "default";

const defaultPinPolicy: StoredObject = {
  kind: "pin_policies",
  id: defaultPinPolicyId,
  document: JSON.stringify({ id: defaultPinPolicyId }),
  sealed: null,
};

/**
 * Gives the configuration of one revision. `open` unseals the secrets of an object. A document that
 * the contract does not allow is a fault: it was checked when it was written.
 */
export function readConfiguration(
  revision: number,
  objects: readonly StoredObject[],
  scripts: ReadonlyMap<string, Script>,
  open: (object: StoredObject) => Secrets,
): Configuration {
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const secrets = (object: StoredObject): Secrets => (object.sealed === null ? {} : open(object));
  const applications = read("Application", Application, of("applications"));
  const hashes = new Map(of("clients").map((client) => [client.id, secrets(client).secret]));
  const clients = [...read("OAuthClient", OAuthClient, of("clients")).values()].map((client) => {
    const application = applications.get(client.application ?? "");
    return [client.id, setUpClient(client, application, hashes.get(client.id))] as const;
  });
  return {
    revision,
    applications,
    clients: new Map(clients),
    identityProviders: read("IdentityProvider", IdentityProvider, of("identity_providers")),
    authenticators: read("CustomAuthenticator", CustomAuthenticator, of("authenticators")),
    callbacks: read("Callback", Callback, of("callbacks"), secrets),
    types: read("MobileAuthenticationType", MobileAuthenticationType, of("types")),
    properties: read("Property", Property, of("properties"), secrets),
    egress: readOne("Egress", Egress, of("egress")),
    pinPolicies: read("PinPolicy", PinPolicy, [defaultPinPolicy, ...of("pin_policies")]),
    webHooks: read("WebHook", WebHook, of("web_hooks"), secrets),
    features: readOne("Features", Features, of("features")),
    scripts,
  };
}
