// What a run gives to the guest, whichever instance that is in.
import type { Budget } from "./budget.ts";

/** The time of a run, its clock and the answers to its host calls. */
export interface GuestHost {
  readonly budget: Budget;
  /** Aborted with a Breach to unwind a guest that waits. */
  readonly signal: AbortSignal;
  /** The clock that the script sees, in milliseconds since the epoch. */
  now(): number;
  /** Answers one host call, JSON in and JSON out. A thrown or rejected breach ends the run. */
  call(operation: string, argumentsJson: string): string | Promise<string>;
}
