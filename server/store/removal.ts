// What hangs on a configured object and ends with it, so that another one of its name begins with nothing.
import type { Transaction } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import { revocation } from "./revocation.ts";
import type { DurableTables } from "./schema.ts";

type Ending = (
  transaction: Transaction<DurableTables>,
  id: string,
  now: Milliseconds,
) => Promise<unknown>;

/** By kind; on other kinds hangs nothing. */
const endings: Readonly<Record<string, Ending>> = {
  clients: async (transaction, id, now) => {
    await revocation(transaction, { now, reason: "client_removed" })
      .where("client_id", "=", id)
      .execute();
    await transaction.deleteFrom("mobile_transaction").where("api_client_id", "=", id).execute();
  },
  authenticators: (transaction, id) =>
    transaction.deleteFrom("authenticator_registration").where("authenticator", "=", id).execute(),
};

/**
 * Removes an object with what hangs on it: the tokens of a client and the mobile authentications
 * that it started, the registrations with an authenticator.
 * Source: SEC-85.
 */
export async function removeObject(
  transaction: Transaction<DurableTables>,
  { kind, id }: { readonly kind: string; readonly id: string },
  now: Milliseconds,
): Promise<void> {
  await transaction
    .deleteFrom("configuration")
    .where("kind", "=", kind)
    .where("id", "=", id)
    .execute();
  await endings[kind]?.(transaction, id, now);
}
