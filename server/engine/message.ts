// What passes between the door and a worker: one message per run, and one back.
import type { EgressPolicy } from "./egress_policy.ts";
import type { CompiledQuickjs } from "./glue.ts";
import type { HeartbeatMemory } from "./heartbeat.ts";
import type { Limits } from "./limits.ts";
import type { Properties } from "./mask.ts";
import type { SentCall } from "./run.ts";
import type { Script, ScriptProblem, ScriptRun } from "./script.ts";

/** What may change while the engine runs; a change takes effect with the next run. */
export interface EngineSettings {
  readonly limits: Limits;
  readonly properties: Properties;
  readonly egress: EgressPolicy;
}

/** What a worker is started with; `entry` is what the composition root gives to its own file. */
export interface WorkerStart {
  readonly quickjs: CompiledQuickjs;
  readonly heartbeat: HeartbeatMemory;
  readonly settings: EngineSettings;
  readonly selfTest: boolean;
  readonly entry: unknown;
}

/** One piece of work for a worker. */
export type Task =
  | { readonly kind: "run"; readonly script: Script; readonly call: SentCall }
  | { readonly kind: "check"; readonly source: string; readonly name: string };

/** To a worker: a numbered task, the withdrawal of one, or new settings. */
export type ToWorker =
  | { readonly kind: "task"; readonly number: number; readonly task: Task }
  | { readonly kind: "withdraw"; readonly number: number }
  | { readonly kind: "configure"; readonly settings: EngineSettings };

/** What a task gives. */
export type TaskResult = ScriptRun | ScriptProblem[];

/** From a worker: that it is ready, or the end of a task; `fault` is an error of the engine. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly number: number; readonly result: TaskResult }
  | { readonly kind: "fault"; readonly number: number; readonly error: unknown };
