// A task on its way through the door, and why it may be refused there.
import { hash } from "node:crypto";
import { Refusal } from "../core/refusal.ts";
import type { Task, TaskResult } from "./message.ts";
import { versionName } from "./script.ts";

/**
 * What became of a task that gave no result: its worker ended under it after `afterMs`, because it was
 * stuck or else by itself; or it was not begun, because its version is paused for `forMs` more.
 */
export type NotDone =
  | { readonly kind: "stopped"; readonly afterMs: number; readonly isStuck: boolean }
  | { readonly kind: "paused"; readonly forMs: number };

/** A task that somebody waits for. */
export interface Job {
  readonly task: Task;
  /** Whose task it is: turns, shares, lanes and pauses go by this name. */
  readonly version: string;
  /** When it came, in milliseconds of the monotonic clock. */
  readonly since: number;
  /** Its number in the worker that has it. */
  number: number;
  isTrial: boolean;
  isWithdrawn: boolean;
  readonly resolve: (result: TaskResult | NotDone) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Names what a task runs: a version of a script, by its source and name, or a source that is checked.
 * A new version is a new name, and so is a check: no check casts a shadow on the live version.
 */
export const versionOf = (task: Task): string =>
  task.kind === "check"
    ? `check ${hash("sha256", task.source, "base64url")}`
    : versionName(task.script);

/** The engine cannot do it now, whoever asks. */
export const unavailable = (why: string, cause?: unknown): Refusal =>
  new Refusal("UNAVAILABLE", {}, { cause: new Error(why, { cause }) });

const retryAfterSeconds = "1";

/** There is no room in a queue. Source: our design, bounded queue with resource exhausted beyond it. */
export const exhausted = (why: string): Refusal =>
  new Refusal("RATE_LIMITED", { retry_after: retryAfterSeconds }, { cause: new Error(why) });
