// A phone answers a transaction.
import type { RespondRequest, RespondResponse } from "../../../gen/gatewright/v1/mobile_auth.ts";
import { JsonFault, readJson } from "../../../proto/strict_json.ts";
import { after } from "../../core/clock.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Json } from "../../identity/strict_json.ts";
import { isJsonObject } from "../../identity/strict_json.ts";
import type { MobileEnrolment } from "../../store/mobile_enrolments.ts";
import type { MobileEnd, MobileTransaction } from "../../store/mobile_transactions.ts";
import type { ProfileUser } from "../authenticators/profile_user.ts";
import { newCallback } from "../callbacks/new_callback.ts";
import type { Ends } from "../events/noted.ts";
import { noted } from "../events/noted.ts";
import type { World } from "../world.ts";
import { bytesOf, demandOpen, isFetchedBy, isTransactionId } from "./own_transaction.ts";
import { offeredUser, profileKey, standingEnrolment } from "./phone_user.ts";

const unknown = "PUSH_AUTH_NOT_AUTHENTICATED_INVALID_TRANSACTION";
const wrongState = "PUSH_AUTH_NOT_AUTHENTICATED_INVALID_STATE";
const noKeys = "PUSH_AUTH_NOT_AUTHENTICATED_NO_USER_CLIENT_KEYS";

const ends: Ends<MobileEnd> = {
  refused: {
    ACCESS_TOKEN_INVALID: "OTP_AUTH_NOT_AUTHENTICATED_INVALID_ACCESS_TOKEN",
    MOBILE_AUTHENTICATION_NOT_OFFERED: "MOBILE_AUTH_DISABLED",
    REQUEST_INVALID: unknown,
    NOT_ENROLLED: noKeys,
    DISENROLLED: noKeys,
    MOBILE_TRANSACTION_NOT_FOUND: unknown,
    MOBILE_TRANSACTION_ANSWERED: wrongState,
    MOBILE_TRANSACTION_EXPIRED: "PUSH_AUTH_NOT_AUTHENTICATED_TRANSACTION_EXPIRED",
    NOT_HANDLEABLE: wrongState,
    RATE_LIMITED: "MOBILE_AUTH_RATE_LIMITED",
    ANSWER_INVALID: "PUSH_AUTH_NOT_AUTHENTICATED_FAILED_TO_DECRYPT_MESSAGE",
  },
  answered: (end) =>
    end === "confirmed" ? "MOBILE_AUTH_AUTHENTICATED" : "MOBILE_AUTH_NOT_AUTHENTICATED",
};

/** Throws REQUEST_INVALID when there is nothing to answer, or no answer. */
function givenOf({ transactionId, answer }: RespondRequest): { id: string; answer: string } {
  if (transactionId && answer) return { id: transactionId, answer };
  const name = transactionId ? "answer" : "transaction_id";
  throw new Refusal("REQUEST_INVALID", { detail: `${name} is missing` });
}

/**
 * Gives the transaction that the calling profile fetched and may answer. Throws MOBILE_TRANSACTION_NOT_FOUND
 * where it is another's or nobody's, the fixed refusal of each state, and NOT_HANDLEABLE when the profile was
 * enrolled anew since: an answer counts with the key that the message was encrypted to. Source: SEC-44,
 * SEC-51.
 */
async function fetchedBy(
  world: World,
  id: string,
  enrolment: MobileEnrolment,
): Promise<MobileTransaction> {
  const found = isTransactionId(id) ? await world.store.mobileTransactions.find(id) : undefined;
  if (!found || found.state === "pending" || !isFetchedBy(found, enrolment)) {
    throw new Refusal("MOBILE_TRANSACTION_NOT_FOUND");
  }
  demandOpen(world, found);
  if (found.enrolmentId === enrolment.id) return found;
  const detail = "the message was fetched with another key than the one that is enrolled now";
  throw new Refusal("NOT_HANDLEABLE", { detail });
}

/** Gives a text as JSON; undefined when it is none. */
function jsonOf(text: string): Json | undefined {
  try {
    return readJson(Buffer.from(text));
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

/** Gives the end that a phone's word means: a yes or a no to this very transaction, or nothing of use. */
function meant(text: string, id: string): MobileEnd {
  const json = jsonOf(text);
  if (!isJsonObject(json)) return "invalid";
  // What says more than this server understands is not taken for half of it.
  const { transaction_id: about, confirmed, ...more } = json;
  const isWhole = about === id && Object.keys(more).length === 0;
  if (!isWhole || typeof confirmed !== "boolean") return "invalid";
  return confirmed ? "confirmed" : "denied";
}

/** Gives the end of an answer. UNAVAILABLE and RATE_LIMITED of the thread say nothing of it, and end nothing. */
async function endOf(
  { identity }: World,
  id: string,
  answer: string,
  { id: keyId, publicKey, userId }: MobileEnrolment,
): Promise<MobileEnd> {
  const message = bytesOf(answer);
  if (!message) return "invalid";
  const serverKey = await identity.openPgpKey();
  const { openPgp } = identity;
  const text = await openPgp.decrypt(message, serverKey, { id: keyId, publicKey }, userId);
  return text === undefined ? "invalid" : meant(text, id);
}

/** Ends a transaction, with its callback in the same step; false when that is not possible any more. */
function keepEnd(
  { store, clock, policy }: World,
  { id, callbackUri }: MobileTransaction,
  { id: enrolmentId }: MobileEnrolment,
  end: MobileEnd,
): Promise<boolean> {
  const now = clock.now();
  const callback = callbackUri === null ? undefined : newCallback(callbackUri, id, now);
  const keepUntil = after(now, policy.resultAge);
  return store.mobileTransactions.answer(id, { enrolmentId, end, now, keepUntil, callback });
}

/** Throws why a transaction that could be answered a moment ago cannot be. */
async function lost(world: World, id: string, user: ProfileUser): Promise<never> {
  await fetchedBy(world, id, await standingEnrolment(world, user));
  throw new Refusal("NOT_HANDLEABLE", { detail: "the enrolment changed meanwhile" });
}

/**
 * Ends the transaction that the calling user's profile fetched, once, by the user's answer: an OpenPGP message
 * to the server, signed with the enrolled key. Anything else in its place ends the transaction too, and is
 * then refused with ANSWER_INVALID. The portal is told in either case. The checks are in the order of the
 * contract's refusals. Denials and invalid answers are counted against the profile, and limit what it may
 * fetch, never its saying no. Source: product 5.3, D-52, D-53, D-56, SEC-44 to SEC-46, SEC-50.
 */
export async function respond(
  world: World,
  request: RespondRequest,
  authorization: string | undefined,
): Promise<RespondResponse> {
  await noted(world, ends, {}, async (know) => {
    const user = await offeredUser(world, authorization, know);
    const { id, answer } = givenOf(request);
    if (isTransactionId(id)) know({ transactionId: id });
    const enrolment = await standingEnrolment(world, user);
    const transaction = await fetchedBy(world, id, enrolment);
    const end = await endOf(world, id, answer, enrolment);
    if (!(await keepEnd(world, transaction, enrolment, end))) return lost(world, id, user);
    world.transactionWaits.tell(id);
    world.callbacks.wake();
    if (end !== "confirmed") world.limits.spend("denials", profileKey(user));
    if (end === "invalid") throw new Refusal("ANSWER_INVALID");
    return end;
  });
  return {};
}
