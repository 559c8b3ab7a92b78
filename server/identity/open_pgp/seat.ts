// The thread as the door sees it: does one piece of work at a time, and ends when it is stuck.
import { Worker } from "node:worker_threads";
import { Refusal } from "../../core/refusal.ts";
import type { Job, JobName, Jobs, Report } from "./job.ts";

/** The thread. */
export interface Seat {
  /**
   * Has a piece of work done; no other may be under way. Rejects with UNAVAILABLE when the thread does not
   * start, ends, or takes longer than it may, and ends it then. What fails inside is a fault.
   */
  perform<Name extends JobName>(
    name: Name,
    asked: Jobs[Name]["asked"],
  ): Promise<Jobs[Name]["result"]>;
  /** Whether the thread has ended. */
  ended(): boolean;
  end(): Promise<void>;
}

/** How long the thread may take, in milliseconds. */
export interface SeatLimits {
  readonly startMs: number;
  readonly jobMs: number;
}

const heapMb = 256;

/** Waits for what is promised, and calls when it takes longer than it may. */
async function within<T>(ms: number, late: () => void, promised: Promise<T>): Promise<T> {
  const timer = setTimeout(late, ms);
  try {
    return await promised;
  } finally {
    clearTimeout(timer);
  }
}

/** Starts the thread. It sees no environment variables of the process. */
export function openSeat(url: URL, limits: SeatLimits): Seat {
  const worker = new Worker(url, { env: {}, resourceLimits: { maxOldGenerationSizeMb: heapMb } });
  const started = Promise.withResolvers<void>();
  let underWay: PromiseWithResolvers<unknown> | undefined;
  let lost: Refusal | undefined;
  const lose = (cause: unknown) => {
    lost ??= new Refusal("UNAVAILABLE", {}, { cause });
    started.reject(lost);
    underWay?.reject(lost);
  };
  // Nobody waits until a thread has noticed that it is ended.
  const end = async (why: string) => {
    lose(new Error(why));
    await worker.terminate();
  };
  worker.on("message", (report: Report) => {
    if (report.kind === "ready") started.resolve();
    else if (report.kind === "done") underWay?.resolve(report.result);
    else underWay?.reject(new Error(report.message));
  });
  worker.on("error", lose);
  worker.on("exit", (code) => lose(new Error(`the OpenPGP thread ended with ${code}`)));
  const late = (what: string) => () => void end(`the OpenPGP thread was too slow: ${what}`);
  const warm = within(limits.startMs, late("start"), started.promise);
  // Whoever needs the thread learns it from his own piece of work.
  warm.catch(() => {});
  return {
    async perform(name, asked) {
      await warm;
      if (lost) throw lost;
      underWay = Promise.withResolvers();
      worker.postMessage({ name, asked } satisfies Job);
      return (await within(limits.jobMs, late(name), underWay.promise)) as never;
    },
    ended: () => lost !== undefined,
    end: () => end("OpenPGP is closed"),
  };
}
