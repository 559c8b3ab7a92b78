// Mobile authentication: enrolments, transactions, callbacks, and the OpenPGP key of the server.
import type { CreateIndexBuilder, Kysely } from "kysely";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Creates the tables of mobile authentication with their indexes. Source: D-52, D-53, D-56. */
export const mobileAuthenticationMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await enrolments(db);
    await transactions(db);
    await callbacks(db);
    await db.schema
      .createTable("open_pgp_key")
      .addColumn("id", "integer", (column) => column.notNull())
      .addColumn("fingerprint", "text", (column) => column.notNull())
      .addColumn("public_key", "text", (column) => column.notNull())
      .addColumn("sealed_private", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("open_pgp_key_key", ["id"])
      .execute();
  },
};

async function enrolments(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("mobile_enrolment")
    .addColumn("client_id", "text", (column) => column.notNull())
    .addColumn("profile_id", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("application_id", "text", (column) => column.notNull())
    .addColumn("fingerprint", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("revoked_at", "bigint")
    .addColumn("public_key", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("mobile_enrolment_key", ["client_id", "profile_id"])
    .addForeignKeyConstraint(
      "mobile_enrolment_profile",
      ["client_id", "profile_id"],
      "profile",
      ["client_id", "profile_id"],
      (constraint) => constraint.onDelete("cascade"),
    )
    .execute();
  await index(db, "mobile_enrolment", ["user_id"]).execute();
}

async function transactions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("mobile_transaction")
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("api_client_id", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("method", "text", (column) => column.notNull())
    .addColumn("callback_uri", "text")
    .addColumn("otp_hash", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("client_id", "text")
    .addColumn("profile_id", "text")
    .addColumn("user_id", "text")
    .addColumn("enrolment_id", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("keep_until", "bigint", (column) => column.notNull())
    .addColumn("answered_at", "bigint")
    // Last, for SQLite reads a row from its front, and this may be megabytes.
    .addColumn("sealed_message", "text")
    .addPrimaryKeyConstraint("mobile_transaction_key", ["id"])
    .execute();
  await index(db, "mobile_transaction", ["keep_until", "id"]).execute();
  await index(db, "mobile_transaction", ["api_client_id"]).execute();
}

// One without a next try was given up. Those to be tried are claimed by their URL, so that a receiver with
// many costs the others nothing.
async function callbacks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("callback")
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("url", "text", (column) => column.notNull())
    .addColumn("transaction_id", "text", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("given_up_at", "bigint")
    .addColumn("last_error", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("callback_key", ["id"])
    .execute();
  await index(db, "callback", ["created_at", "id"]).execute();
  await index(db, "callback", ["url", "created_at", "id"]).execute();
  await index(db, "callback", ["url", "next_at", "id"])
    .where(sql.ref("next_at"), "is not", null)
    .execute();
  await db.schema
    .createIndex("callback_dead_by_created_at")
    .on("callback")
    .columns(["created_at", "id"])
    .where(sql.ref("next_at"), "is", null)
    .execute();
  await index(db, "callback", ["given_up_at"])
    .where(sql.ref("given_up_at"), "is not", null)
    .execute();
}

const index = (
  db: Kysely<unknown>,
  table: string,
  columns: readonly string[],
): CreateIndexBuilder<string> =>
  db.schema
    .createIndex(`${table}_by_${columns.join("_")}`)
    .on(table)
    .columns([...columns]) as CreateIndexBuilder<string>;
