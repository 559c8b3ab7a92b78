// The refusals of MobileDeviceService, method by method.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { ReasonName } from "../../proto/contract.ts";
import { beginProfile } from "../support/authenticators.ts";
import type { KeyClient } from "../support/client.ts";
import { registerPhone } from "../support/client.ts";
import { asHelpdesk } from "../support/end_user.ts";
import { postJson, send } from "../support/http.ts";
import type { Started } from "../support/mobile_portal.ts";
import { start } from "../support/mobile_portal.ts";
import { newPublicKey } from "../support/openpgp_key.ts";
import type { Actors, Ask } from "./doors.ts";
import { newOtp } from "./mobile_otp.ts";
import type { Answered, Row } from "./refusal_answers.ts";
import { answered } from "./refusal_answers.ts";

const as = (status: number, word: string, reason: ReasonName, code: number): Answered => ({
  status,
  word,
  reason,
  code,
});

const said = {
  off: as(403, "mobile_authentication_disabled", "MOBILE_AUTHENTICATION_NOT_OFFERED", 9),
  badKey: as(400, "invalid_key", "KEY_INVALID", 3),
  elsewhere: as(409, "enrolled_elsewhere", "ENROLLED_ELSEWHERE", 9),
  never: as(404, "not_enrolled", "NOT_ENROLLED", 9),
  ended: as(403, "disenrolled", "DISENROLLED", 9),
  unknown: as(404, "transaction_not_found", "MOBILE_TRANSACTION_NOT_FOUND", 5),
  fetched: as(409, "already_fetched", "MOBILE_TRANSACTION_FETCHED", 9),
  answered: as(409, "already_answered", "MOBILE_TRANSACTION_ANSWERED", 9),
  odd: as(400, "not_handleable", "NOT_HANDLEABLE", 9),
  nonsense: as(400, "invalid_answer", "ANSWER_INVALID", 3),
} as const satisfies Record<string, Answered>;

const httpOf = ({ issuer }: KeyClient): string => issuer.replace(/\/oauth$/, "");

/** A user on a phone, for whom a row is prepared over REST. */
interface User {
  readonly phone: KeyClient;
  readonly userId: string;
  readonly authorization: string;
}

let profiles = 0;

/** Registers a user with a profile of the own: what a profile may do so often is counted for each. */
async function userOn(phone: KeyClient, userId = "mona"): Promise<User> {
  const profileId = `M${String(profiles++).padStart(5, "0")}`;
  const { access_token } = await beginProfile(phone, profileId, userId, { scope: ["read"] });
  return { phone, userId, authorization: `Bearer ${access_token}` };
}

async function prepared({ phone, authorization }: User, verb: string, body: object): Promise<void> {
  const url = `${phone.issuer}/v1/mobile-auth/${verb}`;
  const { status, text } = await postJson(url, body, { authorization });
  // Nonsense is refused, and has done its work.
  assert.ok(status < 300 || text.includes("invalid_answer"), text);
}

async function enrolled(phone: KeyClient, userId?: string): Promise<User> {
  const user = await userOn(phone, userId);
  await prepared(user, "enrol", { public_key: await newPublicKey() });
  return user;
}

/** Gives a user whom the help desk has taken the enrolment from. */
async function disenrolled({ phone }: Actors): Promise<User> {
  const user = await enrolled(phone);
  const device = `users/${user.userId}/devices/${phone.clientId}`;
  const url = `${phone.issuer}/api/v4/${device}/disableMobileAuthentication`;
  assert.equal((await send(url, { headers: asHelpdesk })).status, 204);
  return user;
}

/** Gives a user who fetched a transaction, which is answered already or not. */
async function fetcher(
  { phone }: Actors,
  isAnswered = false,
): Promise<{ readonly user: User; readonly started: Started }> {
  const user = await enrolled(phone);
  const started = await start({ http: httpOf(phone) });
  await prepared(user, "fetch", { otp: started.otp });
  const nonsense = { transaction_id: started.id, answer: "AAAA" };
  if (isAnswered) await prepared(user, "respond", nonsense);
  return { user, started };
}

type Message = Ask["message"];
type Method = "enrol" | "disenrol" | "getEnrolment" | "fetchMessage" | "respond";

const by = ({ authorization }: User, method: Method, message: Message): Ask => ({
  method,
  message,
  authorization,
});
const byNobody = (method: Method): Row["ask"] => {
  return () => ({ method, message: {}, authorization: `Bearer ${"A".repeat(64)}` });
};
const byUser =
  (method: Method, message: Message): Row["ask"] =>
  async ({ phone }) =>
    by(await userOn(phone), method, message);
