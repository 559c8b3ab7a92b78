// What is said of a task that no worker finished.
import { breachMessages } from "./breach.ts";
import type { BreakerRules } from "./breaker.ts";
import type { NotDone } from "./job.ts";
import type { ScriptFailed, ScriptRun } from "./script.ts";

/** Gives the failure, in words that tell an operator what has happened and what will. Source: D-30. */
export const failureOf = (end: NotDone, rules: BreakerRules): ScriptFailed => {
  if (end.kind === "paused") return { kind: "failed", code: 3000, message: paused(end, rules) };
  return end.isStuck
    ? { kind: "failed", code: 3001, limit: "cpu", message: stuck }
    : { kind: "failed", code: 3001, message: "the worker that ran the script died" };
};

/** Gives the run: its log and its host calls went with the worker, or it never had any. */
export const unfinishedRun = (
  executionId: string,
  end: NotDone,
  rules: BreakerRules,
): ScriptRun => {
  const ms = end.kind === "paused" ? 0 : end.afterMs;
  return {
    executionId,
    startedAt: Date.now() - ms,
    durationMs: ms,
    cpuMs: ms,
    log: [],
    hostCalls: [],
    outcome: failureOf(end, rules),
  };
};

const stuck = `${breachMessages.cpu}, and its worker was ended`;

const paused = (
  { forMs }: Extract<NotDone, { kind: "paused" }>,
  { kills, withinMs, pauseMs }: BreakerRules,
): string => {
  const seconds = (ms: number): string => `${ms / 1_000} s`;
  const next =
    forMs > 0
      ? `it is tried again after ${new Date(Date.now() + forMs).toISOString()}`
      : `it is being tried again, and others wait for what comes of that`;
  return `this version of the script is paused for ${seconds(pauseMs)}, because its worker had to be ended ${kills} times within ${seconds(withinMs)}; ${next}`;
};
