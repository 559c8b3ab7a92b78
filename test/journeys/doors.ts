// The two doors of the server: the same request through REST and through gRPC.
import assert from "node:assert/strict";
import { AdminServiceDefinition } from "../../gen/gatewright/v1/admin.ts";
import { AuditServiceDefinition } from "../../gen/gatewright/v1/audit.ts";
import { AuthenticatorServiceDefinition } from "../../gen/gatewright/v1/authenticator.ts";
import { DeviceServiceDefinition } from "../../gen/gatewright/v1/device.ts";
import { EndUserServiceDefinition } from "../../gen/gatewright/v1/end_user.ts";
import { EventServiceDefinition } from "../../gen/gatewright/v1/event.ts";
import {
  MobileAuthenticationServiceDefinition,
  MobileDeviceServiceDefinition,
} from "../../gen/gatewright/v1/mobile_auth.ts";
import { RegistrationServiceDefinition } from "../../gen/gatewright/v1/registration.ts";
import { ScriptAdminServiceDefinition } from "../../gen/gatewright/v1/script_admin.ts";
import { TokenServiceDefinition } from "../../gen/gatewright/v1/token.ts";
import type { Deviation, Signer } from "../support/assertions.ts";
import { assertionOf, assertionType } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { backchannelPath, stepPath } from "../support/client.ts";
import type { HttpRequest } from "../support/http.ts";
import { send } from "../support/http.ts";
import { rpcClient } from "../support/rpc.ts";
import type { TestServer } from "../support/server.ts";

const definitions = [
  RegistrationServiceDefinition,
  TokenServiceDefinition,
  DeviceServiceDefinition,
  AuthenticatorServiceDefinition,
  MobileAuthenticationServiceDefinition,
  MobileDeviceServiceDefinition,
  EndUserServiceDefinition,
  EventServiceDefinition,
  AuditServiceDefinition,
  AdminServiceDefinition,
  ScriptAdminServiceDefinition,
];

type MethodKey =
  | keyof typeof RegistrationServiceDefinition.methods
  | keyof typeof TokenServiceDefinition.methods
  | keyof typeof DeviceServiceDefinition.methods
  | keyof typeof AuthenticatorServiceDefinition.methods
  | keyof typeof MobileAuthenticationServiceDefinition.methods
  | keyof typeof MobileDeviceServiceDefinition.methods
  | keyof typeof EndUserServiceDefinition.methods
  | keyof typeof EventServiceDefinition.methods
  | keyof typeof AuditServiceDefinition.methods
  | keyof typeof AdminServiceDefinition.methods
  | keyof typeof ScriptAdminServiceDefinition.methods;

/** A request as any door can send it: fields in the spelling of the generated types. */
export interface Ask {
  readonly method: MethodKey;
  readonly message: Readonly<Record<string, unknown>>;
  readonly authorization?: string;
}

/** Who asks. */
export interface Actors {
  readonly phone: KeyClient;
  /** A phone of an application that allows little. */
  readonly strict: KeyClient;
  readonly web: KeyClient;
  readonly machine: KeyClient;
  /** Gives the fields with which a client authenticates. */
  authenticate(signer: Signer, deviation?: Deviation): Promise<object>;
  /** Sends a request whose answer does not matter, through the door that is walked. */
  sent(ask: Ask): Promise<void>;
  /** Has a script run that fails, and gives the id of its execution. */
  failed(): Promise<string>;
}

/** Gives the fields with which a client authenticates, in the spelling of the generated types. */
export const authenticate: Actors["authenticate"] = async (signer, deviation) => ({
  clientAssertionType: assertionType,
  clientAssertion: await assertionOf(signer, deviation),
});

type Fields = Readonly<Record<string, unknown>>;

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
// JSON web keys have names of their own, which are nobody's to respell.
const verbatim = new Set(["jwks", "hook_context_custom_params"]);

function spelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spelled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const name = snake(key);
      return [name, verbatim.has(name) ? member : spelled(member)];
    }),
  );
}

const json = (value: unknown): HttpRequest => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

