// The engines of this room: the scheme of a store's URL picks the row.
import assert from "node:assert/strict";
import type { Clock } from "../../core/clock.ts";
import type { Ephemeral } from "../ephemeral.ts";
import { openSqlEphemeral } from "../ephemeral_sql.ts";
import type { SqlEngine } from "./sql_engine.ts";
import { openSqlite } from "./sqlite.ts";

/** An engine: which URLs are its own, and what it can keep. */
export interface EngineRow {
  readonly name: string;
  /** Schemes of its URLs, without the colon. */
  readonly schemes: readonly string[];
  /** Opens it for durable data; absent when it must not keep any. */
  readonly openSql?: (url: string) => Promise<SqlEngine>;
  /** Opens it for data that expires; `atOnce` asks for what can be done without waiting. */
  readonly openEphemeral: (
    url: string,
    clock: Clock,
    options?: { readonly atOnce?: boolean },
  ) => Promise<Ephemeral>;
}

// The clients of the engines that nobody configured are never loaded.
const openPostgres = async (url: string): Promise<SqlEngine> =>
  (await import("./postgres.ts")).openPostgres(url);

/** All engines. */
export const engines: readonly EngineRow[] = [
  {
    name: "sqlite",
    schemes: ["sqlite"],
    openSql: (url) => openSqlite(url, "FULL"),
    // What expires within minutes may lose its last moment to a power failure, as it may in Redis.
    openEphemeral: async (url, clock, options) =>
      openSqlEphemeral(await openSqlite(url, "NORMAL", options), clock),
  },
  {
    name: "postgres",
    schemes: ["postgres", "postgresql"],
    openSql: openPostgres,
    openEphemeral: async (url, clock) => openSqlEphemeral(await openPostgres(url), clock),
  },
  {
    name: "redis",
    schemes: ["redis", "rediss"],
    openEphemeral: async (url) => (await import("./redis.ts")).openRedisEphemeral(url),
  },
];

/** Gives the engine of a store's URL; an assertion fails when there is none. */
export function engineOf(url: string): EngineRow {
  const scheme = url.slice(0, url.indexOf(":"));
  const row = engines.find((engine) => engine.schemes.includes(scheme));
  assert(row, `no store engine takes a URL with the scheme ${JSON.stringify(scheme)}`);
  return row;
}
