// The cache of scripts: keyv over the ephemeral store, with the bounds that scripts must keep.
import assert from "node:assert/strict";
import { Keyv } from "keyv";
import type { Seconds } from "../core/clock.ts";
import { toMilliseconds } from "../core/clock.ts";
import type { Ephemeral, Space } from "./ephemeral.ts";
import { keyOf } from "./ephemeral.ts";
import { adapterOver } from "./keyv_adapter.ts";

/**
 * What scripts call CACHE: one namespace per deployment, shared by all scripts. A key that has not
 * 1 to 512 characters, a value of more than 64 KiB of UTF-8, or a lifetime that is not a positive,
 * finite number is a RangeError that the script sees. A call rejects with UNAVAILABLE when the
 * store fails, so that a script never takes a failure for a miss. Source: Extension Engine, global
 * CACHE; D-22.
 */
export interface ScriptCache {
  /**
   * Stores a text for `ttlSeconds`, at most 24 hours; without it, for the default. `undefined` is
   * stored as the text "undefined"; null deletes.
   */
  store(key: string, value: string | null | undefined, ttlSeconds?: Seconds): Promise<void>;
  /** Gives the text, or null when there is none. */
  fetch(key: string): Promise<string | null>;
  /** Deletes the text. */
  delete(key: string): Promise<void>;
  /** Gives the text and deletes it, in one atomic step: of several callers one receives it. */
  take(key: string): Promise<string | null>;
}

const keyLimit = 512;
const valueLimitBytes = 64 * 1024;
// A longer life is cut.
const ttlLimitSeconds = 24 * 60 * 60;
const space: Space = "script_cache";
const namespace = "scripts";

/** Gives the scripts' cache in the ephemeral store. `defaultTtl` is the life of what names none. */
export function openScriptCache(ephemeral: Ephemeral, defaultTtl: Seconds): ScriptCache {
  // The store alone decides what has expired, by its own clock. Nobody listens for keyv's errors:
  // that is what makes failed calls reject instead of looking like a miss.
  const adapter = adapterOver(ephemeral, space);
  const keyv = new Keyv<string>({ store: adapter, namespace, checkExpired: false });
  return {
    async store(key, value, ttlSeconds = defaultTtl) {
      const id = idOf(key);
      const ttl = ttlOf(ttlSeconds);
      if (value === null) {
        await keyv.delete(id);
        return;
      }
      const text = String(value);
      if (Buffer.byteLength(text) > valueLimitBytes) {
        throw new RangeError(`a cached value has at most ${valueLimitBytes} bytes`);
      }
      const stored = await keyv.set(id, text, ttl);
      assert(stored, "what keyv does not store rejects");
    },
    fetch: async (key) => (await keyv.get<string>(idOf(key))) ?? null,
    delete: async (key) => {
      await keyv.delete(idOf(key));
    },
    take: async (key) => {
      const taken = await ephemeral.take(space, adapter.keyOf(idOf(key)));
      const entry = await keyv.decode<string>(taken);
      return entry?.value ?? null;
    },
  };
}

// Any text may be a key; what is stored under is a hash of it.
function idOf(key: string): string {
  if (key === "" || key.length > keyLimit) {
    throw new RangeError(`a cache key has 1 to ${keyLimit} characters`);
  }
  return keyOf(key);
}

function ttlOf(ttl: Seconds): number {
  if (!Number.isFinite(ttl) || ttl <= 0) {
    throw new RangeError("a cache entry lives for a positive number of seconds");
  }
  return toMilliseconds(Math.min(ttl, ttlLimitSeconds) as Seconds);
}
