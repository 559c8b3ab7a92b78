// The statements of logins with a refresh token.
import type { ExpressionBuilder } from "kysely";
import type { Durable } from "./durable.ts";
import { revocation } from "./revocation.ts";
import type { DurableTables } from "./schema.ts";
import { compileOnce } from "./statement.ts";

/** A profile by its key. */
export interface ProfileKey {
  readonly clientId: string;
  readonly profileId: string;
}

/** A profile that is held until the transaction ends. */
export interface HeldRow {
  readonly user_id: string;
  readonly failures: number;
}

/** Gives the statements, compiled. */
export function loginStatementsOf({ db }: Durable) {
  return {
    // Writing a row as it is holds it: logins of one profile come one after the other.
    hold: compileOnce<ProfileKey, HeldRow>((slots) =>
      db
        .updateTable("profile")
        .set((row) => ({ failures: row.ref("failures") }))
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId)
        .returning(["user_id", "failures"]),
    ),
    // `kept` is 0 when the login sets the counter back, else 1.
    settle: compileOnce<ProfileKey & { kept: number; now: number; limit: number }>((slots) =>
      db
        .updateTable("profile")
        .set((row) => ({ failures: row("failures", "*", slots.kept), last_login_at: slots.now }))
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId)
        .where(hasTriesBeside(slots.limit)),
    ),
    count: compileOnce<ProfileKey & { tokenType: string; now: number; limit: number }>((slots) =>
      db
        .updateTable("profile")
        .set((row) => ({ failures: row("failures", "+", 1) }))
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId)
        .where(hasTriesBeside(slots.limit))
        .where(({ exists }) => exists(guessable(db, slots)))
        .returning(["user_id", "failures"]),
    ),
    findGuessable: compileOnce<ProfileKey & { tokenType: string; now: number }>((slots) =>
      guessable(db, slots),
    ),
    remove: compileOnce<ProfileKey>((slots) =>
      db
        .deleteFrom("profile")
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId),
    ),
    revokeAll: compileOnce<ProfileKey & { reason: string; now: number }>((slots) =>
      revocation(db, slots)
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId),
    ),
    revokeOfType: compileOnce<ProfileKey & { tokenType: string; reason: string; now: number }>(
      (slots) =>
        revocation(db, slots)
          .where("client_id", "=", slots.clientId)
          .where("profile_id", "=", slots.profileId)
          .where("token_type", "=", slots.tokenType),
    ),
    revokeFamily: compileOnce<{ familyId: string; reason: string; now: number }>((slots) =>
      revocation(db, slots).where("id", "=", slots.familyId),
    ),
  };
}

// Whether there is another try after this one; 0 stands for no limit.
const hasTriesBeside = (limit: number) => (row: ExpressionBuilder<DurableTables, "profile">) =>
  row.or([row(row.val(limit), "=", 0), row(row("failures", "+", 1), "<", limit)]);

// Without a token that is still of use nothing can be guessed.
const guessable = (
  db: Durable["db"],
  slots: ProfileKey & { readonly tokenType: string; readonly now: number },
) =>
  db
    .selectFrom("token_family")
    .innerJoin("refresh_token", "refresh_token.family_id", "token_family.id")
    .select("hash")
    .where("client_id", "=", slots.clientId)
    .where("profile_id", "=", slots.profileId)
    .where("token_type", "=", slots.tokenType)
    .where("revoked_at", "is", null)
    .where("state", "=", "active")
    .where("expires_at", ">", slots.now)
    .limit(1);
