// The hold on the login under which something is written.
import type { CompiledQuery } from "kysely";
import type { Durable } from "./durable.ts";
import { compileOnce } from "./statement.ts";

/** A login of a profile: the id of its token family. */
export interface Session {
  readonly clientId: string;
  readonly profileId: string;
  readonly session: string;
}

/**
 * Gives the statement that touches one row while a login of the profile is not revoked, and holds it as
 * it is until its unit ends. In a unit it comes after the hold on the profile, as everywhere.
 */
export const holdSessionIn = ({ db }: Durable): ((session: Session) => CompiledQuery<unknown>) =>
  compileOnce<Session>((slots) =>
    db
      .updateTable("token_family")
      .set({ client_id: slots.clientId })
      .where("id", "=", slots.session)
      .where("client_id", "=", slots.clientId)
      .where("profile_id", "=", slots.profileId)
      .where("revoked_at", "is", null),
  );
