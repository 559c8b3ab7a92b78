// Events, and the chain that they form.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const indexes: readonly (readonly string[])[] = [
  ["occurred_at", "seq"],
  ["user_key", "seq"],
  ["client_id", "seq"],
  ["type", "occurred_at", "seq"],
  ["transaction_id", "seq"],
];

/** Creates the events and the two ends of their chain. Source: D-63, SEC-77. */
export const eventsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("event")
      .addColumn("seq", "bigint", (column) => column.notNull())
      .addColumn("occurred_at", "bigint", (column) => column.notNull())
      .addColumn("type", "text", (column) => column.notNull())
      .addColumn("user_key", "text")
      .addColumn("client_id", "text")
      .addColumn("transaction_id", "text")
      .addColumn("body", "text", (column) => column.notNull())
      .addColumn("mac", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("event_key", ["seq"])
      .execute();
    for (const columns of indexes) {
      await db.schema
        .createIndex(`event_by_${columns.join("_")}`)
        .on("event")
        .columns([...columns])
        .execute();
    }
    await db.schema
      .createTable("event_chain")
      .addColumn("id", "integer", (column) => column.notNull())
      .addColumn("last_seq", "bigint", (column) => column.notNull())
      .addColumn("last_mac", "text", (column) => column.notNull())
      .addColumn("removed_seq", "bigint", (column) => column.notNull())
      .addColumn("removed_mac", "text", (column) => column.notNull())
      .addColumn("seal", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("event_chain_key", ["id"])
      .execute();
    await (db as Kysely<{ event_chain: Record<string, number | string> }>)
      .insertInto("event_chain")
      .values({ id: 1, last_seq: 0, last_mac: "", removed_seq: 0, removed_mac: "", seal: "" })
      .execute();
  },
};
