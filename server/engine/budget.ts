// The time of one run: what it spent in the guest, and when it has to end.
import type { Heartbeat } from "./heartbeat.ts";
import type { Limits } from "./limits.ts";
import type { Turn } from "./turn.ts";

/** What all runs of a worker share to keep their times apart. */
export interface Timing {
  readonly heartbeat: Heartbeat;
  readonly turn: Turn;
}

/**
 * Counts the time of one run in segments: from entering the guest to its next wait or its end. Time
 * in waits counts for the deadline only. Holds a timer while the guest waits, so it is disposable.
 * All times are in milliseconds of this thread's monotonic clock. Source: D-30.
 */
export class Budget implements Disposable {
  readonly #limits: Limits;
  readonly #heartbeat: Heartbeat;
  readonly #turn: Turn;
  readonly #run: number;
  readonly #startedAt = performance.now();
  #spentMs = 0;
  #segmentStart = 0;
  #segmentEnd = Number.POSITIVE_INFINITY;
  #threadMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Limits, { heartbeat, turn }: Timing, run: number) {
    this.#limits = limits;
    this.#heartbeat = heartbeat;
    this.#turn = turn;
    this.#run = run;
  }

  /** Time in the guest so far; up to date while no segment is open. */
  get cpuMs(): number {
    return this.#spentMs;
  }

  /** Time since the run began. */
  get durationMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** The guest begins, or goes on after a wait: calls `go` when it is its turn. */
  enter(go: () => void): void {
    this.#turn.take(() => {
      this.#segmentStart = performance.now();
      this.#threadMs = threadMs();
      this.#segmentEnd = Math.min(
        this.#segmentStart + this.#limits.cpuMs - this.#spentMs,
        this.#startedAt + this.#limits.deadlineMs,
      );
      this.#heartbeat.running(this.#run, this.#segmentStart, this.#segmentEnd);
      go();
    });
  }

  /** The guest waits, or has ended; without effect when no segment is open. */
  leave(): void {
    if (this.#segmentEnd === Number.POSITIVE_INFINITY) return;
    this.#spentMs += performance.now() - this.#segmentStart;
    this.#segmentEnd = Number.POSITIVE_INFINITY;
    this.#heartbeat.resting();
    this.#turn.give();
  }

  /** Calls `end` once the deadline has passed, for a guest that waits and therefore polls nothing. */
  watch(end: () => void): void {
    this.#timer ??= setTimeout(end, this.#limits.deadlineMs - this.durationMs);
  }

  /** The limit that the guest has overrun at this moment, if any. */
  exceeded(now: number): "cpu" | "deadline" | undefined {
    if (now <= this.#segmentEnd) return undefined;
    if (now > this.#startedAt + this.#limits.deadlineMs) return "deadline";
    // Another process may have had the core: time in which this thread did not run is given back,
    // also to the watchdog, which sees the segment begin later.
    const stolen = now - this.#segmentStart - (threadMs() - this.#threadMs);
    if (stolen < worthwhileMs) return "cpu";
    this.#segmentStart += stolen;
    this.#segmentEnd += stolen;
    this.#heartbeat.running(this.#run, this.#segmentStart, this.#segmentEnd);
    return now > this.#segmentEnd ? "cpu" : undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

const worthwhileMs = 1;

const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
