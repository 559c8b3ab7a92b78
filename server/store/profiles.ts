// Profiles: one user on one app installation, from registration to its end.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { revocation } from "./revocation.ts";
import type { ProfileTable } from "./schema.ts";
import { compileOnce } from "./statement.ts";

/** One user on one app installation. Source: D-15, D-42. */
export interface Profile {
  readonly clientId: string;
  readonly profileId: string;
  readonly userId: string;
  /** What the registration granted: scope tokens separated by spaces. */
  readonly scope: string;
  readonly identityProvider: string | null;
  /** What the registration's script said of the user. */
  readonly amr: readonly string[];
  readonly userDetails: Readonly<Record<string, unknown>> | null;
  readonly lastLoginAt: Milliseconds | null;
  readonly createdAt: Milliseconds;
}

/** The profiles. They are put by `issue` of the tokens. */
export interface Profiles {
  /** Gives a profile, or undefined when there is none. */
  find(clientId: string, profileId: string): Promise<Profile | undefined>;
  /**
   * Ends a profile in one atomic step: its token families are revoked for `reason`, and it goes with all
   * that hangs on it, such as its authenticators. False when there was none.
   */
  remove(clientId: string, profileId: string, reason: string, now: Milliseconds): Promise<boolean>;
}

/** Gives the profiles in the durable store. */
export function profilesIn(durable: Durable): Profiles {
  const { db } = durable;
  const find = compileOnce<{ clientId: string; profileId: string }, ProfileTable>((slots) =>
    db
      .selectFrom("profile")
      .selectAll()
      .where("client_id", "=", slots.clientId)
      .where("profile_id", "=", slots.profileId),
  );
  return {
    async find(clientId, profileId) {
      const [row] = await durable.rows(find({ clientId, profileId }));
      return row && profileOf(row);
    },
    remove: (clientId, profileId, reason, now) =>
      durable.transaction(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom("profile")
          .where("client_id", "=", clientId)
          .where("profile_id", "=", profileId)
          .executeTakeFirstOrThrow();
        await revocation(transaction, { now, reason })
          .where("client_id", "=", clientId)
          .where("profile_id", "=", profileId)
          .execute();
        return numDeletedRows === 1n;
      }),
  };
}

const profileOf = (row: ProfileTable): Profile => ({
  clientId: row.client_id,
  profileId: row.profile_id,
  userId: row.user_id,
  scope: row.scope,
  identityProvider: row.identity_provider,
  amr: JSON.parse(row.amr),
  userDetails: row.user_details === null ? null : JSON.parse(row.user_details),
  lastLoginAt: row.last_login_at as Milliseconds | null,
  createdAt: row.created_at as Milliseconds,
});
