// A transaction as the portal that started it sees it.
import type {
  GetMobileAuthenticationResponse,
  NotAuthenticatedReason,
} from "../../../gen/gatewright/v1/mobile_auth.ts";
import type { Milliseconds } from "../../core/clock.ts";
import type { MobileEnd, MobileTransaction } from "../../store/mobile_transactions.ts";
import type { Client } from "../client.ts";
import type { World } from "../world.ts";
import { methodOf } from "./methods.ts";
import { isTransactionId } from "./own_transaction.ts";

/** What a portal sees of a transaction. */
export type PortalView =
  | { readonly state: "pending" | "fetched"; readonly expiresAt: Milliseconds }
  | { readonly state: "expired" }
  | { readonly state: "answered"; readonly result: GetMobileAuthenticationResponse };

/** Why an end is no authentication; undefined for one that is. Source: product 5.2. */
const reasons: Readonly<Record<MobileEnd, NotAuthenticatedReason | undefined>> = {
  confirmed: undefined,
  denied: { reason: "not_accepted", description: "The user denied the request" },
  invalid: { reason: "invalid_answer", description: "The answer of the phone was invalid" },
};

const resultOf = (
  { id, callbackUri, createdAt, userId, method }: MobileTransaction,
  end: MobileEnd,
): GetMobileAuthenticationResponse => ({
  callbackUri: callbackUri ?? undefined,
  transactionId: id,
  timestamp: createdAt,
  userId: userId ?? "",
  isAuthenticated: end === "confirmed",
  authenticationMethod: methodOf(method).shownAs,
  notAuthenticatedReason: reasons[end],
});

/**
 * Gives what a portal sees of a transaction at this moment; undefined when there is none of this id, when it
 * is another API client's, or when its result is no longer kept: nobody can tell these apart.
 * Source: D-55, SEC-44.
 */
export async function portalView(
  world: Pick<World, "clock" | "store">,
  { id: apiClientId }: Pick<Client, "id">,
  transactionId: string,
): Promise<PortalView | undefined> {
  // What cannot be one is not looked for: a store might not take it as text.
  if (!isTransactionId(transactionId)) return undefined;
  const transaction = await world.store.mobileTransactions.find(transactionId);
  const now = world.clock.now();
  if (transaction?.apiClientId !== apiClientId || now >= transaction.keepUntil) return undefined;
  const { state, expiresAt } = transaction;
  if (state !== "pending" && state !== "fetched") {
    return { state: "answered", result: resultOf(transaction, state) };
  }
  return now >= expiresAt ? { state: "expired" } : { state, expiresAt };
}
