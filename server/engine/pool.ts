// The workers of an engine: who gets the next task, who is stuck, and what is lost with him.
import { Refusal } from "../core/refusal.ts";
import type { CompiledQuickjs } from "./glue.ts";
import type { EngineSettings, Task, TaskResult } from "./message.ts";
import { openSeat, type Seat } from "./seat.ts";

/** How a pool is opened. */
export interface PoolOptions {
  readonly workerUrl: URL;
  readonly workerData: unknown;
  readonly workers: number;
  readonly tasksPerWorker: number;
  readonly queueLimit: number;
  readonly quickjs: CompiledQuickjs;
  readonly settings: EngineSettings;
}

/** What became of a task whose worker had to be ended because of it. */
export type Stopped = { readonly stoppedAfterMs: number };

interface Job {
  readonly task: Task;
  readonly since: number;
  readonly resolve: (result: TaskResult | Stopped) => void;
  readonly reject: (error: unknown) => void;
}

interface Place {
  readonly seat: Seat;
  readonly jobs: Map<number, Job>;
  isReady: boolean;
  isLost: boolean;
}

const watchMs = 25;
/** A guest ends itself at its limit; beyond this it is stuck where it polls nothing. */
const graceMs = 150;
const respawnMs = 500;

/**
 * Gives tasks to workers, the least busy first, and ends a worker in which a script is stuck. Of
 * the tasks that are lost with it, the stuck one is told so, those that had begun are refused as
 * UNAVAILABLE (they may have had effects), and those that had not are given to another worker.
 */
export class WorkerPool implements AsyncDisposable {
  readonly #options: PoolOptions;
  #settings: EngineSettings;
  #places: Place[] = [];
  #queue: Job[] = [];
  #lastNumber = 0;
  #isClosed = false;
  #watch: NodeJS.Timeout | undefined;

  private constructor(options: PoolOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  /** Opens the pool; the first worker proves the engine. Throws the fault of a worker that fails. */
  static async open(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    try {
      const started = Array.from({ length: options.workers }, (_, index) =>
        pool.#started({ selfTest: index === 0 }),
      );
      await Promise.all(started);
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      throw error;
    }
    pool.#watch = setInterval(() => pool.#look(), watchMs);
    pool.#watch.unref();
    return pool;
  }

  /** True while at least one worker takes tasks. */
  get isAlive(): boolean {
    return !this.#isClosed && this.#places.some((place) => place.isReady);
  }

  /** Settings for the next tasks of every worker, also of those that are started later. */
  configure(settings: EngineSettings): void {
    this.#settings = settings;
    for (const { seat } of this.#places) seat.say({ kind: "configure", settings });
  }

  /**
   * Gives the result of a task. Throws UNAVAILABLE when the queue is full or was waited in for too
   * long, when the pool is closed, or when the worker ended under the task.
   */
  perform(task: Task, signal?: AbortSignal): Promise<TaskResult | Stopped> {
    if (this.#isClosed) return Promise.reject(unavailable("the script engine is closed"));
    if (this.#queue.length >= this.#options.queueLimit) {
      return Promise.reject(unavailable("the script engine is busy"));
    }
    const { promise, resolve, reject } = Promise.withResolvers<TaskResult | Stopped>();
    const job: Job = { task, resolve, reject, since: performance.now() };
    this.#queue.push(job);
    this.#assign();
    if (signal === undefined) return promise;
    const withdraw = (): void => this.#withdraw(job);
    if (signal.aborted) withdraw();
    signal.addEventListener("abort", withdraw, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", withdraw));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    const jobs = this.#places.flatMap((place) => [...place.jobs.values()]);
    for (const job of [...jobs, ...this.#queue.splice(0)]) {
      job.reject(unavailable("the script engine is closed"));
    }
    await Promise.all(this.#places.map((place) => place.seat.end()));
  }

  /** Starts a worker in a place of its own; settles when it is ready or has failed to become so. */
  #started({ selfTest }: { selfTest: boolean }): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { workerUrl, workerData, quickjs } = this.#options;
    const start = { quickjs, selfTest, settings: this.#settings, entry: workerData };
    const seat = openSeat(workerUrl, start, {
      ready: () => {
        place.isReady = true;
        resolve();
        this.#assign();
      },
      done: (message) => {
        const job = place.jobs.get(message.number);
        place.jobs.delete(message.number);
        if (message.kind === "fault") job?.reject(message.error);
        else job?.resolve(message.result);
        this.#assign();
      },
      lost: (error) => {
        reject(error ?? new Error("a script worker ended before it was ready"));
        this.#replace(place, error);
      },
    });
    const place: Place = { seat, jobs: new Map(), isReady: false, isLost: false };
    this.#places.push(place);
    return promise;
  }

  #assign(): void {
    while (this.#queue.length > 0) {
      const place = this.#freest();
      const job = place && this.#queue.shift();
      if (place === undefined || job === undefined) return;
      const number = ++this.#lastNumber;
      place.jobs.set(number, job);
      place.seat.say({ kind: "task", number, task: job.task });
    }
  }

  #freest(): Place | undefined {
    const { tasksPerWorker } = this.#options;
    let freest: Place | undefined;
    for (const place of this.#places) {
      if (!place.isReady || place.jobs.size >= tasksPerWorker) continue;
      if (freest === undefined || place.jobs.size < freest.jobs.size) freest = place;
    }
    return freest;
  }

  #withdraw(job: Job): void {
    const queued = this.#queue.indexOf(job);
    if (queued >= 0) {
      this.#queue.splice(queued, 1);
      job.reject(unavailable("the caller withdrew"));
    }
    for (const { jobs, seat } of this.#places) {
      for (const [number, other] of jobs) if (other === job) seat.say({ kind: "withdraw", number });
    }
  }

  #look(): void {
    for (const place of this.#places) {
      const running = place.seat.pulse.running();
      if (running === undefined || running.overdueMs <= graceMs) continue;
      void place.seat.end();
      this.#replace(place, undefined);
    }
    const oldest = performance.now() - this.#settings.limits.deadlineMs;
    while ((this.#queue[0]?.since ?? oldest) < oldest) {
      this.#queue.shift()?.reject(unavailable("the script engine is busy"));
    }
  }

  /** Gives up a worker once, whether it was found stuck or has ended by itself. */
  #replace(place: Place, error: unknown): void {
    if (this.#isClosed || place.isLost) return;
    place.isLost = true;
    this.#places = this.#places.filter((other) => other !== place);
    const { pulse } = place.seat;
    const running = pulse.running();
    const again: Job[] = [];
    for (const [number, job] of place.jobs) {
      if (number === running?.run) job.resolve({ stoppedAfterMs: running.ms });
      else if (number > pulse.lastBegun()) again.push(job);
      else job.reject(unavailable("the script engine was restarted", error));
    }
    this.#queue.unshift(...again);
    // A worker that did not even start is tried again after a pause, as long as it takes.
    setTimeout(() => this.#respawn(), place.isReady ? 0 : respawnMs).unref();
  }

  #respawn(): void {
    if (this.#isClosed) return;
    // A failed start ends the worker, and that leads back here.
    this.#started({ selfTest: false }).catch(() => {});
  }
}

const unavailable = (why: string, cause?: unknown): Refusal =>
  new Refusal("UNAVAILABLE", {}, { cause: new Error(why, { cause }) });
