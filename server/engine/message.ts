// What passes between the door and a worker: one message per task, results in lists, sources only once.
import type { EgressPolicy } from "./egress_policy.ts";
import type { CompiledQuickjs } from "./glue.ts";
import type { HeartbeatMemory } from "./heartbeat.ts";
import type { Limits } from "./limits.ts";
import type { Properties } from "./mask.ts";
import type { SentCall } from "./run.ts";
import type { Script, ScriptProblem, ScriptReplay, ScriptRun } from "./script.ts";

/**
 * What may change while the engine runs; a change takes effect with the next run. `recording`: runs
 * give a recording of themselves.
 */
export interface EngineSettings {
  readonly limits: Limits;
  readonly recording: boolean;
  readonly properties: Properties;
  readonly egress: EgressPolicy;
}

/** What a worker is started with; `entry` is what the composition root gives to its own file. */
export interface WorkerStart {
  readonly quickjs: CompiledQuickjs;
  readonly heartbeat: HeartbeatMemory;
  readonly settings: EngineSettings;
  readonly selfTest: boolean;
  /** Whether it gives way to other threads. */
  readonly isBehind: boolean;
  readonly entry: unknown;
}

/** One piece of work, which names its script as `S`. */
type TaskOf<S> =
  | { readonly kind: "run"; readonly script: S; readonly call: SentCall }
  | { readonly kind: "replay"; readonly script: S; readonly recording: string }
  | { readonly kind: "check"; readonly source: string; readonly name: string };

/** One piece of work for a worker. */
export type Task = TaskOf<Script>;

/** A task as it crosses: its script is a number that the worker was told before. */
export type SentTask = TaskOf<number>;

/**
 * To a worker: a numbered task, the withdrawal of one, new settings, a script with the number by which
 * tasks will name it, or the word to forget all scripts.
 */
export type ToWorker =
  | { readonly kind: "task"; readonly number: number; readonly task: SentTask }
  | { readonly kind: "withdraw"; readonly number: number }
  | { readonly kind: "configure"; readonly settings: EngineSettings }
  | { readonly kind: "script"; readonly number: number; readonly script: Script }
  | { readonly kind: "forget" };

/** What a task gives. */
export type TaskResult = ScriptRun | ScriptReplay | ScriptProblem[];

/**
 * From a worker, in lists: that it is ready, or the end of a task; `fault` is an error of the engine.
 */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly number: number; readonly result: TaskResult }
  | { readonly kind: "fault"; readonly number: number; readonly error: unknown };
