// What one user, client or portal tries with what belongs to another: a row for each attempt.
import { newKey } from "../support/assertions.ts";
import type { KeyClient, Tokens } from "../support/client.ts";
import { basic } from "../support/http.ts";
import { letIn, say, secrets } from "../support/usual_setup.ts";
import type { Message } from "./by_contract.ts";

/** A user on a phone. */
export interface Person {
  readonly phone: KeyClient;
  readonly userId: string;
  readonly profileId: string;
  readonly tokens: Tokens;
}

/** Alice and Bob share a phone, Mallory has another one. */
export interface Cast {
  readonly alice: Person;
  readonly bob: Person;
  readonly mallory: Person;
  /** A token of the web client's own. */
  readonly clientToken: string;
  /** A registration transaction that Alice's phone opened. */
  readonly transaction: string;
  /** A mobile authentication that Alice's phone fetched, as its portal shows it. */
  readonly fetched: { readonly id: string; readonly otp: string };
  /** An OpenPGP key that anybody may enrol. */
  readonly publicKey: string;
  /** Alice's logins, as the portal lists them. */
  readonly aliceTokenIds: readonly string[];
  /** Gives the fields with which a client authenticates. */
  proof(phone: KeyClient): Promise<Message>;
  /** Gives an assertion in the name of the first client, signed by the second. */
  forged(named: KeyClient, signer: KeyClient): Promise<string>;
  /** Gives a right assertion. */
  assertion(phone: KeyClient): Promise<string>;
}

/** One attempt and its fixed answer: the status, and the word of a refusal. */
export interface Attempt {
  readonly method: string;
  readonly name: string;
  readonly send: (cast: Cast) => Promise<{ message: Message; authorization?: string }>;
  readonly status: number;
  readonly word?: string;
}

const unknown = "transaction_not_found";
const bearer = (token: string): string => `Bearer ${token}`;
const helpdesk = basic("helpdesk", secrets.helpdesk);
const portal = basic("portal", secrets.portal);

const attempt = (
  method: string,
  name: string,
  status: number,
  word: string | undefined,
  send: Attempt["send"],
): Attempt => ({ method, name, status, send, ...(word === undefined ? {} : { word }) });

/** Gives the attempt at a call that a forged assertion is tried at. */
const forging = (method: string, message: Message = {}): Attempt =>
  attempt(
    method,
    "an assertion that another phone signed",
    401,
    "invalid_client",
    async (cast) => ({
      message,
      authorization: bearer(await cast.forged(cast.alice.phone, cast.mallory.phone)),
    }),
  );

const withoutUser = (method: string, message: Message = {}): Attempt[] => [
  attempt(method, "no access token", 401, "invalid_token", async () => ({ message })),
  attempt(
    method,
    "a refresh token in place of an access token",
    401,
    "invalid_token",
    async (cast) => ({
      message,
      authorization: bearer(String(cast.alice.tokens.refresh_token)),
    }),
  ),
  attempt(method, "a token without a user", 401, "invalid_token", async (cast) => ({
    message,
    authorization: bearer(cast.clientToken),
  })),
];

const registrations: readonly Attempt[] = [
  attempt(
    "initRegistration",
    "another client's assertion",
    400,
    "invalid_client",
    async (cast) => ({
      message: {
        ...(await cast.proof(cast.alice.phone)),
        client_assertion: await cast.forged(cast.alice.phone, cast.mallory.phone),
        idp: "steps",
        data: say(2000),
      },
    }),
  ),
  attempt(
    "completeRegistration",
    "another phone's transaction",
    400,
    "invalid_transaction",
    async (cast) => ({
      message: {
        ...(await cast.proof(cast.mallory.phone)),
        idp: "steps",
        data: letIn("alice"),
        profile_id: "MALLO2",
        transaction_id: cast.transaction,
      },
    }),
  ),
  attempt(
    "completeRegistration",
    "another user's profile",
    400,
    "invalid_profile",
    async (cast) => ({
      message: {
        ...(await cast.proof(cast.alice.phone)),
        idp: "puppet",
        data: letIn("mallory"),
        profile_id: cast.alice.profileId,
      },
    }),
  ),
  attempt(
    "completeRegistration",
    "the same profile id on another phone",
    200,
    undefined,
    async (cast) => ({
      message: {
        ...(await cast.proof(cast.mallory.phone)),
        idp: "puppet",
        data: letIn("mallory"),
        profile_id: cast.alice.profileId,
      },
    }),
  ),
  attempt(
    "initRegistrationV1",
    "a client that may not use it",
    400,
    "invalid_client",
    async () => ({
      message: { idp: "steps", data: say(2000) },
      authorization: basic("web-locked", secrets["web-locked"]),
    }),
  ),
  attempt(
    "completeRegistrationV1",
    "a phone's transaction",
    400,
    "invalid_transaction",
    async (cast) => ({
      message: { idp: "steps", data: letIn("alice"), transaction_id: cast.transaction },
      authorization: basic("web-v1", secrets["web-v1"]),
    }),
  ),
  attempt(
    "runBackchannel",
    "an API client for something else",
    403,
    "insufficient_permissions",
    async () => ({
      message: { idp: "puppet", data: say(2000) },
      authorization: helpdesk,
    }),
  ),
];

