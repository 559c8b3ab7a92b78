// A user's logins that have tokens, as a portal lists and ends them.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { revocation } from "./revocation.ts";
import { compileOnce } from "./statement.ts";

/** A login: a token family with its newest access token. */
export interface UserLogin {
  /** The family. */
  readonly id: string;
  readonly clientId: string;
  /** The application of an app installation; null for other clients. */
  readonly applicationId: string | null;
  readonly deviceName: string | null;
  readonly tokenType: string;
  /** Scope tokens separated by spaces: those of the newest access token. */
  readonly scope: string;
  /** When the newest access token was issued. */
  readonly issuedAt: Milliseconds;
  /** Whether no access token is left that is not expired. */
  readonly isExpired: boolean;
  /** Whether it has an active refresh token that is not expired. */
  readonly refreshes: boolean;
}

/** The logins of users. A user is named by the bytes of the id. Source: D-63, SEC-84. */
export interface UserTokens {
  /**
   * Gives the logins of a user that are not revoked and can still be used, newest first, up to `limit`.
   * Where all access tokens of one are swept away, its own beginning and scopes stand for theirs.
   */
  list(userId: string, now: Milliseconds, limit: number): Promise<readonly UserLogin[]>;
  /**
   * Revokes a login of a user for `reason`. "foreign", and nothing happens, when it is another's;
   * "unknown" when there is none, or it was revoked before.
   */
  revoke(
    userId: string,
    familyId: string,
    reason: string,
    now: Milliseconds,
  ): Promise<"revoked" | "foreign" | "unknown">;
}

/** Gives the logins in the durable store. */
export function userTokensIn(durable: Durable): UserTokens {
  const statement = statementsOf(durable);
  return {
    async list(userId, now, limit) {
      return (await durable.rows(statement.list({ userId, now, limit }))).map(loginOf);
    },
    async revoke(userId, familyId, reason, now) {
      const revoked = await durable.touched(statement.revoke({ userId, familyId, reason, now }));
      if (revoked === 1) return "revoked";
      const [family] = await durable.rows(statement.owner({ familyId }));
      return family && family.user_id !== userId ? "foreign" : "unknown";
    },
  };
}

interface LoginRow {
  readonly id: string;
  readonly client_id: string;
  readonly application_id: string | null;
  readonly device_name: string | null;
  readonly token_type: string;
  readonly scope: string;
  readonly issued_at: number;
  readonly is_live: number;
  readonly refreshes: number;
}

const loginOf = (row: LoginRow): UserLogin => ({
  id: row.id,
  clientId: row.client_id,
  applicationId: row.application_id,
  deviceName: row.device_name,
  tokenType: row.token_type,
  scope: row.scope,
  issuedAt: row.issued_at as Milliseconds,
  isExpired: row.is_live === 0,
  refreshes: row.refreshes === 1,
});

function statementsOf({ db }: Durable) {
  // Every access token of the user's families, numbered from the newest of its family.
  const ranked = (slots: { userId: string; now: number }) =>
    db
      .selectFrom("token_family as family")
      .leftJoin("access_token as token", "token.family_id", "family.id")
      .select(["family.id", "family.client_id", "family.token_type"])
      .select(({ fn }) => [
        fn.coalesce("token.scope", "family.scope").as("scope"),
        fn.coalesce("token.issued_at", "family.created_at").as("issued_at"),
        fn
          .agg<number>("row_number")
          .over((over) =>
            over
              .partitionBy("family.id")
              .orderBy("token.issued_at", "desc")
              .orderBy("token.hash", "desc"),
          )
          .as("rank"),
        fn
          .coalesce(
            fn.max<number | null>("token.expires_at").over((over) => over.partitionBy("family.id")),
            (eb) => eb.lit(0),
          )
          .as("lives_until"),
      ])
      .select(({ case: when, exists, selectFrom, lit }) =>
        when()
          .when(
            exists(
              selectFrom("refresh_token")
                .select("hash")
                .whereRef("family_id", "=", "family.id")
                .where("state", "=", "active")
                .where("expires_at", ">", slots.now),
            ),
          )
          .then(lit(1))
          .else(lit(0))
          .end()
          .as("refreshes"),
      )
      .where("family.user_id", "=", slots.userId)
      .where("family.revoked_at", "is", null)
      .as("login");
  return {
    list: compileOnce<{ userId: string; now: number; limit: number }, LoginRow>((slots) =>
      db
        .selectFrom(ranked(slots))
        .leftJoin("installation", "installation.client_id", "login.client_id")
        .select(["login.id", "login.client_id", "application_id", "device_name"])
        .select(["login.token_type", "login.scope", "login.issued_at", "login.refreshes"])
        .select(({ case: when, lit }) =>
          when().when("lives_until", ">", slots.now).then(lit(1)).else(lit(0)).end().as("is_live"),
        )
        .where("rank", "=", 1)
        .where(({ or, eb }) => or([eb("lives_until", ">", slots.now), eb("refreshes", "=", 1)]))
        .orderBy("login.issued_at", "desc")
        .orderBy("login.id", "desc")
        .limit(slots.limit),
    ),
    revoke: compileOnce<{ userId: string; familyId: string; reason: string; now: number }>(
      (slots) =>
        revocation(db, slots).where("id", "=", slots.familyId).where("user_id", "=", slots.userId),
    ),
    owner: compileOnce<{ familyId: string }, { user_id: string | null }>((slots) =>
      db.selectFrom("token_family").select("user_id").where("id", "=", slots.familyId),
    ),
  };
}
