// CACHE in a map, with the laws that scripts rely on.
import type { ScriptCachePort } from "../../../server/engine/world.ts";

const defaultTtlSeconds = 300;

/** Opens an empty cache; entries end on the second of their lifetime. */
export const mapCache = (): ScriptCachePort => {
  const entries = new Map<string, { value: string; end: number }>();
  const fetch = (key: string): string | null => {
    const entry = entries.get(key);
    return entry !== undefined && entry.end > Date.now() ? entry.value : null;
  };
  return {
    fetch,
    store(key, value, ttlSeconds = defaultTtlSeconds) {
      entries.set(key, { value, end: Date.now() + ttlSeconds * 1_000 });
    },
    delete(key) {
      entries.delete(key);
    },
    take(key) {
      const value = fetch(key);
      entries.delete(key);
      return value;
    },
  };
};
