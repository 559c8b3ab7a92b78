// The logins of one profile by their token type, as far as an authenticator stands on them.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { revocation } from "./revocation.ts";
import { compileOnce } from "./statement.ts";

/** Which logins of which profile. */
export interface ProfileLogins {
  readonly clientId: string;
  readonly profileId: string;
  readonly tokenType: string;
}

/** The logins of profiles. Source: D-43. */
export interface ProfileTokens {
  /**
   * Gives when the newest of these logins began that can go on: it is not revoked, and has a refresh
   * token that is neither used nor expired at `now`. Undefined when there is none.
   */
  refreshableSince(logins: ProfileLogins, now: Milliseconds): Promise<Milliseconds | undefined>;
  /** Revokes these logins, all or none; gives how many there were. */
  revoke(logins: ProfileLogins, reason: string, now: Milliseconds): Promise<number>;
}

/** Gives the logins of profiles in the durable store. */
export function profileTokensIn(durable: Durable): ProfileTokens {
  const { db } = durable;
  const since = compileOnce<ProfileLogins & { now: number }, { created_at: number }>((slots) =>
    db
      .selectFrom("token_family")
      .innerJoin("refresh_token", "refresh_token.family_id", "token_family.id")
      .select("token_family.created_at")
      .where("client_id", "=", slots.clientId)
      .where("profile_id", "=", slots.profileId)
      .where("token_type", "=", slots.tokenType)
      .where("revoked_at", "is", null)
      .where("state", "=", "active")
      .where("expires_at", ">", slots.now)
      .orderBy("token_family.created_at", "desc")
      .limit(1),
  );
  const revoke = compileOnce<ProfileLogins & { reason: string; now: number }>((slots) =>
    revocation(db, slots)
      .where("client_id", "=", slots.clientId)
      .where("profile_id", "=", slots.profileId)
      .where("token_type", "=", slots.tokenType),
  );
  return {
    async refreshableSince(logins, now) {
      const [row] = await durable.rows(since({ ...logins, now }));
      return row?.created_at as Milliseconds | undefined;
    },
    revoke: (logins, reason, now) => durable.touched(revoke({ ...logins, reason, now })),
  };
}