const refresh = async (cast: Cast, who: Person, token: string | undefined, profile: string) => ({
  message: {
    ...(await cast.proof(who.phone)),
    grant_type: "refresh_token",
    refresh_token: token,
    profile_id: profile,
  },
});

const tokens: readonly Attempt[] = [
  attempt("issueToken", "another phone's refresh token and profile", 400, "invalid_grant", (cast) =>
    refresh(cast, cast.mallory, cast.alice.tokens.refresh_token, cast.bob.profileId),
  ),
  attempt(
    "issueToken",
    "another phone's refresh token for the own profile",
    400,
    "invalid_grant",
    (cast) => refresh(cast, cast.mallory, cast.alice.tokens.refresh_token, cast.mallory.profileId),
  ),
  attempt(
    "issueToken",
    "a refresh token of another user of the phone",
    400,
    "invalid_grant",
    (cast) => refresh(cast, cast.bob, cast.alice.tokens.refresh_token, cast.bob.profileId),
  ),
  attempt(
    "issueToken",
    "implicit authentication with another phone's profile",
    400,
    "invalid_grant",
    async (cast) => ({
      message: {
        ...(await cast.proof(cast.mallory.phone)),
        grant_type: "urn:gatewright:oauth2:grant_type:implicit_authentication",
        profile_id: cast.bob.profileId,
      },
    }),
  ),
  attempt(
    "introspectToken",
    "an API client for something else",
    403,
    "insufficient_permissions",
    async (cast) => ({
      message: { token: cast.alice.tokens.access_token },
      authorization: helpdesk,
    }),
  ),
  attempt("revokeToken", "another phone's access token", 200, undefined, async (cast) => ({
    message: {
      ...(await cast.proof(cast.mallory.phone)),
      token: cast.alice.tokens.access_token,
      profile_id: cast.mallory.profileId,
    },
  })),
  attempt(
    "revokeToken",
    "another phone's refresh token and profile",
    200,
    undefined,
    async (cast) => ({
      message: {
        ...(await cast.proof(cast.mallory.phone)),
        token: cast.alice.tokens.refresh_token,
        profile_id: cast.bob.profileId,
        token_type_hint: "refresh_token",
      },
    }),
  ),
  attempt(
    "revokeToken",
    "the web client revokes a phone's token",
    401,
    "invalid_client",
    async (cast) => ({
      message: {
        token: cast.alice.tokens.refresh_token,
        client_id: "web",
        client_secret: "guessed-secret",
      },
    }),
  ),
  ...withoutUser("getUserInfo"),
];

const devices: readonly Attempt[] = [
  attempt(
    "registerDevice",
    "an application that takes none",
    400,
    "invalid_client_metadata",
    async () => ({
      message: { software_id: "closed", jwks: { keys: [(await newKey()).publicJwk] } },
    }),
  ),
  forging("getAppConfiguration"),
  forging("updateDevice", { device_name: "stolen" }),
  forging("deleteDevice"),
  forging("deleteProfile", { profile_id: "ALICE1" }),
  attempt(
    "deleteDevice",
    "an access token in place of an assertion",
    401,
    "invalid_client",
    async (cast) => ({
      message: {},
      authorization: bearer(cast.alice.tokens.access_token),
    }),
  ),
  attempt("deleteProfile", "another phone's profile", 204, undefined, async (cast) => ({
    message: { profile_id: cast.bob.profileId },
    authorization: bearer(await cast.assertion(cast.mallory.phone)),
  })),
  attempt(
    "deleteProfile",
    "another user's profile on the same phone",
    401,
    "invalid_token",
    async (cast) => ({
      message: { profile_id: cast.alice.profileId },
      authorization: bearer(cast.bob.tokens.access_token),
    }),
  ),
  attempt("deleteProfile", "a token without a user", 401, "invalid_token", async (cast) => ({
    message: { profile_id: cast.alice.profileId },
    authorization: bearer(cast.clientToken),
  })),
];

