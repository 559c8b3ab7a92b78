// The statements of an exchange of refresh tokens.
import type { ExpressionBuilder, Kysely } from "kysely";
import { revocation } from "./revocation.ts";
import type { DurableTables } from "./schema.ts";
import type { Statement } from "./statement.ts";
import { compileOnce } from "./statement.ts";

type Database = Kysely<DurableTables>;

/**
 * What the statements are given: hashes, instants in milliseconds, and the scope of the access
 * token.
 */
export interface RotationValues {
  readonly presented: string;
  readonly clientId: string;
  readonly now: number;
  readonly successor: string;
  readonly successorExpiresAt: number;
  readonly access: string;
  readonly accessScope: string;
  readonly accessIssuedAt: number;
  readonly accessExpiresAt: number;
  readonly accessClaims: string | null;
}

const refreshTokens = (db: Database) => db.updateTable("refresh_token");

// Looked up by its id: a list of all families of a client may be long.
const familyLives =
  (clientId: string) =>
  ({ exists, selectFrom }: ExpressionBuilder<DurableTables, "refresh_token">) =>
    exists(
      selectFrom("token_family")
        .select("id")
        .whereRef("id", "=", "refresh_token.family_id")
        .where("client_id", "=", clientId)
        .where("revoked_at", "is", null),
    );

const allOrNothing =
  (...queries: readonly ReturnType<typeof compileOnce<RotationValues>>[]) =>
  (values: RotationValues): Statement[] =>
    queries.map((query) => ({ query: query(values), expect: 1 }));

/** Gives the statements that exchange an active token; the first one changes nothing when it fails. */
export function exchangeIn(db: Database): (values: RotationValues) => Statement[] {
  const spend = compileOnce<RotationValues>((slots) =>
    refreshTokens(db)
      .set({
        state: "used",
        used_at: slots.now,
        successor_hash: slots.successor,
        access_hash: slots.access,
      })
      .where("hash", "=", slots.presented)
      .where("state", "=", "active")
      .where("expires_at", ">", slots.now)
      .where(familyLives(slots.clientId)),
  );
  const addSuccessor = compileOnce<RotationValues>((slots) =>
    db
      .insertInto("refresh_token")
      .columns(["hash", "family_id", "state", "created_at", "expires_at"])
      .expression((on) =>
        on
          .selectFrom("refresh_token")
          .select(({ val, cast }) => [
            cast<string>(val(slots.successor), "text").as("hash"),
            "family_id",
            cast<"active">(val("active"), "text").as("state"),
            cast<number>(val(slots.now), "bigint").as("created_at"),
            cast<number>(val(slots.successorExpiresAt), "bigint").as("expires_at"),
          ])
          .where("hash", "=", slots.presented),
      ),
  );
  return allOrNothing(spend, addSuccessor, addAccessIn(db));
}

/**
 * Gives the statements that repeat an exchange whose answer was lost: they put a new access token in
 * place of the one that nobody used. None of them has changed anything when it fails as the first.
 */
export function repeatIn(db: Database): (values: RotationValues) => Statement[] {
  // Writing a row as it is holds it until the transaction ends, so that what was checked stays true.
  const holdPresented = compileOnce<RotationValues>((slots) =>
    refreshTokens(db)
      .set({ state: "used" })
      .where("hash", "=", slots.presented)
      .where("state", "=", "used")
      .where("successor_hash", "=", slots.successor)
      .where("expires_at", ">", slots.now)
      .where(familyLives(slots.clientId)),
  );
  const holdSuccessor = compileOnce<RotationValues>((slots) =>
    refreshTokens(db)
      .set({ state: "active" })
      .where("hash", "=", slots.successor)
      .where("state", "=", "active")
      .where("expires_at", ">", slots.now),
  );
  const removeUnused = compileOnce<RotationValues>((slots) =>
    db
      .deleteFrom("access_token")
      .where("used_at", "is", null)
      .where("hash", "=", (nested) =>
        nested
          .selectFrom("refresh_token")
          .select("access_hash")
          .where("hash", "=", slots.presented),
      ),
  );
  const nameAccess = compileOnce<RotationValues>((slots) =>
    refreshTokens(db).set({ access_hash: slots.access }).where("hash", "=", slots.presented),
  );
  return allOrNothing(holdPresented, holdSuccessor, removeUnused, nameAccess, addAccessIn(db));
}

const addAccessIn = (db: Database) =>
  compileOnce<RotationValues>((slots) =>
    db
      .insertInto("access_token")
      .columns(["hash", "family_id", "scope", "issued_at", "expires_at", "claims"])
      .expression((on) =>
        on
          .selectFrom("refresh_token")
          .select(({ val, cast }) => [
            cast<string>(val(slots.access), "text").as("hash"),
            "family_id",
            cast<string>(val(slots.accessScope), "text").as("scope"),
            cast<number>(val(slots.accessIssuedAt), "bigint").as("issued_at"),
            cast<number>(val(slots.accessExpiresAt), "bigint").as("expires_at"),
            cast<string | null>(val(slots.accessClaims), "text").as("claims"),
          ])
          .where("hash", "=", slots.presented),
      ),
  );

/** Gives the statement that ends a family after a reuse. */
export const revokeReusedIn = (db: Database) =>
  compileOnce<{ familyId: string; now: number }>((slots) =>
    revocation(db, { now: slots.now, reason: "refresh_reuse" }).where("id", "=", slots.familyId),
  );
