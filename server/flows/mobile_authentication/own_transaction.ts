// A transaction as one profile meets it: its own at each state, and none at all when it is another's.
import { Refusal } from "../../core/refusal.ts";
import type { MobileEnrolment } from "../../store/mobile_enrolments.ts";
import type { MobileState, MobileTransaction } from "../../store/mobile_transactions.ts";
import type { World } from "../world.ts";

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells whether a text has the form of a transaction's id: a UUID. */
export const isTransactionId = (text: string): boolean => uuidForm.test(text);

const ends: ReadonlySet<MobileState> = new Set<MobileState>(["confirmed", "denied", "invalid"]);

/** Tells whether the profile of an enrolment fetched a transaction. */
export const isFetchedBy = (
  { clientId, profileId, userId }: MobileTransaction,
  enrolment: MobileEnrolment,
): boolean =>
  clientId === enrolment.clientId &&
  profileId === enrolment.profileId &&
  userId === enrolment.userId;

/**
 * Throws what a transaction that may be spoken of with its caller is no more good for:
 * MOBILE_TRANSACTION_ANSWERED when it ended, else MOBILE_TRANSACTION_EXPIRED. Source: SEC-44, SEC-45.
 */
export function demandOpen({ clock }: World, { state, expiresAt }: MobileTransaction): void {
  if (ends.has(state)) throw new Refusal("MOBILE_TRANSACTION_ANSWERED");
  if (clock.now() >= expiresAt) throw new Refusal("MOBILE_TRANSACTION_EXPIRED");
}

/**
 * Gives bytes of base64 with its padding, as RFC 4648 section 4 has it but for white space, which tools
 * break lines with; undefined for any other text.
 */
export function bytesOf(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
