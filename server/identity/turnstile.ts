// Lets a few dear tasks run at once, some wait, and sends the rest away.

import { Refusal } from "../core/refusal.ts";

/** Runs tasks within bounds. */
export interface Turnstile {
  /**
   * Runs a task when its turn has come and gives its result. `lane`: whom it is for. Lanes take turns,
   * so that many tasks of one hold up another's by one; in a lane it is first come, first served. Throws RATE_LIMITED with the fact `retry_after` (seconds) when too many are waiting,
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
  // Those who wait by lane, the lane whose turn is next first.
  const lanes = new Map<string, (() => void)[]>();
  let running = 0;
  let waiting = 0;

  const enter = (lane: string): Promise<void> | undefined => {
    if (running < limits.running) {
      running++;
      return undefined;
    }
    const starts = lanes.get(lane) ?? [];
    if (waiting >= limits.waiting || starts.length >= limits.waitingPerLane) {
      throw new Refusal("RATE_LIMITED", { retry_after: retryAfterSeconds });
    }
    return new Promise((start) => {
      waiting++;
      starts.push(start);
      lanes.set(lane, starts);
    });
  };

  /** Takes out whose turn is next; the lane's turn comes again after all others'. */
  const next = (): (() => void) | undefined => {
    const [first] = lanes;
    if (first === undefined) return undefined;
    const [lane, starts] = first;
    lanes.delete(lane);
    if (starts.length > 1) lanes.set(lane, starts);
    waiting--;
    return starts.shift();
  };

  const leave = (): void => {
    const start = next();
    // The place passes on to whoever is next, so the count changes only when nobody waits.
    if (start === undefined) running--;
    else start();
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
