// The log: one JSON object a line, so that no value can forge a line or a field.
import type { Clock } from "./clock.ts";

/** What is said beside an event. Tokens, secrets, assertions and payloads are never facts. */
export type Facts = Readonly<Record<string, unknown>>;

/** How grave a line is, least first. */
export const levels = ["debug", "info", "warn", "error"] as const;

/** One of the levels. */
export type Level = (typeof levels)[number];

/** Where the server says what happened. */
export interface Log {
  /** Says what only a developer asks for. */
  debug(event: string, facts?: Facts): void;
  /** Says what happened as it should. */
  info(event: string, facts?: Facts): void;
  /** Says what an operator should look at. */
  warn(event: string, facts?: Facts): void;
  /** Says that we failed. */
  error(event: string, facts?: Facts): void;
  /** Gives a log that adds `facts` to every line. */
  with(facts: Facts): Log;
}

// JSON has no errors and no big integers, and both occur among facts.
const plain = (_: string, value: unknown): unknown => {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause === undefined ? {} : { cause }) };
};

/**
 * Gives a log that hands each line of at least `level` to `write`, newline included. A line has
 * `time` (RFC 3339), `level`, `event`, and the facts; a fact cannot replace one of those three.
 * Source: SEC-78.
 */
export function jsonLog(
  write: (line: string) => void,
  clock: Clock,
  level: Level = "info",
  base: Facts = {},
): Log {
  const least = levels.indexOf(level);
  const say =
    (at: Level) =>
    (event: string, facts: Facts = {}) => {
      if (levels.indexOf(at) < least) return;
      const time = new Date(clock.now()).toISOString();
      write(`${JSON.stringify({ ...base, ...facts, time, level: at, event }, plain)}\n`);
    };
  return {
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    with: (facts) => jsonLog(write, clock, level, { ...base, ...facts }),
  };
}

/** A log that says nothing, for tools and tests. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLog,
};
