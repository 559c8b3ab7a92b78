// Lets a few dear tasks run at once, some wait, and sends the rest away.

import { Refusal } from "../core/refusal.ts";

/** Runs tasks within bounds. */
export interface Turnstile {
  /**
   * Runs a task when its turn has come, first come first served, and gives its result. `lane`: whom
   * it is for. Throws RATE_LIMITED with the fact `retry_after` (seconds) when too many are waiting,
   * in all or in this lane.
   */
  pass<Result>(lane: string, task: () => Promise<Result>): Promise<Result>;
}

/** The bounds of a turnstile, each a number of tasks. */
export interface TurnstileLimits {
  readonly running: number;
  readonly waiting: number;
  readonly waitingPerLane: number;
}

const retryAfterSeconds = "1";

/**
 * Makes a turnstile. At most `running` tasks run and `waiting` wait, of which `waitingPerLane` in
 * one lane, so its memory is bounded whatever the lanes are called. A task that throws frees its
 * place. Source: SEC-75, SEC-76.
 */
export const turnstile = (limits: TurnstileLimits): Turnstile => {
  const queue: { readonly lane: string; readonly start: () => void }[] = [];
  let running = 0;

  const enter = (lane: string): Promise<void> | undefined => {
    if (running < limits.running) {
      running++;
      return undefined;
    }
    const inLane = queue.filter((waiter) => waiter.lane === lane).length;
    if (queue.length >= limits.waiting || inLane >= limits.waitingPerLane) {
      throw new Refusal("RATE_LIMITED", { retry_after: retryAfterSeconds });
    }
    return new Promise((start) => {
      queue.push({ lane, start });
    });
  };

  const leave = (): void => {
    const next = queue.shift();
    // The place passes on to whoever is next, so the count changes only when nobody waits.
    if (next === undefined) running--;
    else next.start();
  };

  return {
    async pass(lane, task) {
      await enter(lane);
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
};
