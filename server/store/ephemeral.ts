// The ephemeral store: what expires, behind seven verbs that each decide in one atomic step.
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import type { Milliseconds } from "../core/clock.ts";

/** The keyspaces. A space never sees the keys of another. */
export const spaces = ["registration_transaction", "script_cache", "rate_limit", "jwks"] as const;

/** One of the keyspaces. */
export type Space = (typeof spaces)[number];

/**
 * The open ephemeral store. Keys are compared byte for byte. Nothing expired is ever seen: an entry
 * ends when its `ttl` is over, by the clock that the store was given (Redis: by its own). A `ttl`
 * that is not positive and finite is a fault. Every verb rejects with UNAVAILABLE when the engine
 * fails or does not answer in time, and never says "absent" then; whether a write happened is
 * unknown, so treat what was taken as consumed. A verb after closing is a fault. Source: D-11,
 * SEC-33, SEC-87.
 */
export interface Ephemeral extends AsyncDisposable {
  /** Puts `value` in place of whatever `key` had, with a life of `ttl`. */
  put(space: Space, key: string, value: string, ttl: Milliseconds): Promise<void>;
  /** Gives the value, or undefined when there is none. */
  get(space: Space, key: string): Promise<string | undefined>;
  /** Puts `value` only when `key` has none. Of several concurrent callers exactly one gets true. */
  putIfAbsent(space: Space, key: string, value: string, ttl: Milliseconds): Promise<boolean>;
  /** Gives the value and removes it. Of several concurrent callers exactly one receives it. */
  take(space: Space, key: string): Promise<string | undefined>;
  /**
   * Puts `to` in place of `from` and keeps the remaining life; false when the value is not `from`.
   * Of several concurrent callers with the same `from` exactly one gets true.
   */
  replace(space: Space, key: string, from: string, to: string): Promise<boolean>;
  /**
   * Adds 1 to a counter and gives the sum; no call is lost. The first call puts 1 and the life
   * `ttl`, later calls leave the life as it is. A key holds either a counter or a value, never both
   * in turn.
   */
  increment(space: Space, key: string, ttl: Milliseconds): Promise<number>;
  /** Removes the value; true when there was one. */
  remove(space: Space, key: string): Promise<boolean>;
  /** Deletes expired entries, a bounded number a step, and gives how many. Source: SEC-85. */
  sweep(): Promise<number>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** What can be done without waiting, in a store that was opened for it. */
  readonly atOnce?: AtOnce;
}

/**
 * The verbs of a caller that has its thread for itself, such as a script worker: each is done when it
 * returns, with the same meaning and atomicity. Gives `busy`, and nothing happened, when it would have
 * to wait for another writer: then the verb that waits is to be called. Throws UNAVAILABLE.
 */
export interface AtOnce {
  put(space: Space, key: string, value: string, ttl: Milliseconds): typeof busy | undefined;
  get(space: Space, key: string): string | typeof busy | undefined;
  take(space: Space, key: string): string | typeof busy | undefined;
  remove(space: Space, key: string): boolean | typeof busy;
}

/** Says that something cannot be done at once. */
export const busy = Symbol("busy");

/** Checks a lifetime and gives it in whole milliseconds, rounded up so that nothing ends early. */
export function wholeTtl(ttl: Milliseconds): number {
  assert(Number.isFinite(ttl) && ttl > 0, "a lifetime is a positive, finite number");
  const whole = Math.ceil(ttl);
  assert(whole <= longestTtlMs, "a lifetime is at most ten years");
  return whole;
}

const longestTtlMs = 10 * 366 * 24 * 60 * 60 * 1000;

/**
 * Gives a key for a text from outside: SHA-256 in base64url, 43 characters, so that length and
 * alphabet are ours. Different texts get different keys, ill-formed Unicode included; `parts`
 * cannot run into each other. Source: our decision.
 */
export const keyOf = (...parts: readonly string[]): string =>
  // JSON escapes what is no Unicode, so that two texts are never one.
  hash("sha256", JSON.stringify(parts), "base64url");
