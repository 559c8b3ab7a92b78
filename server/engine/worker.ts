// The worker's side of the engine: owns the sandbox and everything that a run needs of the host.
import { strict as assert } from "node:assert";
import { parentPort, workerData } from "node:worker_threads";
import { Breach } from "./breach.ts";
import type { Timing } from "./budget.ts";
import { checkScript } from "./check.ts";
import { type Egress, openEgress } from "./egress.ts";
import { openHeartbeat } from "./heartbeat.ts";
import { maskOf } from "./mask.ts";
import type {
  EngineSettings,
  FromWorker,
  Task,
  TaskResult,
  ToWorker,
  WorkerStart,
} from "./message.ts";
import { readPrelude } from "./prelude.ts";
import { runScript, type Surroundings } from "./run.ts";
import { openSandbox } from "./sandbox.ts";
import { testSandbox } from "./self_test.ts";
import { Turn } from "./turn.ts";
import type { ScriptCachePort } from "./world.ts";

/** What the composition root's worker file gives: the store behind CACHE. */
export interface ScriptServices {
  readonly cache: ScriptCachePort;
}

/** What `openEngine` was given as `workerData`, for the worker file that it starts. */
export const entryData = (): unknown => (workerData as WorkerStart).entry;

/**
 * Serves scripts in this worker thread until it is terminated. Called once by the worker file that
 * the composition root names. Throws a fault that names what has changed when the engine below is
 * not the one it was built for; the door then refuses to open.
 */
export const serveScripts = async (services: ScriptServices): Promise<void> => {
  const port = parentPort;
  assert(port, "scripts are served in a worker thread");
  const start = workerData as WorkerStart;
  const prelude = readPrelude();
  if (start.selfTest) await testSandbox(start.quickjs, prelude);
  const timing: Timing = { heartbeat: openHeartbeat(start.heartbeat), turn: new Turn() };
  let surroundings = surround(start.settings, services, timing, start, prelude);
  await surroundings;
  const withdrawals = new Map<number, AbortController>();
  const say = (message: FromWorker): void => port.postMessage(message);

  const perform = async (number: number, task: Task): Promise<void> => {
    timing.heartbeat.begun(number);
    const withdrawal = new AbortController();
    withdrawals.set(number, withdrawal);
    try {
      const result = await performTask(await surroundings, number, task, withdrawal);
      say({ kind: "done", number, result });
    } catch (error) {
      say({ kind: "fault", number, error });
    } finally {
      withdrawals.delete(number);
    }
  };

  port.on("message", (message: ToWorker) => {
    if (message.kind === "task") void perform(message.number, message.task);
    else if (message.kind === "withdraw") {
      withdrawals.get(message.number)?.abort(new Breach(undefined, "the caller withdrew"));
    } else {
      surroundings = surround(message.settings, services, timing, start, prelude, surroundings);
    }
  });
  say({ kind: "ready" });
};

const performTask = async (
  surroundings: Surroundings,
  number: number,
  task: Task,
  withdrawal: AbortController,
): Promise<TaskResult> =>
  task.kind === "run"
    ? runScript(surroundings, task.script, task.call, number, withdrawal)
    : checkScript(surroundings.sandbox, surroundings.timing, number, task.source, task.name);

/** Makes the surroundings of the next runs; the sandbox stays unless the limits have changed. */
const surround = async (
  settings: EngineSettings,
  services: ScriptServices,
  timing: Timing,
  { quickjs }: WorkerStart,
  prelude: string,
  previous?: Promise<Surroundings>,
): Promise<Surroundings> => {
  const { limits, properties } = settings;
  const old = await previous;
  const isSame = old !== undefined && JSON.stringify(old.sandbox.limits) === JSON.stringify(limits);
  const sandbox = isSame ? old.sandbox : await openSandbox(quickjs, limits, prelude);
  const egress = openEgress(settings.egress);
  if (old !== undefined) retire(old.egress, old.sandbox.limits.deadlineMs);
  return {
    sandbox,
    egress,
    timing,
    properties,
    cache: services.cache,
    mask: maskOf(properties),
  };
};

/** Runs that began with the old policy may finish with it; after a deadline there is none left. */
const retire = (egress: Egress, deadlineMs: number): void => {
  setTimeout(() => void egress[Symbol.asyncDispose](), deadlineMs).unref();
};
