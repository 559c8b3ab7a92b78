// The door of the engine: runs operators' scripts in workers and gives back what came of them.
import { breachMessages } from "./breach.ts";
import { readPolicy } from "./egress_policy.ts";
import { compileQuickjs } from "./glue.ts";
import type { EngineSettings } from "./message.ts";
import { type Stopped, WorkerPool } from "./pool.ts";
import type { Script, ScriptCall, ScriptFailed, ScriptProblem, ScriptRun } from "./script.ts";

/** Runs scripts. Disposing ends all workers and refuses pending runs as UNAVAILABLE. */
export interface Engine extends AsyncDisposable {
  /**
   * Runs a script once. Whatever the script does is an outcome of the run, never a throw. Throws
   * UNAVAILABLE when the engine is closed, its queue is full, or the worker was ended because of
   * another script; then the run may have had effects and is not repeated. Source: D-20 to D-30.
   */
  run(script: Script, call: ScriptCall): Promise<ScriptRun>;
  /** Gives the reasons not to save a source text, none when it is good. Throws as `run` does. */
  check(source: string, name: string): Promise<ScriptProblem[]>;
  /**
   * Changes properties, egress policy and limits for all runs that begin later. Throws a fault, and
   * changes nothing, when the egress policy cannot be read.
   */
  configure(settings: EngineSettings): void;
  /** True while at least one worker takes runs. */
  ping(): boolean;
}

/**
 * How an engine is opened. `workerUrl` is a file that calls `serveScripts`, in which `workerData` is
 * found by `entryData()`. `workers` threads run up to `runsPerWorker` scripts at a time each
 * (default 200), and up to `queueLimit` more wait (default 1000).
 */
export interface EngineOptions extends EngineSettings {
  readonly workerUrl: URL;
  readonly workerData?: unknown;
  readonly workers: number;
  readonly runsPerWorker?: number;
  readonly queueLimit?: number;
}

/**
 * Opens an engine. Resolves when every worker is ready, the first one after a self-test. Throws a
 * fault that says what is wrong when the egress policy cannot be read or a worker cannot start.
 */
export const openEngine = async (options: EngineOptions): Promise<Engine> => {
  const { workerUrl, workerData, workers, limits, properties, egress } = options;
  readPolicy(egress);
  const pool = await WorkerPool.open({
    workerUrl,
    workerData,
    workers,
    tasksPerWorker: options.runsPerWorker ?? 200,
    queueLimit: options.queueLimit ?? 1_000,
    quickjs: await compileQuickjs(),
    settings: { limits, properties, egress },
  });
  return {
    async run(script, { signal, ...call }) {
      const result = await pool.perform({ kind: "run", script, call }, signal);
      return "stoppedAfterMs" in result
        ? stoppedRun(call.executionId, result)
        : received(result as ScriptRun);
    },
    async check(source, name) {
      const result = await pool.perform({ kind: "check", source, name });
      const isStopped = "stoppedAfterMs" in result;
      return isStopped ? [{ code: "load", message: stopped.message }] : (result as ScriptProblem[]);
    },
    configure(settings) {
      readPolicy(settings.egress);
      pool.configure(settings);
    },
    ping: () => pool.isAlive,
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
};

/** A message between threads gives every object the usual prototype; outside keys must not have it. */
const received = (run: ScriptRun): ScriptRun => {
  if (run.outcome.kind === "returned" && run.outcome.user !== undefined) {
    Object.setPrototypeOf(run.outcome.user.attributes, null);
  }
  return run;
};

/** A script in a native loop takes its worker, its log and its host calls with it. */
const stopped: ScriptFailed = {
  kind: "failed",
  code: 3001,
  limit: "cpu",
  message: `${breachMessages.cpu}, and its worker was ended`,
};

const stoppedRun = (executionId: string, { stoppedAfterMs }: Stopped): ScriptRun => ({
  executionId,
  durationMs: stoppedAfterMs,
  cpuMs: stoppedAfterMs,
  log: [],
  hostCalls: [],
  outcome: stopped,
});
