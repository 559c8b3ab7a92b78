// The holds on profiles, with which everyone begins who writes what hangs on them.
import type { CompiledQuery } from "kysely";
import type { Durable } from "./durable.ts";
import type { Statement } from "./statement.ts";
import { compileOnce } from "./statement.ts";

/** A profile that has to be a user's. */
export interface HeldProfile {
  readonly clientId: string;
  readonly profileId: string;
  readonly userId: string;
}

/**
 * Gives the statement that touches one row while the profile is the user's: writing a row, be it as it is,
 * holds it until the unit ends.
 */
export const holdProfileIn = ({
  db,
}: Durable): ((profile: HeldProfile) => CompiledQuery<unknown>) =>
  compileOnce<HeldProfile>((slots) =>
    db
      .updateTable("profile")
      .set({ user_id: slots.userId })
      .where("client_id", "=", slots.clientId)
      .where("profile_id", "=", slots.profileId)
      .where("user_id", "=", slots.userId),
  );

/**
 * Gives the statements that hold all profiles of a user until their unit ends; none where one unit at a
 * time writes anyway. Several callers take them in one order, so that few wait for each other.
 */
export function holdProfilesIn({ db, skipsLocked }: Durable): (userId: string) => Statement[] {
  if (!skipsLocked) return () => [];
  const hold = compileOnce<{ userId: string }>((slots) =>
    db
      .selectFrom("profile")
      .select("profile_id")
      .where("user_id", "=", slots.userId)
      .orderBy("client_id")
      .orderBy("profile_id")
      .forUpdate(),
  );
  return (userId) => [{ query: hold({ userId }) }];
}
