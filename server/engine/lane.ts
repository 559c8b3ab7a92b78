// A lane: workers behind one queue, and whose job of it is next.
import { exhausted, type Job, unavailable } from "./job.ts";
import type { EngineSettings, WorkerStart } from "./message.ts";
import { type FairQueue, openFairQueue } from "./queue.ts";
import { type Killer, type Remains, Station } from "./station.ts";

/** What the pool has to know of. */
export interface LaneEvents {
  /** A job has left the lane and was told why; `hasVerdict` when it ran to an end of its own. */
  left(job: Job, hasVerdict: boolean): void;
  /** A worker ended under a job. */
  killed(killer: Killer): void;
  /** A worker ended that had not begun this job, which belongs to another, of whichever lane. */
  again(job: Job): void;
}

/**
 * How a lane is opened. The workers of one that `isBehind` give way to those of others, are started
 * when there is something to do, and end when they had nothing to do for a minute. `settings` gives
 * what the next worker starts with.
 */
export interface LaneOptions {
  readonly workerUrl: URL;
  readonly workers: number;
  readonly tasksPerWorker: number;
  readonly queueLimit: number;
  readonly isBehind: boolean;
  /** By how many milliseconds a guest may be overdue before it counts as stuck. */
  readonly graceMs: number;
  readonly start: Pick<WorkerStart, "quickjs" | "entry">;
  readonly settings: () => EngineSettings;
  readonly events: LaneEvents;
}

/** A worker that did not even start is not started again before this. */
const respawnMs = 500;
/** A guest that has computed for so long may go on for much longer. */
const longMs = 10;
const lingerMs = 60_000;
/** The part of a lane that a script cannot have, however many of its runs hang, is for the others. */
const placesShare = 3 / 4;
const queueShare = 1 / 2;

