// Removing expired tokens, and families that have none left.
import type { Transaction } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { DurableTables } from "./schema.ts";
import { sweepStep } from "./sweep.ts";

type Tables = Transaction<DurableTables>;

/** Gives `sweepStep` of the tokens. Source: SEC-85. */
export function sweepStepIn(durable: Durable): (now: Milliseconds) => Promise<number> {
  return (now) =>
    durable.transaction(async (db) => {
      // Refresh tokens first: they keep access tokens from being deleted.
      const refresh = await expiredRefresh(db, now, durable.skipsLocked).execute();
      const access = await expiredAccess(db, now, durable.skipsLocked).execute();
      const families = new Set([...refresh, ...access].map((row) => row.family_id));
      if (families.size > 0) await emptyFamilies(db, [...families]).execute();
      return refresh.length + access.length;
    });
}

const expiredRefresh = (db: Tables, now: Milliseconds, skipsLocked: boolean) =>
  db
    .deleteFrom("refresh_token")
    .where("hash", "in", (nested) =>
      nested
        .selectFrom("refresh_token as old")
        .select("old.hash")
        .where("old.expires_at", "<=", now)
        .limit(sweepStep)
        .$if(skipsLocked, (query) => query.forUpdate().skipLocked()),
    )
    .returning("family_id");

// An unused one that a refresh token was exchanged for still tells that its answer was lost: the
// exchange may be repeated as long as the refresh token is there.
const expiredAccess = (db: Tables, now: Milliseconds, skipsLocked: boolean) =>
  db
    .deleteFrom("access_token")
    .where("hash", "in", (nested) =>
      nested
        .selectFrom("access_token as old")
        .select("old.hash")
        .where("old.expires_at", "<=", now)
        .where(({ or, not, exists, eb, selectFrom }) =>
          or([
            eb("old.used_at", "is not", null),
            not(
              exists(
                selectFrom("refresh_token")
                  .select("refresh_token.hash")
                  .whereRef("refresh_token.access_hash", "=", "old.hash"),
              ),
            ),
          ]),
        )
        .limit(sweepStep)
        .$if(skipsLocked, (query) => query.forUpdate().skipLocked()),
    )
    .returning("family_id");

const emptyFamilies = (db: Tables, ids: readonly string[]) =>
  db
    .deleteFrom("token_family")
    .where("id", "in", ids)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("access_token").select("hash").whereRef("family_id", "=", "token_family.id"),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("refresh_token").select("hash").whereRef("family_id", "=", "token_family.id"),
        ),
      ),
    );
