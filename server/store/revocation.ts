// The end of token families: what was revoked stays as it was.
import type { Kysely } from "kysely";
import type { DurableTables } from "./schema.ts";

/** When families are revoked, and why. */
interface Revocation {
  readonly now: number;
  readonly reason: string;
}

/**
 * Gives the statement that revokes families which are not revoked yet; conditions say which. All their
 * tokens end with them. Source: D-62, SEC-23.
 */
export const revocation = (db: Kysely<DurableTables>, { now, reason }: Revocation) =>
  db
    .updateTable("token_family")
    .set({ revoked_at: now, revoked_reason: reason })
    .where("revoked_at", "is", null);
