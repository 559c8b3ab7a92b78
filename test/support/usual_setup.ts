// The set-up that most journeys share: one application of each sort, one client of each kind, and
// identity providers whose scripts do what the test tells them.
import type { ClientKey } from "./assertions.ts";
import { newKey } from "./assertions.ts";
import type { StartOptions } from "./server.ts";

/** Secrets of the clients that have one, by client id. */
export const secrets = {
  portal: "portal-secret-5f1c",
  viewer: "viewer-secret-93aa",
  admin: "admin-secret-e07b",
  helpdesk: "helpdesk-secret-2b6e",
  bank: "bank-secret-7d40",
  shop: "shop-secret-18ce",
  "web-v1": "web-v1-secret-41d8",
  "web-locked": "web-locked-secret-c2",
} as const;

/** Scripts of the usual identity providers, by file name. */
export const usualScripts: Readonly<Record<string, string>> = {
  // Returns what its payload says, so that each test writes its own outcome.
  "puppet.js": "function execute(payload) { return JSON.parse(payload); }",
  // Shows its arguments to whoever called it.
  "mirror.js": `function execute(a, b, c, d) {
    var shown = [a, b, c, d].map(function (x) { return x === undefined ? "undefined" : x; });
    return { status: 2000, user: { id: "mirrored" }, responsePayload: JSON.stringify(shown) };
  }`,
};

const puppet = "puppet.js";
const mirror = "mirror.js";

const providers = [
  {
    id: "puppet",
    type: "CUSTOM_API_ONE_STEP",
    scripts: { complete: puppet, backchannel: puppet },
  },
  {
    id: "mirror",
    type: "CUSTOM_API_ONE_STEP",
    scripts: { complete: mirror, backchannel: mirror },
  },
  {
    id: "steps",
    type: "CUSTOM_API_TWO_STEP",
    scripts: { init: puppet, complete: puppet, backchannel: puppet },
  },
  { id: "other-steps", type: "CUSTOM_API_TWO_STEP", scripts: { init: puppet, complete: puppet } },
  { id: "mirror-steps", type: "CUSTOM_API_TWO_STEP", scripts: { init: mirror, complete: mirror } },
  { id: "silent", type: "CUSTOM_API_ONE_STEP", scripts: { complete: puppet } },
  { id: "off", type: "CUSTOM_API_ONE_STEP", enabled: false, scripts: { complete: puppet } },
  { id: "unlinked", type: "CUSTOM_API_ONE_STEP", scripts: { complete: puppet } },
];

const authenticators = [
  { id: "voice", scripts: { registration: puppet, authentication: puppet } },
  { id: "shown", scripts: { registration: mirror, authentication: mirror } },
  { id: "muted", enabled: false, scripts: { registration: puppet, authentication: puppet } },
  { id: "unlisted", scripts: { registration: puppet, authentication: puppet } },
  { id: "halves", scripts: { registration: puppet } },
];

const applications = [
  {
    id: "app",
    identity_providers: providers.map(({ id }) => id).filter((id) => id !== "unlinked"),
    scopes: ["read", "write", "openid"],
    default_scopes: ["read"],
    client_scopes: ["ping", "pong"],
    stateless_authentication: true,
    custom_authenticators: authenticators.map(({ id }) => id).filter((id) => id !== "unlisted"),
    implicit_authentication: true,
    implicit_scopes: ["read"],
    mobile_authentication: true,
  },
  {
    id: "strict",
    identity_providers: ["puppet"],
    scopes: ["read"],
    refresh_tokens: false,
  },
  {
    id: "single",
    identity_providers: ["puppet"],
    scopes: ["read"],
    mobile_authentication: true,
    mobile_enrolment: "SINGLE_DEVICE",
  },
  { id: "closed", dynamic_registration: false },
  {
    id: "released",
    name: "Released App",
    identity_providers: ["puppet", "steps", "off"],
    scopes: ["read", "write"],
    default_scopes: ["read"],
    versions: [
      { version: "1.0", status: "DISABLED" },
      { version: "2.0", status: "LOGIN_ONLY" },
      { version: "3.0" },
      { version: "3.0", platform: "ios", status: "DISABLED" },
    ],
  },
];

const clients = (web: ClientKey, machine: ClientKey) => [
  {
    id: "web",
    kind: "static",
    application: "app",
    jwks: { keys: [web.publicJwk] },
    refresh_tokens: true,
  },
  {
    id: "web-v1",
    kind: "static",
    application: "app",
    secret: secrets["web-v1"],
    secret_authentication: true,
  },
  { id: "web-locked", kind: "static", application: "app", secret: secrets["web-locked"] },
  {
    id: "portal",
    kind: "api",
    secret: secrets.portal,
    api_scopes: ["onegini_api_user_registration", "onegini_api_token_introspection"],
  },
  {
    id: "helpdesk",
    kind: "api",
    secret: secrets.helpdesk,
    api_scopes: ["onegini_api_end_user", "onegini_api_events"],
  },
  { id: "viewer", kind: "api", secret: secrets.viewer, api_scopes: ["onegini_api_events"] },
  ...(["bank", "shop"] as const).map((id) => ({
    id,
    kind: "api",
    secret: secrets[id],
    api_scopes: ["onegini_api_mobile_authentication"],
  })),
  { id: "admin", kind: "api", secret: secrets.admin, api_scopes: ["onegini_api_admin"] },
  {
    id: "machine",
    kind: "api",
    jwks: { keys: [machine.publicJwk] },
    api_scopes: [
      "onegini_api_token_introspection",
      "onegini_api_user_registration",
      "onegini_api_mobile_authentication",
    ],
  },
];

/** A callback of the usual set-up, at which nobody listens. */
export const deafCallback = "http://127.0.0.1:9/callback?from=gatewright";

/** Types by what is particular to them: nothing, messages of its own, a short life. */
const mobileAuthentication = {
  callbacks: [{ url: deafCallback }],
  types: [
    { name: "approve", method: "OTP" },
    {
      name: "login",
      method: "OTP",
      messages: { en: "Log in?", nl: "Inloggen?", "pt-br": "Entrar?" },
      callback_required: false,
    },
    {
      name: "short",
      method: "OTP",
      expires_in: "10s",
      max_message_length: 12,
      callback_required: false,
    },
  ],
};

/** The usual set-up, and the keys of its clients that have one. */
export interface UsualSetup {
  readonly setup: {
    readonly applications: readonly object[];
    readonly clients: readonly object[];
    readonly identity_providers: readonly object[];
    readonly authenticators: readonly object[];
    readonly mobile_authentication: {
      readonly callbacks: readonly object[];
      readonly types: readonly object[];
    };
  };
  readonly files: NonNullable<StartOptions["files"]>;
  readonly keys: { readonly web: ClientKey; readonly machine: ClientKey };
}

/** Makes the usual set-up with new keys. */
export async function usualSetup(): Promise<UsualSetup> {
  const keys = { web: await newKey(), machine: await newKey() };
  const setup = {
    applications,
    clients: clients(keys.web, keys.machine),
    identity_providers: providers,
    authenticators,
    mobile_authentication: mobileAuthentication,
  };
  return { setup, files: usualScripts, keys };
}

/** What the puppet is told for a user who is let in. */
export const letIn = (id: string, more: object = {}): string =>
  JSON.stringify({ status: 2000, user: { id, ...more } });

/** What the puppet is told for a status without a user. */
export const say = (status: number, responsePayload?: string): string =>
  JSON.stringify({ status, responsePayload });
