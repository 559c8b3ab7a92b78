// When a callback that failed is tried again.
import type { Milliseconds } from "../../core/clock.ts";
import { milliseconds } from "../../core/clock.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits after the first try, the second one and so on. */
const waits: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** By how much of itself a wait is longer or shorter, so that what failed together is not tried together. */
const jitter = 0.2;

/**
 * Gives the instant of the next try after `attempt` tries, the first of which is 1, failed at `now`; null
 * when those were all: ten, over about three days. Source: Standard Webhooks 1.0, D-56, SEC-61.
 */
export function nextTry(attempt: number, now: Milliseconds): Milliseconds | null {
  const wait = waits[attempt - 1];
  if (wait === undefined) return null;
  return milliseconds(Math.round(now + wait * (1 + jitter * (2 * Math.random() - 1))));
}
