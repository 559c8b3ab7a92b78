// The workers of an engine: which lane a task goes to, and which versions of scripts have to pause.
import { type Breaker, type BreakerRules, openBreaker } from "./breaker.ts";
import type { CompiledQuickjs } from "./glue.ts";
import { type Job, type NotDone, unavailable, versionOf } from "./job.ts";
import { Lane, type LaneEvents, type LaneOptions } from "./lane.ts";
import type { EngineSettings, Task, TaskResult } from "./message.ts";
import { openWeights, type Weights, weightRules } from "./weights.ts";

/**
 * How a pool is opened: main and heavy lane have up to `workers` each, that of killers up to
 * `quarantineWorkers`, and every lane a queue of up to `queueLimit`.
 */
export interface PoolOptions {
  readonly workerUrl: URL;
  readonly workerData: unknown;
  readonly workers: number;
  readonly quarantineWorkers: number;
  readonly tasksPerWorker: number;
  readonly queueLimit: number;
  readonly quickjs: CompiledQuickjs;
  readonly settings: EngineSettings;
  readonly breaker: BreakerRules;
}

const watchMs = 25;
/** A guest ends itself at its limit; beyond this it is stuck where it polls nothing. */
const graceMs = 150;
/** A worker that gives way may be kept from its core for long where nothing is polled. */
const heavyGraceMs = 5_000;

/**
 * Three lanes of workers. Runs share the workers of the main one. A version of a script that computes
 * for long runs among its like for a while, behind the others. One because of which a worker had to be
 * ended runs in quarantine from then on, where a worker has one task at a time, so that it takes nobody
 * with it again. Checks and replays always go there: they are rare, and what they look at is often what
 * has gone wrong. Source: our design, lanes; D-30.
 */
export class WorkerPool implements AsyncDisposable {
  readonly #main: Lane;
  readonly #heavy: Lane;
  readonly #quarantine: Lane;
  readonly #breaker: Breaker;
  readonly #weights: Weights = openWeights(weightRules);
  #settings: EngineSettings;
  #isClosed = false;
  #watch: NodeJS.Timeout | undefined;

  private constructor(options: PoolOptions) {
    const { workerUrl, workerData, workers, tasksPerWorker, queueLimit, quickjs } = options;
    this.#settings = options.settings;
    this.#breaker = openBreaker(options.breaker);
    const events: LaneEvents = {
      left: (job, hasVerdict) => {
        if (job.isTrial) this.#breaker.tried(job.version, hasVerdict);
      },
      killed: ({ job }) => this.#killed(job.version),
      again: (job) => this.#route(job, (lane) => lane.putBack(job)),
    };
    const start = { quickjs, entry: workerData };
    const lane: Omit<LaneOptions, "workers" | "tasksPerWorker" | "isBehind" | "graceMs"> = {
      workerUrl,
      queueLimit,
      start,
      events,
      settings: () => this.#settings,
    };
    this.#main = new Lane({ ...lane, workers, tasksPerWorker, isBehind: false, graceMs });
    this.#heavy = new Lane({
      ...lane,
      workers,
      tasksPerWorker,
      isBehind: true,
      graceMs: heavyGraceMs,
    });
    this.#quarantine = new Lane({
      ...lane,
      workers: options.quarantineWorkers,
      tasksPerWorker: 1,
      isBehind: true,
      graceMs,
    });
  }

  /** Opens the pool; the first worker proves the engine. Throws the fault of a worker that fails. */
  static async open(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    try {
      await pool.#main.open();
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      throw error;
    }
    pool.#watch = setInterval(() => {
      for (const lane of pool.#lanes) lane.look();
    }, watchMs);
    pool.#watch.unref();
    return pool;
  }

  /** True while at least one worker takes runs. */
  get isAlive(): boolean {
    return this.#main.isAlive;
  }

  /** Settings for the next tasks of every worker, also of those that are started later. */
  configure(settings: EngineSettings): void {
    this.#settings = settings;
    for (const lane of this.#lanes) lane.configure(settings);
  }

  /**
   * Gives the result of a task. Throws RATE_LIMITED when there is no room in the queue, UNAVAILABLE
   * when it waited there for too long, the pool is closed, or the worker ended under the task.
   */
  perform(task: Task, signal?: AbortSignal): Promise<TaskResult | NotDone> {
    const { promise, resolve, reject } = Promise.withResolvers<TaskResult | NotDone>();
    const job: Job = {
      task,
      version: versionOf(task),
      since: performance.now(),
      number: 0,
      isTrial: false,
      isWithdrawn: false,
      resolve: (result) => {
        if ("cpuMs" in result) this.#weights.ran(job.version, result.cpuMs);
        resolve(result);
      },
      reject,
    };
    if (signal?.aborted) reject(unavailable("the caller withdrew"));
    else this.#route(job, (lane) => lane.offer(job));
    if (signal === undefined || signal.aborted) return promise;
    const withdraw = (): void => {
      job.isWithdrawn = true;
      for (const lane of this.#lanes) lane.withdraw(job);
    };
    signal.addEventListener("abort", withdraw, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", withdraw));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    await Promise.all(this.#lanes.map((lane) => lane.end()));
  }

  get #lanes(): readonly Lane[] {
    return [this.#main, this.#heavy, this.#quarantine];
  }

  /** Hands a job to its lane, unless its version has to pause. */
  #route(job: Job, hand: (lane: Lane) => void): void {
    const { task, version } = job;
    if (this.#isClosed) {
      job.reject(unavailable("the script engine is closed"));
      return;
    }
    const admission = this.#breaker.admit(version, performance.now());
    if (admission.kind === "paused") {
      job.resolve(admission);
      return;
    }
    job.isTrial = admission.kind === "trial";
    const isShared = task.kind === "run" && !this.#breaker.hasKilled(version);
    const shared = this.#weights.isHeavy(version) ? this.#heavy : this.#main;
    hand(isShared ? shared : this.#quarantine);
  }

  /** What waits of a version that has killed goes to quarantine, or is told that it has to pause. */
  #killed(version: string): void {
    this.#breaker.killed(version, performance.now());
    const waiting = this.#lanes.flatMap((lane) => lane.drain(version));
    for (const job of waiting) this.#route(job, (lane) => lane.offer(job));
  }
}
