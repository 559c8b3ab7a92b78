// The refusals of AuthenticatorService, method by method.

import { authenticated } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { tokensOf } from "../support/client.ts";
import { postJson } from "../support/http.ts";
import { letIn, say } from "../support/usual_setup.ts";
import type { Actors, Ask } from "./doors.ts";
import type { Answered, Row } from "./refusal_answers.ts";
import { answered } from "./refusal_answers.ts";

type Message = Ask["message"];

const said = {
  noUser: { status: 401, word: "invalid_token", reason: "ACCESS_TOKEN_INVALID", code: 16 },
  unknown: {
    status: 404,
    word: "invalid_authenticator",
    reason: "AUTHENTICATOR_NOT_FOUND",
    code: 5,
  },
  off: { status: 403, word: "authenticator_disabled", reason: "AUTHENTICATOR_DISABLED", code: 7 },
  fixed: { status: 409, word: "authenticator_fixed", reason: "AUTHENTICATOR_FIXED", code: 9 },
  stale: {
    status: 403,
    word: "fresh_authentication_required",
    reason: "FRESH_AUTHENTICATION_REQUIRED",
    code: 7,
  },
  already: { status: 409, word: "already_registered", reason: "ALREADY_REGISTERED", code: 6 },
  never: { status: 404, word: "not_registered", reason: "NOT_REGISTERED", code: 5 },
} as const satisfies Record<string, Answered>;

const profileId = "AUTHE1";
const data = letIn("alice");

/** Registers the profile of the rows and gives its access token, a fresh one. */
const begin = async (phone: KeyClient): Promise<string> =>
  tokensOf(await phone.complete("puppet", { data, profile_id: profileId })).access_token;

/** Calls a verb of an authenticator over REST, for what a row needs beforehand. */
async function prepared(actors: Actors, verb: string, body: object, token?: string) {
  const { issuer } = actors.phone;
  const url = `${issuer}/v1/authenticators/voice/${verb}`;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return postJson(url, body, authorization);
}

/** Gives the access token of a login that vouches for nothing. */
async function stale(actors: Actors): Promise<string> {
  await prepared(actors, "register", { data: say(2000) }, await begin(actors.phone));
  const credentials = await authenticated(actors.phone);
  const body = { ...credentials, profile_id: profileId, data: say(2000) };
  return tokensOf(await prepared(actors, "authenticate", body)).access_token;
}

type UserMethod = "listAuthenticators" | "registerAuthenticator" | "deregisterAuthenticator";

const byUser =
  (
    method: UserMethod,
    message: Message,
    token: (actors: Actors) => Promise<string> = ({ phone }) => begin(phone),
  ) =>
  async (actors: Actors): Promise<Ask> => ({
    method,
    message,
    authorization: `Bearer ${await token(actors)}`,
  });

const byPhone =
  (change: Message, isRegistered = false) =>
  async (actors: Actors): Promise<Ask> => {
    const token = await begin(actors.phone);
    if (isRegistered) await prepared(actors, "register", { data: say(2000) }, token);
    const credentials = await actors.authenticate(actors.phone);
    const message = { authenticator: "voice", profileId, data: say(2000), ...credentials };
    return { method: "authenticate", message: { ...message, ...change } };
  };

const named = (authenticator: string, status = 2000): Message => ({
  authenticator,
  data: say(status),
});
const nobody = async (): Promise<string> => "A".repeat(64);
const register = "registerAuthenticator";
const deregister = "deregisterAuthenticator";

const rows: readonly (readonly [string, Row["ask"], Answered])[] = [
  ["a list for nobody", byUser("listAuthenticators", {}, nobody), said.noUser],
  ["a list without a token", () => ({ method: "listAuthenticators", message: {} }), said.noUser],
  ["a registration by nobody", byUser(register, named("voice"), nobody), said.noUser],
  ["a registration with nothing", byUser(register, named("nothing")), said.unknown],
  ["a registration with what is disabled", byUser(register, named("muted")), said.off],
  ["a registration with what is unlisted", byUser(register, named("unlisted")), said.off],
  ["a registration of the PIN", byUser(register, { authenticator: "pin" }), said.fixed],
  ["a registration of the PIN by anybody", byUser(register, named("pin"), stale), said.fixed],
  ["a registration after no fresh login", byUser(register, named("voice"), stale), said.stale],
  ["a registration for the second time", byUser(register, named("voice", 4001)), said.already],
  ["a registration that needs another", byUser(register, named("voice", 4002)), said.never],
  [
    "a registration whose script fails",
    byUser(register, { authenticator: "voice", data: "no JSON" }),
    answered.scriptFailed,
  ],
  [
    "a registration with too much",
    byUser(register, { authenticator: "voice", data: "x".repeat(65_537) }),
    answered.malformed,
  ],
  [
    "a login without authentication",
    () => ({ method: "authenticate", message: { ...named("voice"), profileId } }),
    answered.missing,
  ],
  ["a login with a broken assertion", byPhone({ clientAssertion: "a.b.c" }), answered.rejected],
  [
    "a login by a web application",
    async (actors) => ({
      method: "authenticate",
      message: { ...named("voice"), profileId, ...(await actors.authenticate(actors.web)) },
    }),
    answered.rejected,
  ],
  [
    "a login by a machine",
    async (actors) => ({
      method: "authenticate",
      message: { ...named("voice"), profileId, ...(await actors.authenticate(actors.machine)) },
    }),
    answered.rejected,
  ],
  ["a login with nothing", byPhone({ authenticator: "nothing" }), said.unknown],
  ["a login with what is disabled", byPhone({ authenticator: "muted" }), said.off],
  ["a login with the PIN", byPhone({ authenticator: "pin" }), answered.malformed],
  ["a login with the fingerprint", byPhone({ authenticator: "fingerprint" }), answered.malformed],
  ["a login of no profile", byPhone({ profileId: "" }), answered.noProfile],
  ["a login with what is not registered", byPhone({ authenticator: "shown" }), said.never],
  ["a login with another scope", byPhone({ scope: ["write"] }, true), answered.noScope],
  ["a login that its script calls unknown", byPhone(named("voice", 4002), true), said.never],
  ["a login that its script calls known", byPhone(named("voice", 4001), true), said.already],
  ["a login without a script", byPhone({ data: "no JSON" }, true), answered.scriptFailed],
  ["a deregistration by nobody", byUser(deregister, named("voice"), nobody), said.noUser],
  ["a deregistration from nothing", byUser(deregister, named("nothing")), said.unknown],
  ["a deregistration from the PIN", byUser(deregister, named("pin")), said.fixed],
];

/** A row for each refusal that these methods document, but for versions of apps. */
export const authenticatorRefusals: readonly Row[] = rows.map(([name, ask, answer]) => ({
  name,
  ask,
  ...answer,
}));
