// Tokens: issued, found, used, revoked, and swept away.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { revocation } from "./revocation.ts";
import { compileOnce } from "./statement.ts";
import type { AccessToken, FamilyRow, NewAccessToken, RefreshToken } from "./token_family.ts";
import { familyColumns, familyOf } from "./token_family.ts";
import type { Issue } from "./token_issue.ts";
import { accessRowOf, issueIn } from "./token_issue.ts";
import { sweepStepIn } from "./token_sweep.ts";

/** The tokens. Source: D-13, D-15, D-61, D-62, SEC-21 to SEC-23. */
export interface Tokens {
  /**
   * Writes a family with its tokens in one atomic step. "refused", and nothing is written, when the
   * profile that it registers is another user's, or the installation, profile or registration is not
   * there that it needs. Registering a profile again ends its earlier families ("registered_again") and drops its
   * authenticators.
   */
  issue(issue: Issue): Promise<"issued" | "refused">;
  /** Gives a token that is known, not expired at `now` and not revoked; else undefined. */
  findAccess(hash: string, now: Milliseconds): Promise<AccessToken | undefined>;
  /**
   * Notes the first use of an access token; later ones change nothing, so look at `usedAt` first.
   */
  markUsed(hash: string, now: Milliseconds): Promise<void>;
  /** Gives a refresh token in whatever state, used, expired or revoked; undefined when unknown. */
  findRefresh(hash: string): Promise<RefreshToken | undefined>;
  /**
   * Adds an access token to a family, for clients whose refresh tokens do not rotate; false when
   * the family is revoked or unknown.
   */
  addAccess(familyId: string, access: NewAccessToken): Promise<boolean>;
  /** Ends all tokens of a family; false when it was revoked already or is unknown. */
  revokeFamily(familyId: string, reason: string, now: Milliseconds): Promise<boolean>;
  /** Ends one access token of this client; false when it is unknown or another client's. */
  revokeAccess(hash: string, clientId: string, now: Milliseconds): Promise<boolean>;
  /**
   * Deletes up to 500 each of expired access and refresh tokens, and the families that are left
   * without tokens. Gives the number of deleted tokens. Source: SEC-85.
   */
  sweepStep(now: Milliseconds): Promise<number>;
}

/** Gives the tokens in the durable store. */
export function tokensIn(durable: Durable): Tokens {
  const statement = statementsOf(durable);
  return {
    issue: issueIn(durable),
    sweepStep: sweepStepIn(durable),
    async findAccess(hash, now) {
      const [row] = await durable.rows(statement.findAccess({ hash, now }));
      return row && accessTokenOf(row);
    },
    async markUsed(hash, now) {
      await durable.touched(statement.markUsed({ hash, now }));
    },
    async findRefresh(hash) {
      const [row] = await durable.rows(statement.findRefresh({ hash }));
      return row && refreshTokenOf(row);
    },
    async addAccess(familyId, access) {
      return (await durable.touched(statement.addAccess(accessRowOf(familyId, access)))) === 1;
    },
    async revokeFamily(familyId, reason, now) {
      return (await durable.touched(statement.revokeFamily({ familyId, reason, now }))) === 1;
    },
    async revokeAccess(hash, clientId, now) {
      return (await durable.touched(statement.revokeAccess({ hash, clientId, now }))) === 1;
    },
  };
}

interface AccessRow extends FamilyRow {
  readonly hash: string;
  readonly scope: string;
  readonly issued_at: number;
  readonly expires_at: number;
  readonly used_at: number | null;
  readonly claims: string | null;
}

/** A row of `findRefreshIn`. */
export interface RefreshRow extends FamilyRow {
  readonly hash: string;
  readonly state: "active" | "used";
  readonly successor_hash: string | null;
  readonly created_at: number;
  readonly used_at: number | null;
  readonly expires_at: number;
}

const accessTokenOf = (row: AccessRow): AccessToken => ({
  hash: row.hash,
  scope: row.scope,
  issuedAt: row.issued_at as Milliseconds,
  expiresAt: row.expires_at as Milliseconds,
  usedAt: row.used_at as Milliseconds | null,
  claims: row.claims === null ? undefined : JSON.parse(row.claims),
  family: familyOf(row),
});

/** Reads a refresh token from its row. */
export const refreshTokenOf = (row: RefreshRow): RefreshToken => ({
  hash: row.hash,
  state: row.state,
  successorHash: row.successor_hash,
  createdAt: row.created_at as Milliseconds,
  usedAt: row.used_at as Milliseconds | null,
  expiresAt: row.expires_at as Milliseconds,
  family: familyOf(row),
});

const statementsOf = (durable: Durable) => ({ ...findingIn(durable), ...changingIn(durable) });

/** Gives the statement that finds a refresh token in whatever state. */
export const findRefreshIn = ({ db }: Durable) =>
  compileOnce<{ hash: string }, RefreshRow>((slots) =>
    db
      .selectFrom("refresh_token")
      .innerJoin("token_family", "token_family.id", "refresh_token.family_id")
      .select(["hash", "state", "successor_hash", "refresh_token.created_at", "used_at"])
      .select("expires_at")
      .select(familyColumns)
      .where("hash", "=", slots.hash),
  );

function findingIn(durable: Durable) {
  const { db } = durable;
  return {
    findAccess: compileOnce<{ hash: string; now: number }, AccessRow>((slots) =>
      db
        .selectFrom("access_token")
        .innerJoin("token_family", "token_family.id", "access_token.family_id")
        .select(["hash", "access_token.scope", "issued_at", "expires_at", "used_at", "claims"])
        .select(familyColumns)
        .where("hash", "=", slots.hash)
        .where("expires_at", ">", slots.now)
        .where("revoked_at", "is", null),
    ),
    findRefresh: findRefreshIn(durable),
  };
}

function changingIn({ db }: Durable) {
  return {
    markUsed: compileOnce<{ hash: string; now: number }>((slots) =>
      db
        .updateTable("access_token")
        .set({ used_at: slots.now })
        .where("hash", "=", slots.hash)
        .where("used_at", "is", null),
    ),
    addAccess: compileOnce<ReturnType<typeof accessRowOf>>((slots) =>
      db
        .insertInto("access_token")
        .columns(["hash", "family_id", "scope", "issued_at", "expires_at", "claims"])
        .expression((on) =>
          on
            .selectFrom("token_family")
            .select(({ val, cast }) => [
              cast<string>(val(slots.hash), "text").as("hash"),
              "token_family.id",
              cast<string>(val(slots.scope), "text").as("scope"),
              cast<number>(val(slots.issued_at), "bigint").as("issued_at"),
              cast<number>(val(slots.expires_at), "bigint").as("expires_at"),
              cast<string | null>(val(slots.claims), "text").as("claims"),
            ])
            .where("token_family.id", "=", slots.family_id)
            .where("revoked_at", "is", null),
        ),
    ),
    revokeFamily: compileOnce<{ familyId: string; reason: string; now: number }>((slots) =>
      revocation(db, slots).where("id", "=", slots.familyId),
    ),
    // Its row stays until it is swept, as one that was used: its client did receive it.
    revokeAccess: compileOnce<{ hash: string; clientId: string; now: number }>((slots) =>
      db
        .updateTable("access_token")
        .set((row) => ({
          expires_at: 0,
          used_at: row.fn.coalesce("used_at", row.cast<number>(row.val(slots.now), "bigint")),
        }))
        .where("hash", "=", slots.hash)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom("token_family")
              .select("id")
              .whereRef("id", "=", "access_token.family_id")
              .where("client_id", "=", slots.clientId),
          ),
        ),
    ),
  };
}