const byEnrolled =
  (method: Method, message: Message): Row["ask"] =>
  async ({ phone }) =>
    by(await enrolled(phone), method, message);
const byStrict =
  (method: Method, message: Message): Row["ask"] =>
  async ({ strict }) =>
    by(await userOn(strict), method, message);
const byDisenrolled =
  (method: Method, message: Message): Row["ask"] =>
  async (actors) =>
    by(await disenrolled(actors), method, message);

const otp = newOtp();
const respond = (more: Message = {}): Message => ({
  transactionId: randomUUID(),
  answer: "AAAA",
  ...more,
});

const enrolments: readonly (readonly [string, Row["ask"], Answered])[] = [
  ["an enrolment by nobody", byNobody("enrol"), answered.noAccessToken],
  ["an enrolment where it is off", byStrict("enrol", { publicKey: "x" }), said.off],
  ["an enrolment without a key", byUser("enrol", {}), answered.malformed],
  ["an enrolment with no key at all", byUser("enrol", { publicKey: "x" }), said.badKey],
  [
    "an enrolment with too long a key",
    byUser("enrol", { publicKey: "x".repeat(65_537) }),
    answered.malformed,
  ],
  [
    "an enrolment on a second device",
    async ({ phone }) => {
      const place = { http: httpOf(phone), issuer: phone.issuer };
      const userId = randomUUID();
      await enrolled(await registerPhone(place, "single"), userId);
      const second = await userOn(await registerPhone(place, "single"), userId);
      return by(second, "enrol", { publicKey: await newPublicKey() });
    },
    said.elsewhere,
  ],
  ["the end of an enrolment by nobody", byNobody("disenrol"), answered.noAccessToken],
  ["a look at an enrolment by nobody", byNobody("getEnrolment"), answered.noAccessToken],
];

const fetches: readonly (readonly [string, Row["ask"], Answered])[] = [
  ["a fetch by nobody", byNobody("fetchMessage"), answered.noAccessToken],
  ["a fetch where it is off", byStrict("fetchMessage", { otp }), said.off],
  ["a fetch of nothing", byEnrolled("fetchMessage", {}), answered.malformed],
  ["a fetch of nonsense", byEnrolled("fetchMessage", { otp: "nonsense" }), said.odd],
  ["a fetch without enrolment", byUser("fetchMessage", { otp }), said.never],
  ["a fetch after an enrolment", byDisenrolled("fetchMessage", { otp }), said.ended],
  ["a fetch with a guess", byEnrolled("fetchMessage", { otp }), said.unknown],
  [
    "a second fetch",
    async (actors) => {
      const { user, started } = await fetcher(actors);
      return by(user, "fetchMessage", { otp: started.otp });
    },
    said.fetched,
  ],
  [
    "a fetch after the answer",
    async (actors) => {
      const { user, started } = await fetcher(actors, true);
      return by(user, "fetchMessage", { otp: started.otp });
    },
    said.answered,
  ],
];

const responses: readonly (readonly [string, Row["ask"], Answered])[] = [
  ["an answer by nobody", byNobody("respond"), answered.noAccessToken],
  ["an answer where it is off", byStrict("respond", respond()), said.off],
  ["an answer to nothing", byEnrolled("respond", { answer: "AAAA" }), answered.malformed],
  ["no answer", byEnrolled("respond", respond({ answer: "" })), answered.malformed],
  ["an answer without enrolment", byUser("respond", respond()), said.never],
  ["an answer after an enrolment", byDisenrolled("respond", respond()), said.ended],
  ["an answer to what nobody asked", byEnrolled("respond", respond()), said.unknown],
  [
    "an answer with the keys of another enrolment",
    async (actors) => {
      const { user, started } = await fetcher(actors);
      await prepared(user, "enrol", { public_key: await newPublicKey() });
      return by(user, "respond", respond({ transactionId: started.id }));
    },
    said.odd,
  ],
  [
    "an answer that is none",
    async (actors) => {
      const { user, started } = await fetcher(actors);
      return by(user, "respond", respond({ transactionId: started.id }));
    },
    said.nonsense,
  ],
  [
    "a second answer",
    async (actors) => {
      const { user, started } = await fetcher(actors, true);
      return by(user, "respond", respond({ transactionId: started.id }));
    },
    said.answered,
  ],
];

/** A row for each refusal that these methods document, but for those that take time to come. */
export const mobileDeviceRefusals: readonly Row[] = [...enrolments, ...fetches, ...responses].map(
  ([name, ask, answer]) => ({ name, ask, ...answer }),
);