const authenticate = async (cast: Cast, phone: KeyClient, profileId: string) => ({
  message: {
    ...(await cast.proof(phone)),
    authenticator: "voice",
    profile_id: profileId,
    data: say(2000),
  },
});

const authenticators: readonly Attempt[] = [
  ...withoutUser("listAuthenticators"),
  ...withoutUser("registerAuthenticator", { authenticator: "voice", data: say(2000) }),
  ...withoutUser("deregisterAuthenticator", { authenticator: "voice" }),
  attempt(
    "deregisterAuthenticator",
    "another user's registration",
    204,
    undefined,
    async (cast) => ({
      message: { authenticator: "voice" },
      authorization: bearer(cast.bob.tokens.access_token),
    }),
  ),
  attempt(
    "registerAuthenticator",
    "an authenticator that is not there",
    404,
    "invalid_authenticator",
    async (cast) => ({
      message: { authenticator: "telepathy" },
      authorization: bearer(cast.bob.tokens.access_token),
    }),
  ),
  attempt("authenticate", "another phone's profile", 404, "not_registered", (cast) =>
    authenticate(cast, cast.mallory.phone, cast.bob.profileId),
  ),
  attempt(
    "authenticate",
    "a registration of another user of the phone",
    404,
    "not_registered",
    (cast) => authenticate(cast, cast.bob.phone, cast.bob.profileId),
  ),
];

const asUser = ({ tokens: { access_token } }: Person, message: Message) => ({
  message,
  authorization: bearer(access_token),
});
const answerTo = ({ fetched }: Cast): Message => ({ transaction_id: fetched.id, answer: "AAAA" });

/** What users try with Alice's mobile authentication; all are enrolled themselves. */
const mobileDevices: readonly Attempt[] = [
  ...withoutUser("enrol", { public_key: "x" }),
  ...withoutUser("disenrol"),
  ...withoutUser("getEnrolment"),
  ...withoutUser("fetchMessage", { otp: "x" }),
  ...withoutUser("respond", { transaction_id: "x", answer: "AAAA" }),
  attempt("enrol", "the key of another user", 200, undefined, async (cast) =>
    asUser(cast.mallory, { public_key: cast.publicKey }),
  ),
  attempt("fetchMessage", "what another user of the phone fetched", 404, unknown, async (cast) =>
    asUser(cast.bob, { otp: cast.fetched.otp }),
  ),
  attempt("fetchMessage", "what another phone fetched", 404, unknown, async (cast) =>
    asUser(cast.mallory, { otp: cast.fetched.otp }),
  ),
  attempt("respond", "what another user of the phone fetched", 404, unknown, async (cast) =>
    asUser(cast.bob, answerTo(cast)),
  ),
  attempt("respond", "what another phone fetched", 404, unknown, async (cast) =>
    asUser(cast.mallory, answerTo(cast)),
  ),
  attempt("disenrol", "another user's enrolment", 204, undefined, async (cast) =>
    asUser(cast.mallory, {}),
  ),
];

const asksOf = {
  listDeviceAuthenticationTypes: ({ alice }: Cast) => ({
    user_id: alice.userId,
    device_id: alice.phone.clientId,
  }),
  listUserAuthenticationTypes: ({ alice }: Cast) => ({ user_id: alice.userId }),
  startMobileAuthentication: () => ({ type: "login" }),
  getMobileAuthentication: ({ fetched }: Cast) => ({ transaction_id: fetched.id }),
} satisfies Record<string, (cast: Cast) => Message>;

