// Where tests keep data: a fresh, private place in every engine that can be reached.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { randomId } from "../../server/core/id.ts";

/** A place that nobody else uses. */
export interface StorePlace {
  /** URL of the durable store. */
  readonly durable: string;
  /** URL of the ephemeral store. */
  readonly ephemeral: string;
  /** Removes the place with all that is in it. */
  cleanup(): Promise<void>;
}

/** A way to keep data that tests are run with. */
export interface StoreRow {
  readonly name: string;
  /** Schemes of the engines that it is kept in. */
  readonly schemes: readonly string[];
  /** Whether its durable store is in an engine that no earlier row has. */
  readonly ownDurable: boolean;
  /** Whether what expires does so by the clock that the store is given, or by its server's own. */
  readonly expiresBy: "given clock" | "own clock";
  /** Makes a fresh place. */
  open(): Promise<StorePlace>;
  /** Says why the engine cannot be reached, or undefined when it can. */
  unreachable(): Promise<string | undefined>;
}

// The PostgreSQL and the Redis that tests may use.
const postgresUrl = process.env.TEST_POSTGRES_URL ?? "postgres://root@127.0.0.1:5432/test";
const redisUrl = process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379";

const withQuery = (url: string, name: string, value: string): string => {
  const result = new URL(url);
  result.searchParams.set(name, value);
  return result.href;
};

const reasonOf = async (attempt: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message || String(error) : String(error);
  }
};

/** Makes a place in a temporary folder, two SQLite files. */
export async function openSqlitePlace(): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), "gatewright-"));
  return {
    durable: `sqlite:${join(folder, "identity.db")}`,
    ephemeral: `sqlite:${join(folder, "ephemeral.db")}`,
    cleanup: () => rm(folder, { recursive: true, force: true }),
  };
}

async function onPostgres(statement: string): Promise<void> {
  const { default: postgres } = await import("postgres");
  const client = postgres(postgresUrl, { max: 1, connect_timeout: 2, onnotice: () => {} });
  try {
    await client.unsafe(statement);
  } finally {
    await client.end({ timeout: 1 });
  }
}

async function openPostgresPlace(): Promise<StorePlace> {
  const schema = `gatewright_${randomId(9).replaceAll("-", "_").toLowerCase()}`;
  await onPostgres(`create schema "${schema}"`);
  const url = withQuery(postgresUrl, "search_path", schema);
  return {
    durable: url,
    ephemeral: url,
    cleanup: () => onPostgres(`drop schema "${schema}" cascade`),
  };
}

async function onRedis<T>(use: (redis: import("ioredis").Redis) => Promise<T>): Promise<T> {
  const { Redis } = await import("ioredis");
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: 2000,
    retryStrategy: () => null,
  });
  redis.on("error", () => {});
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

async function openRedisPlace(): Promise<StorePlace> {
  const files = await openSqlitePlace();
  const prefix = `gatewright-${randomId(9)}:`;
  return {
    durable: files.durable,
    ephemeral: withQuery(redisUrl, "prefix", prefix),
    async cleanup() {
      await files.cleanup();
      await onRedis(async (redis) => {
        for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 })) {
          if (keys.length > 0) await redis.unlink(keys);
        }
      });
    },
  };
}

/** Gives all ways to keep data; the first needs nothing installed. */
export const storeRows = (): readonly StoreRow[] => [
  {
    name: "SQLite",
    schemes: ["sqlite"],
    ownDurable: true,
    expiresBy: "given clock",
    open: openSqlitePlace,
    unreachable: async () => undefined,
  },
  {
    name: "PostgreSQL",
    schemes: ["postgres"],
    ownDurable: true,
    expiresBy: "given clock",
    open: openPostgresPlace,
    unreachable: () => reasonOf(() => onPostgres("select 1")),
  },
  {
    name: "SQLite and Redis",
    schemes: ["sqlite", "redis"],
    ownDurable: false,
    expiresBy: "own clock",
    open: openRedisPlace,
    unreachable: () => reasonOf(() => onRedis((redis) => redis.ping())),
  },
];

/**
 * Makes a fresh place of a row for a test or hook. Where the engine cannot be reached the test is
 * skipped and says why; under CI it fails instead.
 */
export async function openOrSkip(row: StoreRow, context: Context): Promise<StorePlace> {
  const reason = await row.unreachable();
  if (reason === undefined) return row.open();
  if (process.env.CI === "true") throw new Error(`${row.name} cannot be reached: ${reason}`);
  console.log(`      skipped: ${row.name} cannot be reached (${reason})`);
  return context.skip();
}
