// The statements of enrolments for mobile authentication.
import type { Durable } from "./durable.ts";
import type { MobileEnrolmentTable } from "./schema.ts";
import { compileOnce } from "./statement.ts";

/** A client on which an enrolment ended. */
export interface ClientRow {
  readonly client_id: string;
}

interface ProfileKey {
  readonly clientId: string;
  readonly profileId: string;
}

interface OnOthers {
  readonly userId: string;
  readonly clientId: string;
  readonly applicationId: string;
}

/** Gives the statements, compiled. */
export function enrolmentStatementsOf({ db }: Durable) {
  return {
    find: compileOnce<ProfileKey, MobileEnrolmentTable>((slots) =>
      db
        .selectFrom("mobile_enrolment")
        .selectAll()
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId),
    ),
    others: compileOnce<OnOthers>((slots) =>
      db
        .selectFrom("mobile_enrolment")
        .select("client_id")
        .where("user_id", "=", slots.userId)
        .where("application_id", "=", slots.applicationId)
        .where("client_id", "<>", slots.clientId)
        .where("revoked_at", "is", null)
        .limit(1),
    ),
    endOthers: compileOnce<OnOthers & { createdAt: number }, ClientRow>((slots) =>
      db
        .updateTable("mobile_enrolment")
        .set({ revoked_at: slots.createdAt })
        .where("user_id", "=", slots.userId)
        .where("application_id", "=", slots.applicationId)
        .where("client_id", "<>", slots.clientId)
        .where("revoked_at", "is", null)
        .returning("client_id"),
    ),
    put: compileOnce<MobileEnrolmentTable>((slots) =>
      db
        .insertInto("mobile_enrolment")
        .values({
          client_id: slots.client_id,
          profile_id: slots.profile_id,
          id: slots.id,
          user_id: slots.user_id,
          application_id: slots.application_id,
          fingerprint: slots.fingerprint,
          created_at: slots.created_at,
          revoked_at: slots.revoked_at,
          public_key: slots.public_key,
        })
        .onConflict((conflict) =>
          conflict.columns(["client_id", "profile_id"]).doUpdateSet((row) => ({
            id: row.ref("excluded.id"),
            user_id: row.ref("excluded.user_id"),
            application_id: row.ref("excluded.application_id"),
            fingerprint: row.ref("excluded.fingerprint"),
            created_at: row.ref("excluded.created_at"),
            revoked_at: row.ref("excluded.revoked_at"),
            public_key: row.ref("excluded.public_key"),
          })),
        ),
    ),
    remove: compileOnce<ProfileKey>((slots) =>
      db
        .deleteFrom("mobile_enrolment")
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId),
    ),
    revoke: compileOnce<{ userId: string; clientId: string; now: number }>((slots) =>
      db
        .updateTable("mobile_enrolment")
        .set({ revoked_at: slots.now })
        .where("user_id", "=", slots.userId)
        .where("client_id", "=", slots.clientId)
        .where("revoked_at", "is", null),
    ),
  };
}
