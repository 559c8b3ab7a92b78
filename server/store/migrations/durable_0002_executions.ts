// The records of executions.
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";

// Lists are read by id, as a whole or those of one script; new records are read, and old ones removed,
// by the time at which they were recorded.
const indexes: readonly (readonly string[])[] = [
  ["script", "id"],
  ["recorded_at", "id"],
];

/** Creates the table of execution records with its indexes. Source: D-32. */
export const executionsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("execution")
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("script", "text", (column) => column.notNull())
      .addColumn("version", "bigint", (column) => column.notNull())
      .addColumn("recorded_at", "bigint", (column) => column.notNull())
      .addColumn("failed", "integer", (column) => column.notNull())
      .addColumn("summary", "text", (column) => column.notNull())
      .addColumn("detail", "text", (column) => column.notNull())
      .addColumn("recording", "text")
      .addPrimaryKeyConstraint("execution_key", ["id"])
      .execute();
    for (const columns of indexes) {
      await db.schema
        .createIndex(`execution_by_${columns.join("_")}`)
        .on("execution")
        .columns([...columns])
        .execute();
    }
    // Most do not fail, and so cost nothing here.
    await db.schema
      .createIndex("execution_failed_by_id")
      .on("execution")
      .column("id")
      .where(sql.ref("failed"), "=", sql.lit(1))
      .execute();
  },
};
