// Redis or Valkey through ioredis: the seven verbs as single commands, or scripts of a few lines.
import assert from "node:assert/strict";
import { Redis } from "ioredis";
import type { Ephemeral, Space } from "../ephemeral.ts";
import { wholeTtl } from "../ephemeral.ts";
import { unavailable } from "../unavailable.ts";
import { checkTexts } from "./sql_engine.ts";

const connectTimeoutMs = 3000;
const commandTimeoutMs = 2000;
const longestRetryMs = 1000;
const defaultPrefix = "gatewright:";

// A value is replaced only while it is what the caller saw, and keeps its remaining life.
const replaceScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1`;

// A counter gets its life with its first count.
const incrementScript = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count`;

/**
 * Opens `redis://` or `rediss://` with the database number as its path; `?prefix=` replaces the
 * prefix of all keys, `gatewright:`. Lifetimes are measured by the server's clock. Rejects with
 * UNAVAILABLE when the server does not answer, and with an assertion when it would evict entries
 * before their time: when `maxmemory` is set and `maxmemory-policy` is not `noeviction`. Source:
 * our decision.
 */
export async function openRedisEphemeral(url: string): Promise<Ephemeral> {
  const address = new URL(url);
  const prefix = address.searchParams.get("prefix") ?? defaultPrefix;
  address.search = "";
  const redis = new Redis(address.href, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    // A command whose answer was lost may have happened, so none is ever sent twice.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(50 * 2 ** times, longestRetryMs),
  });
  // Every failed command rejects; without a listener the same error would end the process as well.
  redis.on("error", () => {});
  try {
    await redis.connect();
    checkMemory(await redis.info("memory"));
  } catch (error) {
    redis.disconnect();
    throw unavailable(error);
  }
  return verbsOver(redis, prefix);
}

function checkMemory(info: string): void {
  const fields = new Map(
    info.split(/\r?\n/).map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const limited = Number(fields.get("maxmemory") ?? 0) > 0;
  assert(
    !limited || fields.get("maxmemory_policy") === "noeviction",
    "Redis evicts entries before their time: set its maxmemory-policy to noeviction",
  );
}

function verbsOver(redis: Redis, prefix: string): Ephemeral {
  const at = (space: Space, key: string): string => {
    checkTexts([key]);
    return `${prefix}${space}:${key}`;
  };
  let closed = false;
  const call = async <T>(send: () => Promise<T>): Promise<T> => {
    assert(!closed, "the store was closed");
    try {
      return await send();
    } catch (error) {
      throw unavailable(error);
    }
  };
  return {
    put: async (space, key, value, ttl) => {
      const life = wholeTtl(ttl);
      await call(() => redis.set(at(space, key), value, "PX", life));
    },
    get: async (space, key) => (await call(() => redis.get(at(space, key)))) ?? undefined,
    putIfAbsent: async (space, key, value, ttl) => {
      const life = wholeTtl(ttl);
      return (await call(() => redis.set(at(space, key), value, "PX", life, "NX"))) === "OK";
    },
    take: async (space, key) => (await call(() => redis.getdel(at(space, key)))) ?? undefined,
    replace: async (space, key, from, to) =>
      (await call(() => redis.eval(replaceScript, 1, at(space, key), from, to))) === 1,
    increment: async (space, key, ttl) => {
      const life = wholeTtl(ttl);
      return Number(await call(() => redis.eval(incrementScript, 1, at(space, key), life)));
    },
    remove: async (space, key) => (await call(() => redis.del(at(space, key)))) === 1,
    // The server removes what has expired.
    sweep: () => call(async () => 0),
    ping: async () => {
      await call(() => redis.ping());
    },
    [Symbol.asyncDispose]: async () => {
      closed = true;
      redis.disconnect();
    },
  };
}
