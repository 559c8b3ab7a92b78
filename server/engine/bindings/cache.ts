// CACHE: short-lived text that the steps of a flow share.

import type { Json } from "../script.ts";
import { type Answer, answer, type Binding, illegalArgument, type RunWorld } from "../world.ts";

const isText = (value: Json | undefined): value is string => typeof value === "string";

const badKey = illegalArgument("a cache key is text");
const badValue = illegalArgument("a cache value is text");

/** The store's failures are the script's to catch; what they say stays on the host. */
const storeIsDown: Answer = {
  thrown: { javaClass: "java.lang.IllegalStateException", message: "the cache is not available" },
};

/** A store that answers at once costs no suspension, so promises are only awaited where they are. */
const settled = <T>(
  work: () => T | Promise<T>,
  toAnswer: (value: T) => Answer,
  world: RunWorld,
) => {
  const failed = (error: unknown): Answer => {
    if (error instanceof RangeError) return illegalArgument(error.message);
    world.noteUnavailable();
    return storeIsDown;
  };
  try {
    const result = work();
    return result instanceof Promise ? result.then(toAnswer, failed) : toAnswer(result);
  } catch (error) {
    return failed(error);
  }
};

const found = (value: string | null | undefined): Answer => answer(value ?? null);
const done = (): Answer => answer(null);

/**
 * The operations behind CACHE. Lifetimes are cut to whole seconds. The bounds of keys, values and
 * lifetimes are the store's own: its RangeError is an IllegalArgumentException in the script.
 * Source: D-22.
 */
export const cacheBinding: Binding = {
  name: "CACHE",
  operations: {
    "cache.store": ([key, value, ttlSeconds], world) => {
      if (!isText(key)) return badKey;
      if (value === null) return settled(() => world.cache.delete(key), done, world);
      if (!isText(value)) return badValue;
      if (ttlSeconds === null) return settled(() => world.cache.store(key, value), done, world);
      const ttl = Math.trunc(Number(ttlSeconds));
      return settled(() => world.cache.store(key, value, ttl), done, world);
    },
    "cache.fetch": ([key], world) =>
      isText(key) ? settled(() => world.cache.fetch(key), found, world) : badKey,
    "cache.take": ([key], world) =>
      isText(key) ? settled(() => world.cache.take(key), found, world) : badKey,
    "cache.delete": ([key], world) =>
      isText(key) ? settled(() => world.cache.delete(key), done, world) : badKey,
  },
};
