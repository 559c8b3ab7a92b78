// Registrations of profiles with authenticators: what was kept, while the profile is there.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { holdProfileIn } from "./profile_hold.ts";
import type { AuthenticatorRegistrationTable } from "./schema.ts";
import { holdSessionIn } from "./session_hold.ts";
import { compileOnce, Unmet } from "./statement.ts";

/** Which authenticator of which profile. */
export interface AuthenticatorHolder {
  readonly clientId: string;
  readonly profileId: string;
  /** The id of the authenticator. */
  readonly authenticator: string;
}

/** A profile that is registered with an authenticator. Source: D-41, SEC-52. */
export interface AuthenticatorRegistration extends AuthenticatorHolder {
  /** New at each registration; what `sealedData` is sealed for. */
  readonly id: string;
  /** What the script wants to see again, sealed; null when it gave nothing. */
  readonly sealedData: string | null;
  readonly createdAt: Milliseconds;
}

/** The registrations. They go with their profile, and when it is registered again. */
export interface AuthenticatorRegistrations {
  /** Gives a registration, or undefined when there is none. */
  find(holder: AuthenticatorHolder): Promise<AuthenticatorRegistration | undefined>;
  /** Gives the registrations of a profile. */
  list(clientId: string, profileId: string): Promise<readonly AuthenticatorRegistration[]>;
  /**
   * Keeps a registration in place of an earlier one, in one atomic step with the demand that its user has
   * the profile and that the family `session`, by which the user came, is not revoked; else "gone", and
   * nothing is written.
   */
  put(
    registration: AuthenticatorRegistration,
    user: { readonly userId: string; readonly session: string },
  ): Promise<"kept" | "gone">;
  /** Drops a registration, whichever it is; false when there was none. Source: D-44. */
  remove(holder: AuthenticatorHolder): Promise<boolean>;
  /** Drops a registration while it has this id, so that a newer one stays; false when it has not. */
  removeIf(holder: AuthenticatorHolder, id: string): Promise<boolean>;
}

/** Gives the registrations in the durable store. */
export function authenticatorRegistrationsIn(durable: Durable): AuthenticatorRegistrations {
  const statement = statementsOf(durable);
  return {
    async find(holder) {
      const [row] = await durable.rows(statement.find(holder));
      return row && registrationOf(row);
    },
    list: async (clientId, profileId) =>
      (await durable.rows(statement.list({ clientId, profileId }))).map(registrationOf),
    async put(registration, user) {
      try {
        await durable.unit([
          { query: statement.holdProfile({ ...registration, ...user }), expect: 1 },
          { query: statement.holdSession({ ...registration, ...user }), expect: 1 },
          { query: statement.put(registration) },
        ]);
        return "kept";
      } catch (error) {
        if (error instanceof Unmet) return "gone";
        throw error;
      }
    },
    remove: async (holder) => (await durable.touched(statement.remove(holder))) === 1,
    removeIf: async (holder, id) =>
      (await durable.touched(statement.removeIf({ ...holder, id }))) === 1,
  };
}

const registrationOf = (row: AuthenticatorRegistrationTable): AuthenticatorRegistration => ({
  clientId: row.client_id,
  profileId: row.profile_id,
  authenticator: row.authenticator,
  id: row.id,
  sealedData: row.sealed_data,
  createdAt: row.created_at as Milliseconds,
});

type ProfileKey = Omit<AuthenticatorHolder, "authenticator">;

const statementsOf = (durable: Durable) => ({ ...findingIn(durable), ...changingIn(durable) });

function findingIn({ db }: Durable) {
  const ofProfile = ({ clientId, profileId }: ProfileKey) =>
    db
      .selectFrom("authenticator_registration")
      .selectAll()
      .where("client_id", "=", clientId)
      .where("profile_id", "=", profileId);
  return {
    find: compileOnce<AuthenticatorHolder, AuthenticatorRegistrationTable>((slots) =>
      ofProfile(slots).where("authenticator", "=", slots.authenticator),
    ),
    list: compileOnce<ProfileKey, AuthenticatorRegistrationTable>((slots) =>
      ofProfile(slots).orderBy("authenticator"),
    ),
  };
}

function changingIn(durable: Durable) {
  const { db } = durable;
  const removal = ({ clientId, profileId, authenticator }: AuthenticatorHolder) =>
    db
      .deleteFrom("authenticator_registration")
      .where("client_id", "=", clientId)
      .where("profile_id", "=", profileId)
      .where("authenticator", "=", authenticator);
  return {
    holdProfile: holdProfileIn(durable),
    holdSession: holdSessionIn(durable),
    put: compileOnce<AuthenticatorRegistration>((slots) =>
      db
        .insertInto("authenticator_registration")
        .values({
          client_id: slots.clientId,
          profile_id: slots.profileId,
          authenticator: slots.authenticator,
          id: slots.id,
          sealed_data: slots.sealedData,
          created_at: slots.createdAt,
        })
        .onConflict((conflict) =>
          conflict.columns(["client_id", "profile_id", "authenticator"]).doUpdateSet((row) => ({
            id: row.ref("excluded.id"),
            sealed_data: row.ref("excluded.sealed_data"),
            created_at: row.ref("excluded.created_at"),
          })),
        ),
    ),
    remove: compileOnce<AuthenticatorHolder>(removal),
    removeIf: compileOnce<AuthenticatorHolder & { id: string }>((slots) =>
      removal(slots).where("id", "=", slots.id),
    ),
  };
}
