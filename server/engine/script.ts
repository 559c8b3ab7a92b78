// The nouns of the engine: a script, one call of it, and what came of that call.
import type { Limit } from "./limits.ts";

/**
 * One live version of a script. `name` appears in stack traces and records, `source` is JavaScript
 * text of at most 256 KiB and `sha256` the digest of its UTF-8 in base64url. Source: D-31, SEC-71.
 */
export interface Script {
  readonly name: string;
  readonly version: number;
  readonly source: string;
  readonly sha256: string;
}

/**
 * The name by which the engine tells versions of scripts apart: images, turns, shares, lanes and pauses
 * go by it. A version that comes back under another number is the same one.
 */
export const versionName = ({ sha256, name }: Pick<Script, "sha256" | "name">): string =>
  `${sha256} ${name}`;

/** The five scripts an operator can write. Source: Extension Engine, scripts. */
export type ScriptKind = "init" | "complete" | "backchannel" | "registration" | "authentication";

/**
 * The four arguments of `execute`, null where the kind of script has none, and the id of this
 * execution. An aborted `signal` takes the run out of the queue or unwinds it at its next wait.
 * Source: D-20, Extension Engine, writing scripts.
 */
export interface ScriptCall {
  readonly kind: ScriptKind;
  readonly executionId: string;
  readonly requestPayload: string | null;
  readonly userIdentifier: string | null;
  readonly registrationData: string | null;
  readonly hookContextCustomParams: Readonly<Record<string, readonly string[]>> | null;
  readonly signal?: AbortSignal;
}

/** A position in the source of a script; both numbers count from 1, columns count code points. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The level of a log line. Source: D-23. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/**
 * One line of the execution log; `at` is in milliseconds since the epoch, `place` where in its source
 * the script wrote it. Source: D-23.
 */
export interface LogLine {
  readonly at: number;
  readonly level: LogLevel;
  readonly text: string;
  readonly place?: Place;
}

/**
 * One call from the script to the host: its operation, when it began after the start of the run, and
 * how long it took, both in milliseconds.
 */
export interface HostCall {
  readonly name: string;
  readonly startMs: number;
  readonly ms: number;
}

/** A value as JSON text can carry it. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The user named by a script: `amr` when the script gave one, and every further key as an
 * attribute, on an object without a prototype. Source: Extension Engine, writing scripts.
 */
export interface ScriptUser {
  readonly id?: string;
  readonly amr?: readonly string[];
  readonly attributes: Readonly<Record<string, Json>>;
}

/**
 * A script's valid answer: `status` is an integer in 2000-2999, 4000-4999 or 5000-5999. A
 * successful complete script always names `user.id`. Source: D-20, SEC-35.
 */
export interface ScriptReturned {
  readonly kind: "returned";
  readonly status: number;
  readonly responsePayload?: string;
  readonly registrationData?: string;
  readonly user?: ScriptUser;
}

/**
 * The product's codes for a script that gave no answer: 3000 not available, 3001 failed while
 * running, 3002 no `execute`, 3003 a class is not available, 3004 the result is invalid.
 * Source: Extension Engine, status codes.
 */
export type FailureCode = 3000 | 3001 | 3002 | 3003 | 3004;

/**
 * A script that gave no answer. `limit` names the bound it ran into, `place` and `stack` point into
 * its source. All texts are for the operator's log, never for the caller of the API. Source: D-30,
 * SEC-73.
 */
export interface ScriptFailed {
  readonly kind: "failed";
  readonly code: FailureCode;
  readonly message: string;
  readonly limit?: Limit;
  readonly place?: Place;
  readonly stack?: string;
  /** True when a store that the script called was down: it failed through no fault of its own. */
  readonly isUnavailable?: true;
}

/** What came of a run. */
export type ScriptOutcome = ScriptReturned | ScriptFailed;

/**
 * One finished run: `startedAt` in milliseconds since the epoch, `durationMs` from the call to the
 * answer, `cpuMs` in the script without its waits, log lines and host calls in order. Values of
 * sensitive properties are masked in every text of it. `recording` is the text that `replay` takes,
 * present when runs are recorded and this one was not too large; it holds what the caller sent and the
 * host answered, so it is sealed where it is kept. Source: D-32, D-26.
 */
export interface ScriptRun {
  readonly executionId: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly log: readonly LogLine[];
  readonly hostCalls: readonly HostCall[];
  readonly outcome: ScriptOutcome;
  readonly recording?: string;
}

/**
 * What a replay came to. `identical`: host calls, log and outcome are byte for byte those of the
 * recorded run; of another source, positions in it are not compared. `divergence` is the first
 * difference: host call number `call`, counted from 1, or 0 when only log or outcome differ.
 * `changedProperties` are sensitive properties whose values are not those that the recorded run read,
 * so that the replay could not see them. Source: D-32.
 */
export interface ScriptReplay {
  readonly run: ScriptRun;
  readonly identical: boolean;
  readonly divergence?: { readonly call: number; readonly expected: string; readonly got: string };
  readonly changedProperties: readonly string[];
}

/**
 * What is wrong with a source text: it does not parse, it has no `execute`, it is too large, it fails
 * while it is loaded, or it names a Java class that is not available. `refused` is a reason not to
 * save it; a class that is named where it may never be reached is none. `hint` says what to write
 * instead.
 */
export interface ScriptProblem {
  readonly code: "syntax" | "no_execute" | "too_large" | "load" | "java_class";
  readonly message: string;
  readonly refused: boolean;
  readonly place?: Place;
  readonly hint?: string;
}
