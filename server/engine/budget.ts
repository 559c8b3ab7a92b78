// The time of one run: what it spent in the guest, and when it has to end.
import type { Heartbeat } from "./heartbeat.ts";
import type { Limits } from "./limits.ts";
import type { Turn } from "./turn.ts";

/** What all runs of a worker share to keep their times apart, and the script whose turn a run takes. */
export interface Timing {
  readonly heartbeat: Heartbeat;
  readonly turn: Turn;
  readonly script?: string;
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
  readonly #script: string | undefined;
  readonly #run: number;
  readonly #startedAt = performance.now();
  #spentMs = 0;
  #segmentStart = 0;
  #segmentEnd = Number.POSITIVE_INFINITY;
  #hasTurn = false;
  #wasInside = false;
  #wasGiven = false;
  /** Both clocks at the first poll of a segment that is not over at once, or when time was given back. */
  #measured: { readonly now: number; readonly threadMs: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Limits, { heartbeat, turn, script }: Timing, run: number) {
    this.#limits = limits;
    this.#heartbeat = heartbeat;
    this.#turn = turn;
    this.#script = script;
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

  /** True when this run began before `moment`. */
  beganBefore(moment: number): boolean {
    return this.#startedAt < moment;
  }

  /** Calls `go` when this run has the turn; `leave` gives it back. Nothing is counted yet. */
  takeTurn(go: () => void): void {
    const taken = (): void => {
      this.#hasTurn = true;
      go();
    };
    this.#turn.take(taken, this.#script, this.#wasInside);
  }

  /** A segment begins: the guest starts, or goes on after a wait. The run has the turn. */
  enter(): void {
    this.#wasInside = true;
    this.#segmentStart = performance.now();
    // Unmeasured time is given back once in a run; after that every segment is measured from its start.
    this.#measured = this.#wasGiven ? { now: this.#segmentStart, threadMs: threadMs() } : undefined;
    this.#segmentEnd = Math.min(
      this.#segmentStart + this.#limits.cpuMs - this.#spentMs,
      this.#startedAt + this.#limits.deadlineMs,
    );
    this.#heartbeat.running(this.#run, this.#segmentStart, this.#segmentEnd);
  }

  /** The segment ends, if one is open; the turn stays. */
  rest(): void {
    if (this.#segmentEnd === Number.POSITIVE_INFINITY) return;
    this.#spentMs += performance.now() - this.#segmentStart;
    this.#segmentEnd = Number.POSITIVE_INFINITY;
    this.#heartbeat.resting();
  }

  /** The guest waits, or has ended: the segment ends, and the turn is another's, if it was this run's. */
  leave(): void {
    this.rest();
    if (!this.#hasTurn) return;
    this.#hasTurn = false;
    this.#turn.give();
  }

  /** Calls `end` once the deadline has passed, for a guest that waits and therefore polls nothing. */
  watch(end: () => void): void {
    this.#timer ??= setTimeout(end, this.#limits.deadlineMs - this.durationMs);
  }

  /** The limit that the guest has overrun at this moment, if any. */
  exceeded(now: number): "cpu" | "deadline" | undefined {
    if (now <= this.#segmentEnd) {
      // Most segments end before that, and reading the thread's clock is a system call.
      if (now - this.#segmentStart > worthwhileMs) this.#measured ??= { now, threadMs: threadMs() };
      return undefined;
    }
    if (now > this.#startedAt + this.#limits.deadlineMs) return "deadline";
    // Another process may have had the core: time in which this thread did not run is given back,
    // also to the watchdog, which sees the segment begin later.
    const thread = threadMs();
    const given =
      this.#measured === undefined
        ? now - this.#segmentEnd + unmeasuredMs
        : now - this.#measured.now - (thread - this.#measured.threadMs);
    if (given < worthwhileMs) return "cpu";
    this.#wasGiven = true;
    this.#segmentStart += given;
    this.#segmentEnd += given;
    this.#measured = { now, threadMs: thread };
    this.#heartbeat.running(this.#run, this.#segmentStart, this.#segmentEnd);
    return now > this.#segmentEnd ? "cpu" : undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

const worthwhileMs = 1;
/** What a segment gets beyond its end that went by without a poll: nobody knows who had the core. */
const unmeasuredMs = 25;

const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
