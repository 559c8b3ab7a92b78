// The cache of scripts: texts in the ephemeral store, with the bounds that scripts must keep.
import type { Seconds } from "../core/clock.ts";
import { toMilliseconds } from "../core/clock.ts";
import type { AtOnce, Ephemeral, Space } from "./ephemeral.ts";
import { busy, keyOf } from "./ephemeral.ts";

/** A result that is there at once where the store can do so, and comes later where it cannot. */
export type Soon<T> = T | Promise<T>;

/**
 * What scripts call CACHE: one namespace per deployment, shared by all scripts. A key that has not
 * 1 to 512 characters, a value of more than 64 KiB of UTF-8, or a lifetime that is not a positive,
 * finite number is a RangeError that the script sees. A call throws or rejects with UNAVAILABLE when
 * the store fails, so that a script never takes a failure for a miss. Source: Extension Engine, global
 * CACHE; D-22.
 */
export interface ScriptCache {
  /**
   * Stores a text for `ttlSeconds`, at most 24 hours; without it, for the default. `undefined` is
   * stored as the text "undefined"; null deletes.
   */
  store(key: string, value: string | null | undefined, ttlSeconds?: Seconds): Soon<void>;
  /** Gives the text, or null when there is none. */
  fetch(key: string): Soon<string | null>;
  /** Deletes the text. */
  delete(key: string): Soon<void>;
  /** Gives the text and deletes it, in one atomic step: of several callers one receives it. */
  take(key: string): Soon<string | null>;
}

const keyLimit = 512;
const valueLimitBytes = 64 * 1024;
// A longer life is cut.
const ttlLimitSeconds = 24 * 60 * 60;
const space: Space = "script_cache";

/** Gives the scripts' cache in the ephemeral store. `defaultTtl` is the life of what names none. */
export function openScriptCache(ephemeral: Ephemeral, defaultTtl: Seconds): ScriptCache {
  const { atOnce } = ephemeral;
  /** Does it at once where that is possible, and otherwise by the verb that waits. */
  function soon<T>(now: (verbs: AtOnce) => T | typeof busy, later: () => Promise<T>): Soon<T> {
    const done = atOnce === undefined ? busy : now(atOnce);
    return done === busy ? later() : (done as T);
  }
  const remove = (id: string): Soon<void> =>
    nothing(
      soon(
        (verbs) => verbs.remove(space, id),
        () => ephemeral.remove(space, id),
      ),
    );
  return {
    store(key, value, ttlSeconds = defaultTtl) {
      const id = idOf(key);
      const ttl = ttlOf(ttlSeconds);
      if (value === null) return remove(id);
      const text = String(value);
      if (Buffer.byteLength(text) > valueLimitBytes) {
        throw new RangeError(`a cached value has at most ${valueLimitBytes} bytes`);
      }
      const stored = JSON.stringify(text);
      return soon<void>(
        (verbs) => verbs.put(space, id, stored, ttl),
        () => ephemeral.put(space, id, stored, ttl),
      );
    },
    fetch(key) {
      const id = idOf(key);
      return textOf(
        soon(
          (verbs) => verbs.get(space, id),
          () => ephemeral.get(space, id),
        ),
      );
    },
    delete: (key) => remove(idOf(key)),
    take(key) {
      const id = idOf(key);
      return textOf(
        soon(
          (verbs) => verbs.take(space, id),
          () => ephemeral.take(space, id),
        ),
      );
    },
  };
}

const then = <From, To>(value: Soon<From>, read: (value: From) => To): Soon<To> =>
  value instanceof Promise ? value.then(read) : read(value);

const nothing = (value: Soon<unknown>): Soon<void> => then(value, () => undefined);

// As JSON, since any text of JavaScript may be a value and a store takes Unicode without NUL.
const textOf = (stored: Soon<string | undefined>): Soon<string | null> =>
  then(stored, (text) => (text === undefined ? null : (JSON.parse(text) as string)));

// Any text may be a key; what is stored under is a hash of it.
function idOf(key: string): string {
  if (key === "" || key.length > keyLimit) {
    throw new RangeError(`a cache key has 1 to ${keyLimit} characters`);
  }
  return keyOf(key);
}

function ttlOf(ttl: Seconds): ReturnType<typeof toMilliseconds> {
  if (!Number.isFinite(ttl) || ttl <= 0) {
    throw new RangeError("a cache entry lives for a positive number of seconds");
  }
  return toMilliseconds(Math.min(ttl, ttlLimitSeconds) as Seconds);
}
