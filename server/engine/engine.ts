// The door of the engine: runs operators' scripts in workers and gives back what came of them.
import { type BreakerRules, breakerRules } from "./breaker.ts";
import { readPolicy } from "./egress_policy.ts";
import { compileQuickjs } from "./glue.ts";
import type { EngineSettings } from "./message.ts";
import { WorkerPool } from "./pool.ts";
import type { Script, ScriptCall, ScriptProblem, ScriptReplay, ScriptRun } from "./script.ts";
import { failureOf, unfinishedRun } from "./unfinished.ts";

/** Runs scripts. Disposing ends all workers and refuses pending runs as UNAVAILABLE. */
export interface Engine extends AsyncDisposable {
  /**
   * Runs a script once. Whatever the script does is an outcome of the run, never a throw; so is a
   * pause of its version, with code 3000, after workers had to be ended because of it. Throws
   * RATE_LIMITED when the queue or the share of its version is full, and UNAVAILABLE when the engine is closed, the run waited
   * for a whole deadline, or the worker was ended because of another script; then the run may have had
   * effects and is not repeated. Source: D-20 to D-30.
   */
  run(script: Script, call: ScriptCall): Promise<ScriptRun>;
  /**
   * Runs a script again on a recording of one of its runs, or of a run of another version: host, clock
   * and random values answer as they did then, and nothing outside of the sandbox is touched. Throws
   * as `run` does, and a fault when the text is no recording. Source: D-32.
   */
  replay(script: Script, recording: string): Promise<ScriptReplay>;
  /** Gives what is wrong with a source text, nothing when it is good. Throws as `run` does. */
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
 * found by `entryData()`. `workers` threads run up to `runsPerWorker` scripts at a time each (default
 * 400), and up to `queueLimit` more wait (default 1000). One version of a script has at most three
 * quarters of the places and half of the queue. While versions compute for long, up to as many threads
 * more run those, with as many places and a queue of their own. `quarantineWorkers` (default 1) more are
 * started when something must not share a worker; `breaker` says when a version pauses.
 */
export interface EngineOptions extends EngineSettings {
  readonly workerUrl: URL;
  readonly workerData?: unknown;
  readonly workers: number;
  readonly runsPerWorker?: number;
  readonly queueLimit?: number;
  readonly quarantineWorkers?: number;
  readonly breaker?: BreakerRules;
}

/**
 * Opens an engine. Resolves when every worker is ready, the first one after a self-test. Throws a
 * fault that says what is wrong when the egress policy cannot be read or a worker cannot start.
 */
export const openEngine = async (options: EngineOptions): Promise<Engine> => {
  const { workerUrl, workerData, workers, limits, recording, properties, egress } = options;
  const rules = options.breaker ?? breakerRules;
  readPolicy(egress);
  const pool = await WorkerPool.open({
    workerUrl,
    workerData,
    workers,
    quarantineWorkers: options.quarantineWorkers ?? 1,
    tasksPerWorker: options.runsPerWorker ?? 400,
    queueLimit: options.queueLimit ?? 1_000,
    quickjs: await compileQuickjs(),
    settings: { limits, recording, properties, egress },
    breaker: rules,
  });
  return {
    async run(script, { signal, ...call }) {
      const result = await pool.perform({ kind: "run", script, call }, signal);
      return "kind" in result
        ? unfinishedRun(call.executionId, result, rules)
        : received(result as ScriptRun);
    },
    async replay(script, recording) {
      const result = await pool.perform({ kind: "replay", script, recording });
      if (!("kind" in result)) return result as ScriptReplay;
      const run = unfinishedRun("", result, rules);
      return { run, identical: false, changedProperties: [] };
    },
    async check(source, name) {
      const result = await pool.perform({ kind: "check", source, name });
      if (!("kind" in result)) return result as ScriptProblem[];
      const { message } = failureOf(result, rules);
      return [{ code: "load", refused: true, message }];
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
