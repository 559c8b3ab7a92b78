// The first durable schema.
import type { CreateTableBuilder, Kysely } from "kysely";
import type { Migration } from "kysely/migration";

// Column types that mean the same in both engines.
type Column = "text" | "bigint" | "integer";

/** Creates the tables of the durable schema with their keys and indexes. */
export const firstMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [name, { columns, key, family }] of Object.entries(tables)) {
      let table: CreateTableBuilder<string, string> = db.schema.createTable(name);
      for (const [column, type] of Object.entries(columns)) {
        const nullable = type.endsWith("?");
        table = table.addColumn(column, type.replace("?", "") as Column, (c) =>
          nullable ? c : c.notNull(),
        );
      }
      table = table.addPrimaryKeyConstraint(`${name}_key`, key as never);
      if (family) {
        table = table.addForeignKeyConstraint(
          `${name}_family`,
          ["family_id"] as never,
          "token_family",
          ["id"],
          (constraint) => constraint.onDelete("cascade"),
        );
      }
      await table.execute();
    }
    for (const [table, ...columns] of indexes) {
      await db.schema
        .createIndex(`${table}_by_${columns.join("_")}`)
        .on(table)
        .columns(columns as never[])
        .execute();
    }
    await (db as Kysely<{ configuration_revision: { id: number; revision: number } }>)
      .insertInto("configuration_revision")
      .values({ id: 1, revision: 0 })
      .execute();
  },
};

const tables: Readonly<
  Record<
    string,
    {
      columns: Readonly<Record<string, Column | `${Column}?`>>;
      key: readonly string[];
      family?: boolean;
    }
  >
> = {
  configuration: {
    columns: {
      kind: "text",
      id: "text",
      document: "text",
      sealed: "text?",
      rev: "bigint",
      updated_at: "bigint",
    },
    key: ["kind", "id"],
  },
  configuration_revision: { columns: { id: "integer", revision: "bigint" }, key: ["id"] },
  script: { columns: { id: "text", live_version: "bigint" }, key: ["id"] },
  script_version: {
    columns: {
      script: "text",
      version: "bigint",
      source: "text",
      sha256: "text",
      author: "text",
      message: "text",
      created_at: "bigint",
    },
    key: ["script", "version"],
  },
  signing_key: {
    columns: {
      kid: "text",
      public_jwk: "text",
      sealed_private: "text",
      created_at: "bigint",
      active_from: "bigint",
      retired_at: "bigint?",
      expires_at: "bigint?",
    },
    key: ["kid"],
  },
  installation: {
    columns: {
      client_id: "text",
      application_id: "text",
      software_version: "text",
      jwks: "text",
      device_name: "text?",
      device_platform: "text?",
      device_model: "text?",
      device_os_version: "text?",
      created_at: "bigint",
      last_seen_at: "bigint?",
    },
    key: ["client_id"],
  },
  assertion_mark: { columns: { id: "text", expires_at: "bigint" }, key: ["id"] },
  token_family: {
    columns: {
      id: "text",
      client_id: "text",
      user_id: "text?",
      profile_id: "text?",
      identity_provider: "text?",
      token_type: "text",
      scope: "text",
      amr: "text",
      user_details: "text?",
      auth_time: "bigint",
      created_at: "bigint",
      revoked_at: "bigint?",
      revoked_reason: "text?",
    },
    key: ["id"],
  },
  access_token: {
    columns: {
      hash: "text",
      family_id: "text",
      scope: "text",
      issued_at: "bigint",
      expires_at: "bigint",
      used_at: "bigint?",
    },
    key: ["hash"],
    family: true,
  },
  refresh_token: {
    columns: {
      hash: "text",
      family_id: "text",
      state: "text",
      successor_hash: "text?",
      access_hash: "text?",
      created_at: "bigint",
      used_at: "bigint?",
      expires_at: "bigint",
    },
    key: ["hash"],
    family: true,
  },
  profile: {
    columns: { client_id: "text", profile_id: "text", user_id: "text", created_at: "bigint" },
    key: ["client_id", "profile_id"],
  },
};

const indexes: readonly (readonly [string, ...string[]])[] = [
  ["assertion_mark", "expires_at"],
  ["token_family", "user_id"],
  ["token_family", "client_id", "profile_id"],
  ["access_token", "expires_at"],
  ["access_token", "family_id"],
  ["refresh_token", "expires_at"],
  ["refresh_token", "family_id"],
  ["refresh_token", "access_hash"],
  ["profile", "user_id"],
];
