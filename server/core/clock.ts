// Time: the clock that the server is given, and units that cannot be mixed up.
import type { Duration } from "../../gen/google/protobuf/duration.ts";

/** A number of milliseconds: a duration, or an instant since the epoch. */
export type Milliseconds = number & { readonly unit: "ms" };

/** A number of whole or fractional seconds: a duration, or an instant since the epoch. */
export type Seconds = number & { readonly unit: "s" };

/** Says that a number counts milliseconds. */
export const milliseconds = (count: number): Milliseconds => count as Milliseconds;

/** Says that a number counts seconds. */
export const seconds = (count: number): Seconds => count as Seconds;

/** Gives seconds in milliseconds. */
export const toMilliseconds = (count: Seconds): Milliseconds => (count * 1000) as Milliseconds;

/** Gives milliseconds in whole seconds, rounded down. */
export const toSeconds = (count: Milliseconds): Seconds => Math.floor(count / 1000) as Seconds;

/** Gives a duration of the contract in milliseconds. */
export const durationMs = (duration: Duration): Milliseconds =>
  (Number(duration.seconds) * 1000 + Math.round(duration.nanos / 1e6)) as Milliseconds;

/** Gives the instant that lies `later` after `instant`. */
export const after = (instant: Milliseconds, later: Milliseconds): Milliseconds =>
  (instant + later) as Milliseconds;

/** What tells the time. Everything that lives or expires asks the one that it was given. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): Milliseconds;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() as Milliseconds };
