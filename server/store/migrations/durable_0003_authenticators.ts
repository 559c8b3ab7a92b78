// Profiles that log in again: what they were registered with, wrong PINs, custom authenticators.
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Widens profiles and creates the registrations of custom authenticators. Source: D-41, D-42. */
export const authenticatorsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const profile = db.schema.alterTable("profile");
    await profile.addColumn("scope", "text", (column) => column.notNull().defaultTo("")).execute();
    await profile.addColumn("identity_provider", "text").execute();
    await profile.addColumn("amr", "text", (column) => column.notNull().defaultTo("[]")).execute();
    await profile.addColumn("user_details", "text").execute();
    await profile
      .addColumn("failures", "integer", (column) => column.notNull().defaultTo(0))
      .execute();
    await profile.addColumn("last_login_at", "bigint").execute();
    for (const column of ["scope", "identity_provider", "amr", "user_details"]) {
      await sql`update profile set ${sql.ref(column)} = coalesce((
        select ${sql.ref(`f.${column}`)} from token_family as f
        where f.client_id = profile.client_id and f.profile_id = profile.profile_id
        order by f.created_at desc limit 1), ${sql.ref(column)})`.execute(db);
    }
    await db.schema
      .createTable("authenticator_registration")
      .addColumn("client_id", "text", (column) => column.notNull())
      .addColumn("profile_id", "text", (column) => column.notNull())
      .addColumn("authenticator", "text", (column) => column.notNull())
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("sealed_data", "text")
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("authenticator_registration_key", [
        "client_id",
        "profile_id",
        "authenticator",
      ])
      .addForeignKeyConstraint(
        "authenticator_registration_profile",
        ["client_id", "profile_id"],
        "profile",
        ["client_id", "profile_id"],
        (constraint) => constraint.onDelete("cascade"),
      )
      .execute();
    await db.schema.alterTable("access_token").addColumn("claims", "text").execute();
    await db.schema
      .createIndex("installation_by_application")
      .on("installation")
      .column("application_id")
      .execute();
  },
};
