// A phone fetches the message of a transaction.
import { timingSafeEqual } from "node:crypto";
import type {
  FetchMessageRequest,
  FetchMessageResponse,
} from "../../../gen/gatewright/v1/mobile_auth.ts";
import { Refusal } from "../../core/refusal.ts";
import { readJsonObject } from "../../identity/strict_json.ts";
import type { MobileEnrolment } from "../../store/mobile_enrolments.ts";
import type { MobileTransaction } from "../../store/mobile_transactions.ts";
import type { ProfileUser } from "../authenticators/profile_user.ts";
import type { Ends } from "../events/noted.ts";
import { noted } from "../events/noted.ts";
import { countingFailures } from "../limits.ts";
import type { World } from "../world.ts";
import { hashOneTimePassword, sealedMessageOf } from "./one_time_password.ts";
import { bytesOf, demandOpen, isFetchedBy, isTransactionId } from "./own_transaction.ts";
import { offeredUser, profileKey, standingEnrolment } from "./phone_user.ts";

const wrongPassword = "the one-time password is wrong";
const keysWent = "the enrolled key is of no use any more";
const invalidOtp = "OTP_AUTH_NOT_AUTHENTICATED_INVALID_OTP";
const fetchedAlready = "MOBILE_AUTH_FETCH_FAILED_TRANSACTION_ALREADY_FETCHED";
const noKeys = "MOBILE_AUTH_FETCH_FAILED_NO_USER_CLIENT_KEYS";

const ends: Ends<FetchMessageResponse> = {
  refused: {
    ACCESS_TOKEN_INVALID: "OTP_AUTH_NOT_AUTHENTICATED_INVALID_ACCESS_TOKEN",
    MOBILE_AUTHENTICATION_NOT_OFFERED: "MOBILE_AUTH_DISABLED",
    REQUEST_INVALID: invalidOtp,
    NOT_HANDLEABLE: ({ cause }) => (cause === keysWent ? noKeys : invalidOtp),
    NOT_ENROLLED: noKeys,
    DISENROLLED: noKeys,
    RATE_LIMITED: "MOBILE_AUTH_RATE_LIMITED",
    MOBILE_TRANSACTION_NOT_FOUND: ({ cause }) =>
      cause === wrongPassword ? invalidOtp : "MOBILE_AUTH_FETCH_FAILED_INVALID_TRANSACTION",
    MOBILE_TRANSACTION_ANSWERED: fetchedAlready,
    MOBILE_TRANSACTION_EXPIRED: "MOBILE_AUTH_FETCH_FAILED_TRANSACTION_EXPIRED",
    MOBILE_TRANSACTION_FETCHED: fetchedAlready,
  },
  answered: () => "MOBILE_AUTH_FETCH_SECURED_MESSAGE_FETCHED",
};

/** What a one-time password says, as the portal showed it. */
interface Presented {
  readonly id: string;
  readonly hash: string;
}

const notHandleable = (): never => {
  throw new Refusal("NOT_HANDLEABLE", { detail: "otp is no one-time password of this server" });
};

/** Reads the text that the portal showed. Throws REQUEST_INVALID, NOT_HANDLEABLE. Source: D-51. */
function presentedOf(text: string | undefined): Presented {
  if (!text) throw new Refusal("REQUEST_INVALID", { detail: "otp is missing" });
  const json = readJsonObject(Buffer.from(bytesOf(text) ?? notHandleable()), notHandleable);
  const { transaction_id: id, otp } = json;
  if (typeof id !== "string" || !isTransactionId(id) || typeof otp !== "string") {
    return notHandleable();
  }
  return { id, hash: hashOneTimePassword(otp) };
}

/**
 * Gives the pending transaction of a one-time password. Throws MOBILE_TRANSACTION_NOT_FOUND to whoever has
 * not the right one, or comes after another profile, and its own fixed refusal of each state to all others.
 */