const form = (message: unknown): HttpRequest => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(
    Object.entries(message as Record<string, string | undefined>).filter(
      (field): field is [string, string] => field[1] !== undefined,
    ),
  ).toString(),
});

interface RestRule {
  readonly listener: "http" | "admin";
  request(fields: Fields): { path: string } & HttpRequest;
}

const step = (name: "init" | "complete", version: 1 | 2): RestRule => ({
  listener: "http",
  request: ({ idp, ...rest }) => {
    const path = stepPath(String(idp), name);
    return { path: version === 2 ? path : path.replace("/v2/", "/"), ...json(rest) };
  },
});
const posted = (path: string, body: (fields: Fields) => HttpRequest): RestRule => ({
  listener: "http",
  request: (fields) => ({ path, ...body(fields) }),
});

const got = (path: (fields: Fields) => string): RestRule => ({
  listener: "admin",
  request: (fields) => ({ method: "GET", path: path(fields) }),
});
const ofAuthenticator = (verb: "register" | "authenticate" | "deregister"): RestRule => ({
  listener: "http",
  request: ({ authenticator, ...rest }) => ({
    path: `/oauth/v1/authenticators/${authenticator}/${verb}`,
    ...json(rest),
  }),
});
const bare = (method: string, path: (fields: Fields) => string): RestRule => ({
  listener: "http",
  request: (fields) => ({ method, path: path(fields) }),
});
const escaped = (value: unknown): string => encodeURIComponent(String(value));
const userPath = ({ user_id }: Fields, rest: string, version = 4): string =>
  `/oauth/api/v${version}/users/${escaped(user_id)}/${rest}`;
const devicePath = (fields: Fields, rest = ""): string =>
  userPath(fields, `devices/${escaped(fields.device_id)}${rest}`);
const disabling = (what: string): RestRule => ({
  listener: "http",
  request: (fields) => ({ path: devicePath(fields, `/disable${what}`), ...json({}) }),
});
const asked = (path: string): string => `/oauth/api/v4/authenticate/${path}`;
const onPhone = (verb: string): RestRule => posted(`/oauth/v1/mobile-auth/${verb}`, json);
const scriptPath = ({ kind, id, step }: Fields): string =>
  `/admin/v1/scripts/${kind}/${id}/${step}`;

