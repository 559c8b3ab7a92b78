// The worker's side of the engine: owns the sandbox and everything that a run needs of the host.
import { strict as assert } from "node:assert";
import { platform, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { Breach } from "./breach.ts";
import type { Timing } from "./budget.ts";
import { checkScript } from "./check.ts";
import { type Egress, openEgress } from "./egress.ts";
import { openHeartbeat } from "./heartbeat.ts";
import { versionOf } from "./job.ts";
import { maskOf } from "./mask.ts";
import type {
  EngineSettings,
  FromWorker,
  SentTask,
  Task,
  TaskResult,
  ToWorker,
  WorkerStart,
} from "./message.ts";
import { openOutbox } from "./outbox.ts";
import { type Prelude, readPrelude } from "./prelude.ts";
import { replayScript } from "./replay.ts";
import { runScript, type Surroundings } from "./run.ts";
import { openSandbox } from "./sandbox.ts";
import type { Script } from "./script.ts";
import { testSandbox } from "./self_test.ts";
import { Turn } from "./turn.ts";
import type { ScriptCachePort } from "./world.ts";

/** What the composition root's worker file gives: the store behind CACHE. */
export interface ScriptServices {
  readonly cache: ScriptCachePort;
}

const lowPriority = 10;

/** On Linux a priority is a thread's own; elsewhere it is the process's, which stays as it is. */
const giveWay = (): void => {
  if (platform() === "linux") setPriority(0, lowPriority);
};

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
  if (start.isBehind) giveWay();
  const prelude = readPrelude();
  if (start.selfTest) await testSandbox(start.quickjs, { ...prelude, optional: [] });
  const outbox = openOutbox((messages) => port.postMessage(messages));
  const active = new Map<number, Active>();
  const heartbeat = openHeartbeat(start.heartbeat);
  const timing: Timing = {
    heartbeat: {
      ...heartbeat,
      running(run, from, until) {
        outbox.entering(active.get(run)?.version);
        heartbeat.running(run, from, until);
      },
    },
    turn: new Turn(),
  };
  let surroundings = surround(start.settings, services, timing, start, prelude);
  await surroundings;
  const scripts = new Map<number, Script>();

  const perform = async (number: number, task: Task): Promise<void> => {
    const [version, withdrawal] = [versionOf(task), new AbortController()];
    active.set(number, { version, withdrawal });
    try {
      const own = { ...(await surroundings), timing: { ...timing, script: version } };
      const result = await performTask(own, number, task, withdrawal);
      outbox.put({ kind: "done", number, result }, version);
    } catch (error) {
      outbox.put({ kind: "fault", number, error }, version);
    } finally {
      active.delete(number);
    }
  };

  const hear: Hearing = {
    task: ({ number, task }) => void perform(number, namedTask(task, scripts)),
    withdraw({ number }) {
      active.get(number)?.withdrawal.abort(new Breach(undefined, "the caller withdrew"));
    },
    configure({ settings }) {
      surroundings = surround(settings, services, timing, start, prelude, surroundings);
    },
    script({ number, script }) {
      scripts.set(number, script);
    },
    forget: () => scripts.clear(),
  };
  port.on("message", <K extends ToWorker["kind"]>(message: MessageOf<K>) =>
    hear[message.kind](message),
  );
  port.postMessage([{ kind: "ready" } satisfies FromWorker]);
};

/** A task that this worker has. */
interface Active {
  readonly version: string;
  readonly withdrawal: AbortController;
}

type MessageOf<K extends ToWorker["kind"]> = Extract<ToWorker, { kind: K }>;

/** What the worker does about each message. */
type Hearing = { readonly [K in ToWorker["kind"]]: (message: MessageOf<K>) => void };

/** Puts the script that was told under a number in its place; a task keeps it when it is forgotten. */
const namedTask = (task: SentTask, scripts: ReadonlyMap<number, Script>): Task => {
  if (task.kind === "check") return task;
  const script = scripts.get(task.script);
  assert(script, "the door tells a script before it names it");
  return { ...task, script };
};

const performTask = async (
  surroundings: Surroundings,
  number: number,
  task: Task,
  withdrawal: AbortController,
): Promise<TaskResult> => {
  if (task.kind === "run") {
    return runScript(surroundings, task.script, task.call, number, withdrawal);
  }
  if (task.kind === "replay") {
    return replayScript(surroundings, task.script, task.recording, number, withdrawal);
  }
  return checkScript(surroundings.sandbox, surroundings.timing, number, task.source, task.name);
};

/** Makes the surroundings of the next runs; the sandbox stays unless the limits have changed. */
const surround = async (
  settings: EngineSettings,
  services: ScriptServices,
  timing: Timing,
  { quickjs }: WorkerStart,
  prelude: Prelude,
  previous?: Promise<Surroundings>,
): Promise<Surroundings> => {
  const { limits, recording, properties } = settings;
  const old = await previous;
  const isSame = old !== undefined && JSON.stringify(old.sandbox.limits) === JSON.stringify(limits);
  const sandbox = isSame ? old.sandbox : await openSandbox(quickjs, limits, prelude);
  const egress = openEgress(settings.egress);
  if (old !== undefined) retire(old.egress, old.sandbox.limits.deadlineMs);
  return {
    sandbox,
    egress,
    timing,
    recording,
    properties,
    cache: services.cache,
    mask: maskOf(properties),
  };
};

/** Runs that began with the old policy may finish with it; after a deadline there is none left. */
const retire = (egress: Egress, deadlineMs: number): void => {
  setTimeout(() => void egress[Symbol.asyncDispose](), deadlineMs).unref();
};
