// The migrations of the durable schema, and how they run: once each, whoever starts first.
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";
import { Migrator } from "kysely/migration";
import type { SqlEngine } from "./engines/sql_engine.ts";
import { firstMigration } from "./migrations/durable_0001_first.ts";
import { executionsMigration } from "./migrations/durable_0002_executions.ts";
import { authenticatorsMigration } from "./migrations/durable_0003_authenticators.ts";
import { eventsMigration } from "./migrations/durable_0004_events.ts";
import { mobileAuthenticationMigration } from "./migrations/durable_0005_mobile_authentication.ts";

/** Migrations by name; they run in the order of their names. A released one is never changed. */
export type Migrations = Readonly<Record<string, Migration>>;

/** The migrations of the durable schema. */
export const durableMigrations: Migrations = {
  "0001_first": firstMigration,
  "0002_executions": executionsMigration,
  "0003_authenticators": authenticatorsMigration,
  "0004_events": eventsMigration,
  "0005_mobile_authentication": mobileAuthenticationMigration,
};

/**
 * Brings a database to the newest schema of `migrations`, whose state is kept in the tables
 * `<family>` and `<family>_lock`. All of it is one transaction that takes a lock first, so that of
 * several processes which start at once each migration runs in exactly one, and a failed migration
 * leaves nothing. Rejects with UNAVAILABLE when the database does. Source: our decision.
 */
export async function migrate(
  // biome-ignore lint/suspicious/noExplicitAny: migrations work on whatever tables they find
  db: Kysely<any>,
  engine: SqlEngine,
  family: string,
  migrations: Migrations,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const statement of engine.migrationLock) await sql.raw(statement).execute(transaction);
    const schema = await engine.schemaName(transaction);
    const migrator = new Migrator({
      db: transaction,
      provider: { getMigrations: async () => ({ ...migrations }) },
      migrationTableName: family,
      migrationLockTableName: `${family}_lock`,
      ...(schema === undefined ? {} : { migrationTableSchema: schema }),
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  });
}