/** What is tried with the bank's mobile authentication of Alice. */
const mobilePortals: readonly Attempt[] = [
  ...Object.entries(asksOf).flatMap(([method, message]) => [
    attempt(method, "an API client for something else", 403, "forbidden", async (cast) => ({
      message: message(cast),
      authorization: helpdesk,
    })),
    attempt(method, "a wrong secret", 401, "invalid_client", async (cast) => ({
      message: message(cast),
      authorization: basic("bank", "guessed-secret"),
    })),
    attempt(method, "the user's own access token", 401, "invalid_client", async (cast) => ({
      message: message(cast),
      authorization: bearer(cast.alice.tokens.access_token),
    })),
  ]),
  attempt("getMobileAuthentication", "another portal's", 404, "not_found", async (cast) => ({
    message: asksOf.getMobileAuthentication(cast),
    authorization: basic("shop", secrets.shop),
  })),
  attempt(
    "startMobileAuthentication",
    "another user by name",
    400,
    "invalid_request",
    async (cast) => ({
      message: { type: "login", user_id: cast.alice.userId },
      authorization: basic("shop", secrets.shop),
    }),
  ),
];

/** An attempt of a portal to reach Alice's things under Mallory's name. */
const misnamed = (method: string, more: (cast: Cast) => Message): Attempt =>
  attempt(method, "another user's", 204, undefined, async (cast) => ({
    message: { user_id: cast.mallory.userId, ...more(cast) },
    authorization: helpdesk,
  }));

const device = (cast: Cast): Message => ({ device_id: cast.alice.phone.clientId });

const endUserMethods = {
  listDevices: () => ({}),
  listTokens: () => ({}),
  deleteUserDevice: device,
  deleteUserDevices: () => ({}),
  deleteSelectedDevices: (cast: Cast) => ({ delete: [cast.alice.phone.clientId] }),
  disableFingerprint: device,
  disableMobileAuthentication: device,
  disablePushAuthentication: device,
  deleteToken: (cast: Cast) => ({ token_id: cast.aliceTokenIds[0] }),
} satisfies Record<string, (cast: Cast) => Message>;

const endUser: readonly Attempt[] = [
  ...Object.entries(endUserMethods).flatMap(([method, more]) => [
    attempt(
      method,
      "an API client for something else",
      403,
      "insufficient_permissions",
      async (cast) => ({
        message: { user_id: "alice", ...more(cast) },
        authorization: portal,
      }),
    ),
    attempt(method, "a wrong secret", 401, "unauthorized", async (cast) => ({
      message: { user_id: "alice", ...more(cast) },
      authorization: basic("helpdesk", "guessed-secret"),
    })),
    attempt(method, "the user's own access token", 401, "unauthorized", async (cast) => ({
      message: { user_id: "alice", ...more(cast) },
      authorization: bearer(cast.alice.tokens.access_token),
    })),
  ]),
  ...(["deleteUserDevice", "deleteSelectedDevices", "deleteToken"] as const).map((method) =>
    misnamed(method, endUserMethods[method]),
  ),
  misnamed("disableFingerprint", device),
  misnamed("disableMobileAuthentication", device),
  attempt(
    "deleteUserDevices",
    "a user whose name only differs by case",
    204,
    undefined,
    async () => ({
      message: { user_id: "ALICE" },
      authorization: helpdesk,
    }),
  ),
  attempt("listDevices", "nobody's", 404, "not_found", async () => ({
    message: { user_id: "nobody" },
    authorization: helpdesk,
  })),
  attempt("listTokens", "nobody's", 404, "not_found", async () => ({
    message: { user_id: "nobody" },
    authorization: helpdesk,
  })),
  attempt("deleteToken", "a login that is not there", 204, undefined, async () => ({
    message: { user_id: "alice", token_id: "00000000-0000-7000-8000-000000000000" },
    authorization: helpdesk,
  })),
  attempt("deleteUserDevice", "a device that is not there", 204, undefined, async () => ({
    message: { user_id: "alice", device_id: "nothing" },
    authorization: helpdesk,
  })),
  attempt(
    "listEvents",
    "an API client for something else",
    403,
    "insufficient_permissions",
    async () => ({
      message: { user_id: "alice" },
      authorization: portal,
    }),
  ),
  attempt("listEvents", "the user's own access token", 401, "unauthorized", async (cast) => ({
    message: { user_id: "alice" },
    authorization: bearer(cast.alice.tokens.access_token),
  })),
];

/** All attempts; none of them may change anything for Alice or Bob. */
export const attempts: readonly Attempt[] = [
  ...registrations,
  ...tokens,
  ...devices,
  ...authenticators,
  ...mobileDevices,
  ...mobilePortals,
  ...endUser,
];