async function pendingFor(
  world: World,
  { id, hash }: Presented,
  enrolment: MobileEnrolment,
): Promise<MobileTransaction> {
  const transaction = await world.store.mobileTransactions.find(id);
  if (!transaction) throw new Refusal("MOBILE_TRANSACTION_NOT_FOUND");
  // Digests of one length.
  if (!timingSafeEqual(Buffer.from(transaction.otpHash), Buffer.from(hash))) {
    throw new Refusal("MOBILE_TRANSACTION_NOT_FOUND", {}, { cause: wrongPassword });
  }
  const isTaken = transaction.state !== "pending";
  if (isTaken && !isFetchedBy(transaction, enrolment)) {
    throw new Refusal("MOBILE_TRANSACTION_NOT_FOUND", {}, { cause: "another profile was first" });
  }
  demandOpen(world, transaction);
  if (isTaken) throw new Refusal("MOBILE_TRANSACTION_FETCHED");
  return transaction;
}

/** Throws why a transaction that was there a moment ago cannot be fetched. */
async function lost(world: World, presented: Presented, user: ProfileUser): Promise<never> {
  await pendingFor(world, presented, await standingEnrolment(world, user));
  const detail = "the profile was enrolled anew; fetch again";
  throw new Refusal("NOT_HANDLEABLE", { detail }, { cause: keysWent });
}

/**
 * Gives the message for the enrolled key, which counts only once the transaction is taken. Throws
 * NOT_HANDLEABLE when that key expired since it was enrolled.
 */
async function encrypted(
  { identity }: World,
  { id, type }: MobileTransaction,
  sealed: string,
  { id: keyId, publicKey, userId }: MobileEnrolment,
): Promise<Uint8Array> {
  const message = identity.sealer.open(sealedMessageOf(id), sealed);
  const text = JSON.stringify({ transaction_id: id, type, message });
  const serverKey = await identity.openPgpKey();
  try {
    return await identity.openPgp.encrypt(text, { id: keyId, publicKey }, serverKey, userId);
  } catch (error) {
    if (!(error instanceof Refusal && error.reason === "KEY_INVALID")) throw error;
    const detail = "the enrolled key has expired; enrol another one";
    throw new Refusal("NOT_HANDLEABLE", { detail }, { cause: keysWent });
  }
}

/** Takes the transaction for the profile and gives its message; of several callers to exactly one. */
async function fetched(
  world: World,
  presented: Presented,
  user: ProfileUser,
  enrolment: MobileEnrolment,
): Promise<FetchMessageResponse> {
  const { store, clock } = world;
  const transaction = await pendingFor(world, presented, enrolment);
  const { id: transactionId, type } = transaction;
  const sealed = await store.mobileTransactions.sealedMessage(transactionId);
  if (sealed === undefined) return lost(world, presented, user);
  // Before it is taken: what fails here costs the user nothing but another try.
  const message = await encrypted(world, transaction, sealed, enrolment);
  const { hash } = presented;
  const now = clock.now();
  const isTaken = await store.mobileTransactions.fetch(transactionId, hash, enrolment, now);
  if (!isTaken) return lost(world, presented, user);
  world.transactionWaits.tell(transactionId);
  return { transactionId, type, message: Buffer.from(message).toString("base64") };
}

/**
 * Gives, once, the message of the transaction that a one-time password names, encrypted to the key of the
 * calling user's enrolment and signed by the server; from then on the transaction is that profile's alone.
 * The checks are in the order of the contract's refusals. A password that is wrong, or of no transaction, is
 * counted against the profile, however many come at once; while these or denials are too many, RATE_LIMITED.
 * Source: product 5.3, D-51 to D-53, SEC-42 to SEC-46.
 */
export const fetchMessage = (
  world: World,
  request: FetchMessageRequest,
  authorization: string | undefined,
): Promise<FetchMessageResponse> =>
  noted(world, ends, {}, async (know) => {
    const user = await offeredUser(world, authorization, know);
    const presented = presentedOf(request.otp);
    know({ transactionId: presented.id });
    const enrolment = await standingEnrolment(world, user);
    const key = profileKey(user);
    world.limits.demand("denials", key);
    return countingFailures(world.limits, "otp_failures", key, async (failed) => {
      try {
        return await fetched(world, presented, user, enrolment);
      } catch (error) {
        const isWrong = error instanceof Refusal && error.reason === "MOBILE_TRANSACTION_NOT_FOUND";
        if (isWrong) failed();
        throw error;
      }
    });
  });
