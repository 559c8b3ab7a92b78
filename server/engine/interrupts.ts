// How often the interpreter asks whether to go on: adapted to the cost of what the script does.
import type { Instance } from "./glue.ts";

/** The distance between two polls, kept in the word that the interpreter counts down. */
export interface PollPace {
  /** Chooses the distance to the next poll from the time since the last one, in milliseconds. */
  polled(now: number): void;
  /** Starts afresh: the first poll comes soon. */
  reset(now: number): void;
  /** Makes the very next step of the interpreter poll. */
  pollAtOnce(): void;
}

const firstDistance = 16;
const longestDistance = 100;
const quickMs = 0.25;
const slowMs = 1;

/**
 * Paces the polls of the instance whose countdown is the word at `counterAddress`. The interpreter
 * itself polls every 10 000 steps, whatever a step costs; a sort in a loop would overrun its limit
 * by seconds. Source: our design, adaptive polling.
 */
export const pacePolls = (instance: Instance, counterAddress: number): PollPace => {
  let distance = firstDistance;
  let last = 0;
  const write = (value: number): void => {
    instance.words()[counterAddress >> 2] = value;
  };
  return {
    polled(now) {
      const elapsed = now - last;
      last = now;
      if (elapsed > slowMs) distance = Math.max(1, distance >> 3);
      else if (elapsed < quickMs) distance = Math.min(longestDistance, distance * 2);
      write(distance);
    },
    reset(now) {
      last = now;
      distance = firstDistance;
      write(distance);
    },
    pollAtOnce() {
      write(1);
    },
  };
};

/** The value from which the interpreter counts down, before we choose another. */
const countdown = 10_000;
const contextWords = 256;

/**
 * Finds the address of the interpreter's countdown: the only word of the context that holds the
 * full count at every poll, and that a hundred iterations lower by a few hundred. `evaluate` runs
 * source text; `onPoll` installs what each poll of it calls. Throws a fault when there is none.
 */
export const findCountdown = (
  instance: Instance,
  context: number,
  evaluate: (source: string) => void,
  onPoll: (look: (() => void) | undefined) => void,
): number => {
  let candidates: number[] | undefined;
  onPoll(() => {
    const words = instance.words();
    const base = context >> 2;
    const full = Array.from({ length: contextWords }, (_, index) => base + index).filter(
      (index) => words[index] === countdown,
    );
    candidates = candidates?.filter((index) => full.includes(index)) ?? full;
  });
  evaluate("for (let i = 0; i < 40000; i++) {}");
  onPoll(undefined);
  const [index] = candidates ?? [];
  if (index === undefined || candidates?.length !== 1) {
    throw new Error(`QuickJS has ${candidates?.length ?? 0} candidates for its interrupt counter`);
  }
  const before = instance.words()[index] ?? 0;
  evaluate("for (let i = 0; i < 100; i++) {}");
  const used = before - (instance.words()[index] ?? 0);
  if (used < 100 || used > 400) throw new Error(`QuickJS counts ${used} steps for 100 iterations`);
  return index * 4;
};