/**
 * Gives jobs to workers, the least busy first and scripts in turns, and ends a worker in which a guest
 * is stuck. Of the jobs that are lost with it, those that had begun are refused as UNAVAILABLE (they
 * may have had effects), and the others are handed back. Source: our design, fair between scripts.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: FairQueue<Job> = openFairQueue();
  readonly #stations = new Set<Station>();
  /** How many jobs of each version the workers have. */
  readonly #held = new Map<string, number>();
  #retryAt = 0;
  #isClosed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Starts all workers, the first one with a self-test. Throws the fault of one that fails. */
  async open(): Promise<void> {
    const all = Array.from({ length: this.#options.workers }, () => Promise.withResolvers<void>());
    for (const [index, started] of all.entries()) this.#start(index === 0, started);
    await Promise.all(all.map(({ promise }) => promise));
  }

  /** True while a worker takes jobs. */
  get isAlive(): boolean {
    return !this.#isClosed && this.#inState("ready").length > 0;
  }

  configure(settings: EngineSettings): void {
    for (const station of this.#stations) station.configure(settings);
  }

  /** Takes a job, or refuses it as RATE_LIMITED when the queue or its version's half of it is full. */
  offer(job: Job): void {
    const { queueLimit } = this.#options;
    const share = Math.max(1, Math.ceil(queueLimit * queueShare));
    const isNext = this.#queue.size === 0 && this.#allows(job.version);
    const station = isNext ? this.#freest() : undefined;
    if (station !== undefined) this.#give(station, job);
    else if (this.#queue.size >= queueLimit) {
      this.#refuse(job, exhausted("the queue of the script engine is full"));
    } else if (this.#queue.sizeOf(job.version) >= share) {
      this.#refuse(job, exhausted("the script's share of the queue is full"));
    } else {
      this.#queue.push(job.version, job);
      this.#assign();
    }
  }

  /** Takes a job back that a worker had been given and not begun, ahead of others of its version. */
  putBack(job: Job): void {
    this.#queue.push(job.version, job, true);
    this.#assign();
  }

  /** Refuses a job that waits as UNAVAILABLE, and lets its worker know of one that does not. */
  withdraw(job: Job): void {
    if (this.#queue.remove(job.version, job)) this.#refuse(job, unavailable("the caller withdrew"));
    else for (const station of this.#stations) station.withdraw(job);
  }

  /** Takes out the jobs of a version that wait. */
  drain(version: string): Job[] {
    return this.#queue.drain(version);
  }

  /** Ends workers that are stuck, and refuses as UNAVAILABLE what has waited for a whole deadline. */
  look(): void {
    for (const station of this.#stations) station.look();
    const oldest = performance.now() - this.#options.settings().limits.deadlineMs;
    for (const job of this.#queue.expire(({ since }) => since < oldest)) {
      this.#refuse(job, unavailable("the script engine is busy"));
    }
    this.#fill();
    this.#assign();
    if (this.#options.isBehind) this.#endIdle();
  }

  /** Refuses everything as UNAVAILABLE and ends all workers. */
  async end(): Promise<void> {
    this.#isClosed = true;
    const held = [...this.#stations].flatMap(({ jobs }) => [...jobs.values()]);
    for (const job of [...held, ...this.#queue.expire(() => true)]) {
      this.#refuse(job, unavailable("the script engine is closed"));
    }
    await Promise.all([...this.#stations].map((station) => station.end()));
  }

  #inState(state: Station["state"]): Station[] {
    return [...this.#stations].filter((station) => station.state === state);
  }

  #refuse(job: Job, refusal: unknown): void {
    job.reject(refusal);
    this.#options.events.left(job, false);
  }

  /** A worker whose guest computes for long takes nobody else on; what waits is not bound to it. */
  #freest(): Station | undefined {
    let freest: Station | undefined;
    for (const station of this.#stations) {
      if (!station.isFree || station.computesMs > longMs) continue;
      if (freest === undefined || station.jobs.size < freest.jobs.size) freest = station;
    }
    return freest;
  }

  #allows(version: string): boolean {
    let ready = 0;
    for (const { state } of this.#stations) if (state === "ready") ready++;
    const share = Math.floor(ready * this.#options.tasksPerWorker * placesShare);
    return (this.#held.get(version) ?? 0) < Math.max(1, share);
  }

  #give(station: Station, job: Job): void {
    this.#held.set(job.version, (this.#held.get(job.version) ?? 0) + 1);
    station.give(job);
  }

  #release({ version }: Job): void {
    const left = (this.#held.get(version) ?? 0) - 1;
    if (left > 0) this.#held.set(version, left);
    else this.#held.delete(version);
  }

  #assign(): void {
    const allows = (version: string): boolean => this.#allows(version);
    while (this.#queue.size > 0) {
      const station = this.#freest();
      const job = station && this.#queue.next(allows);
      if (station === undefined || job === undefined) break;
      this.#give(station, job);
    }
    if (this.#options.isBehind) this.#fill();
  }

  /** Starts what is missing: of a lazy lane as many workers as have something to do. */
  #fill(): void {
    if (this.#isClosed || performance.now() < this.#retryAt) return;
    const { isBehind, workers } = this.#options;
    const ready = this.#inState("ready");
    const busy = ready.filter(({ jobs }) => jobs.size > 0).length;
    const wanted = isBehind ? Math.min(workers, busy + this.#queue.size) : workers;
    const living = ready.length + this.#inState("starting").length;
    for (let count = living; count < wanted; count++) this.#start(false);
  }

  #start(selfTest: boolean, started?: PromiseWithResolvers<void>): void {
    const { workerUrl, tasksPerWorker, graceMs, isBehind, start, settings, events } = this.#options;
    let wasReady = false;
    const station = new Station(
      workerUrl,
      { ...start, settings: settings(), selfTest, isBehind },
      tasksPerWorker,
      graceMs,
      {
        ready: () => {
          wasReady = true;
          started?.resolve();
          this.#assign();
        },
        done: (job) => {
          this.#release(job);
          events.left(job, !job.isWithdrawn);
          this.#assign();
        },
        gone: (remains) => {
          const { error } = remains;
          this.#stations.delete(station);
          started?.reject(error ?? new Error("a script worker ended before it was ready"));
          this.#settle(remains);
          if (!wasReady) this.#retryAt = performance.now() + respawnMs;
          if (wasReady) this.#fill();
        },
      },
    );
    this.#stations.add(station);
  }

  #settle({ error, killer, lost, again }: Remains): void {
    const { events } = this.#options;
    if (killer !== undefined) {
      const { job, afterMs, isStuck } = killer;
      this.#release(job);
      job.resolve({ kind: "stopped", afterMs, isStuck });
      events.killed(killer);
    }
    for (const job of lost) {
      this.#release(job);
      this.#refuse(job, unavailable("the script engine was restarted", error));
    }
    for (const job of again) {
      this.#release(job);
      events.again(job);
    }
  }

  #endIdle(): void {
    for (const station of this.#inState("ready")) if (station.idleMs > lingerMs) void station.end();
  }
}
