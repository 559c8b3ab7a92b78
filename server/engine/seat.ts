// One worker thread as the door sees it: started, spoken to, listened to, ended.
import { Worker } from "node:worker_threads";
import { newHeartbeat, openPulse, type Pulse } from "./heartbeat.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./message.ts";

/** What the door does about a worker. */
export interface SeatEvents {
  ready(): void;
  done(message: Exclude<FromWorker, { kind: "ready" }>): void;
  /** The worker has ended, by itself or by `end`; `error` is what it died of. */
  lost(error: unknown): void;
}

/** A worker. */
export interface Seat {
  readonly pulse: Pulse;
  say(message: ToWorker): void;
  /** Ends the thread, even one that is stuck in a native loop. */
  end(): Promise<void>;
}

/** Scripts recurse in native code too, so the thread has more stack than usual. Source: SEC-65. */
const stackSizeMb = 16;

/**
 * Starts the worker file at `url`, for up to `runs` at a time. The thread sees no environment
 * variables of the process.
 */
export const openSeat = (
  url: URL,
  start: Omit<WorkerStart, "heartbeat">,
  runs: number,
  events: SeatEvents,
): Seat => {
  const heartbeat = newHeartbeat(runs);
  const workerData: WorkerStart = { ...start, heartbeat };
  const worker = new Worker(url, { workerData, env: {}, resourceLimits: { stackSizeMb } });
  let died: unknown;
  worker.on("message", (messages: readonly FromWorker[]) => {
    for (const message of messages) {
      if (message.kind === "ready") events.ready();
      else events.done(message);
    }
  });
  worker.on("error", (error) => {
    died = error;
  });
  worker.on("exit", () => events.lost(died));
  return {
    pulse: openPulse(heartbeat),
    say: (message) => worker.postMessage(message),
    async end() {
      await worker.terminate();
    },
  };
};