/** The documented REST forms of the methods, written down once more on purpose. */
const restRules: Readonly<Partial<Record<MethodKey, RestRule>>> = {
  initRegistration: step("init", 2),
  completeRegistration: step("complete", 2),
  initRegistrationV1: step("init", 1),
  completeRegistrationV1: step("complete", 1),
  runBackchannel: {
    listener: "http",
    request: ({ idp, ...rest }) => ({ path: backchannelPath(String(idp)), ...json(rest) }),
  },
  issueToken: posted("/oauth/token", form),
  introspectToken: posted("/oauth/api/v2/token/introspect", form),
  revokeToken: posted("/oauth/revoke", form),
  getUserInfo: { listener: "http", request: () => ({ method: "GET", path: "/oauth/v1/userinfo" }) },
  registerDevice: posted("/oauth/register", json),
  listAuthenticators: { ...got(() => "/oauth/v1/authenticators"), listener: "http" },
  registerAuthenticator: ofAuthenticator("register"),
  authenticate: ofAuthenticator("authenticate"),
  deregisterAuthenticator: ofAuthenticator("deregister"),
  getAppConfiguration: bare("GET", () => "/oauth/v1/app-configuration"),
  updateDevice: {
    listener: "http",
    request: (fields) => ({ method: "PATCH", path: "/oauth/v1/device", ...json(fields) }),
  },
  deleteDevice: bare("DELETE", () => "/oauth/v1/device"),
  deleteProfile: bare("DELETE", ({ profile_id }) => `/oauth/v1/profiles/${escaped(profile_id)}`),
  listDevices: bare("GET", (fields) => userPath(fields, "devices")),
  deleteUserDevice: bare("DELETE", devicePath),
  deleteUserDevices: bare("DELETE", (fields) => userPath(fields, "devices")),
  deleteSelectedDevices: {
    listener: "http",
    request: (fields) => ({
      path: userPath(fields, "devices"),
      ...json({ delete: fields.delete }),
    }),
  },
  disableFingerprint: disabling("Fingerprint"),
  disableMobileAuthentication: disabling("MobileAuthentication"),
  disablePushAuthentication: disabling("PushAuthentication"),
  listDeviceAuthenticationTypes: bare("GET", ({ user_id, device_id }) =>
    asked(`user/${escaped(user_id)}/device/${escaped(device_id)}/enabled`),
  ),
  listUserAuthenticationTypes: bare("GET", ({ user_id }) =>
    asked(`user/${escaped(user_id)}/enabled`),
  ),
  startMobileAuthentication: posted(asked("user"), form),
  getMobileAuthentication: bare("GET", ({ transaction_id, ...rest }) => {
    const query = new URLSearchParams(rest as Record<string, string>);
    return `${asked(`transaction/${escaped(transaction_id)}`)}?${query}`;
  }),
  enrol: onPhone("enrol"),
  disenrol: onPhone("disenrol"),
  getEnrolment: bare("GET", () => "/oauth/v1/mobile-auth/enrolment"),
  fetchMessage: onPhone("fetch"),
  respond: onPhone("respond"),
  listTokens: bare("GET", (fields) => userPath(fields, "tokens", 1)),
  deleteToken: bare("DELETE", (fields) =>
    userPath(fields, `tokens/${escaped(fields.token_id)}`, 1),
  ),
  rotateKeys: { ...posted("/admin/v1/keys/rotate", json), listener: "admin" },
  applySetup: {
    listener: "admin",
    request: ({ setup }) => ({ method: "PUT", path: "/admin/v1/setup", ...json(setup) }),
  },
  listScripts: got(() => "/admin/v1/scripts"),
  listScriptVersions: got((fields) => `${scriptPath(fields)}/versions`),
  getScriptVersion: got((fields) => `${scriptPath(fields)}/versions/${fields.version}`),
  activateScriptVersion: {
    listener: "admin",
    request: (fields) => ({
      path: `${scriptPath(fields)}/versions/${fields.version}/activate`,
      ...json({}),
    }),
  },
  checkScript: { ...posted("/admin/v1/scripts/check", json), listener: "admin" },
  listExecutions: got(
    (fields) => `/admin/v1/executions?${new URLSearchParams(fields as Record<string, string>)}`,
  ),
  getExecution: got(({ id }) => `/admin/v1/executions/${id}`),
  replayExecution: {
    listener: "admin",
    request: ({ id, ...rest }) => ({ path: `/admin/v1/executions/${id}/replay`, ...json(rest) }),
  },
  deleteObject: {
    listener: "admin",
    request: ({ kind, id }) => ({ method: "DELETE", path: `/admin/v1/setup/${kind}/${id}` }),
  },
};

/** Sends a request as its documented REST form. */
export function overRest(server: TestServer, { method, message, authorization }: Ask) {
  const rule = restRules[method];
  assert(rule, `${method} has no REST form here`);
  const { path, headers, ...rest } = rule.request(spelled(message) as Fields);
  const credentials = authorization === undefined ? {} : { authorization };
  return send(server[rule.listener] + path, { ...rest, headers: { ...headers, ...credentials } });
}

/** Sends a request to the gRPC listener. */
export async function overGrpc(server: TestServer, { method, message, authorization }: Ask) {
  const definition = definitions.find(({ methods }) => method in methods);
  assert(definition, `there is no method ${method}`);
  const { name, requestType } = definition.methods[method as never] as {
    name: string;
    requestType: { fromPartial(fields: object): never; encode(m: never): { finish(): Uint8Array } };
  };
  const bytes = requestType.encode(requestType.fromPartial(message)).finish();
  const client = rpcClient(server.grpc);
  try {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    return await client.callBytes(`/${definition.fullName}/${name}`, bytes, headers);
  } finally {
    client.close();
  }
}
