// Remembers which script versions had a worker ended under them, and pauses those that do it again.
import { LRUCache } from "lru-cache";

/** When a version is paused: after so many kills within a time, and for how long. Times in milliseconds. */
export interface BreakerRules {
  readonly kills: number;
  readonly withinMs: number;
  readonly pauseMs: number;
}

/** The rules of a deployment. Source: our design, circuit breaker on the script version. */
export const breakerRules: BreakerRules = { kills: 3, withinMs: 60_000, pauseMs: 30_000 };

/** Whether a task of a version may begin: freely, alone as a trial, or not for `forMs` more. */
export type Admission =
  | { readonly kind: "free" }
  | { readonly kind: "trial" }
  | { readonly kind: "paused"; readonly forMs: number };

/**
 * The versions that had a worker ended under them. Nothing but a kill counts: a limit that ends a run
 * politely costs its caller alone, so whoever provokes one locks nobody out. Times are of one
 * monotonic clock.
 */
export interface Breaker {
  /** True when a worker was ever ended because of this version, as far as memory reaches. */
  hasKilled(version: string): boolean;
  /** Says whether a task may begin. After a pause one is let in as a trial, which must be settled. */
  admit(version: string, now: number): Admission;
  /** A worker was ended because of this version; that may begin a pause, and prolongs one. */
  killed(version: string, now: number): void;
  /** A trial has ended: with a verdict when it ran to an end of its own, without when it did not run. */
  tried(version: string, hasVerdict: boolean): void;
}

interface Record {
  kills: number[];
  pausedUntil: number | undefined;
  isOnTrial: boolean;
}

/** The versions that are remembered; the one that was longest not asked for makes room. */
const versionsLimit = 1_000;

/** Opens a breaker that remembers nothing yet. Source: our design, lanes and circuit breaker. */
export const openBreaker = (rules: BreakerRules, limit = versionsLimit): Breaker => {
  const records = new LRUCache<string, Record>({ max: limit });
  return {
    hasKilled: (version) => records.has(version),
    admit(version, now) {
      const record = records.get(version);
      if (record?.pausedUntil === undefined) return { kind: "free" };
      const forMs = record.pausedUntil - now;
      if (forMs > 0) return { kind: "paused", forMs };
      if (record.isOnTrial) return { kind: "paused", forMs: 0 };
      record.isOnTrial = true;
      return { kind: "trial" };
    },
    killed(version, now) {
      const record = records.get(version) ?? {
        kills: [],
        pausedUntil: undefined,
        isOnTrial: false,
      };
      records.set(version, record);
      record.kills = [...record.kills.filter((at) => at > now - rules.withinMs), now];
      record.kills = record.kills.slice(-rules.kills);
      // One that is paused, or on trial after it, has had its chances.
      const isPaused = record.pausedUntil !== undefined || record.kills.length >= rules.kills;
      if (isPaused) record.pausedUntil = now + rules.pauseMs;
      record.isOnTrial = false;
    },
    tried(version, hasVerdict) {
      const record = records.get(version);
      if (record === undefined || !record.isOnTrial) return;
      record.isOnTrial = false;
      if (!hasVerdict) return;
      record.pausedUntil = undefined;
      record.kills = [];
    },
  };
};
