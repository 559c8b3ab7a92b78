// One worker with the jobs that it has, and what becomes of them when it ends.
import type { Job } from "./job.ts";
import type { EngineSettings, FromWorker, SentTask, Task, WorkerStart } from "./message.ts";
import { openSeat, type Seat } from "./seat.ts";
import { openTold, type Told } from "./told.ts";

/** The job that a worker ended under, after so long in the guest; stuck, unless the worker just died. */
export interface Killer {
  readonly job: Job;
  readonly afterMs: number;
  readonly isStuck: boolean;
}

/** What a worker that has ended leaves: jobs that had begun, and those that had not. */
export interface Remains {
  /** What it died of, when that was not its station's doing. */
  readonly error: unknown;
  readonly killer: Killer | undefined;
  readonly lost: readonly Job[];
  readonly again: readonly Job[];
}

/** What the lane does about a station. */
export interface StationEvents {
  ready(): void;
  /** A job has ended, with a result or a fault, and was told so. */
  done(job: Job): void;
  /** The worker is gone; nobody was told anything yet. */
  gone(remains: Remains): void;
}

/** A worker and its jobs: `starting`, then `ready` for jobs, then `ending`, from which it only goes. */
export class Station {
  readonly #jobs = new Map<number, Job>();
  readonly #events: StationEvents;
  readonly #seat: Seat;
  readonly #told: Told;
  #state: "starting" | "ready" | "ending" = "starting";
  #idleSince = performance.now();
  /** Numbers leave a rest of their own when divided by `#size`: see `newHeartbeat`. */
  readonly #size: number;
  readonly #graceMs: number;
  readonly #freeRests: number[];
  #rounds = 0;
  #killer: Killer | undefined;

  /**
   * Starts the worker, which takes up to `size` jobs at a time. A guest in it that is overdue by more
   * than `graceMs` milliseconds is stuck.
   */
  constructor(
    workerUrl: URL,
    start: Omit<WorkerStart, "heartbeat">,
    size: number,
    graceMs: number,
    events: StationEvents,
  ) {
    this.#events = events;
    this.#size = size;
    this.#graceMs = graceMs;
    this.#freeRests = Array.from({ length: size }, (_, rest) => rest);
    this.#seat = openSeat(workerUrl, start, size, {
      ready: () => {
        this.#state = "ready";
        events.ready();
      },
      done: (message) => this.#done(message),
      lost: (error) => this.#gone(error),
    });
    this.#told = openTold(this.#seat.say);
  }

  get state(): "starting" | "ready" | "ending" {
    return this.#state;
  }

  get jobs(): ReadonlyMap<number, Job> {
    return this.#jobs;
  }

  /** True when it takes another job. */
  get isFree(): boolean {
    return this.#state === "ready" && this.#freeRests.length > 0;
  }

  /** For how many milliseconds its guest has been computing; 0 when none is. */
  get computesMs(): number {
    return this.#jobs.size === 0 ? 0 : (this.#seat.pulse.running()?.ms ?? 0);
  }

  /** For how many milliseconds it has had no job. */
  get idleMs(): number {
    return this.#jobs.size > 0 ? 0 : performance.now() - this.#idleSince;
  }

  /** Gives a job to the worker, which is free for it. */
  give(job: Job): void {
    job.number = ++this.#rounds * this.#size + (this.#freeRests.pop() ?? 0);
    this.#jobs.set(job.number, job);
    const task = sentTask(job.task, this.#told);
    this.#seat.say({ kind: "task", number: job.number, task });
  }

  /** Lets the worker know that nobody waits for a job any more, if it has that job. */
  withdraw(job: Job): void {
    if (this.#jobs.get(job.number) !== job) return;
    this.#seat.say({ kind: "withdraw", number: job.number });
  }

  configure(settings: EngineSettings): void {
    this.#seat.say({ kind: "configure", settings });
  }

  /** Ends the worker when a guest in it is stuck. */
  look(): void {
    const running = this.#state === "ready" ? this.#executing() : undefined;
    if (running === undefined || running.overdueMs <= this.#graceMs) return;
    this.#killer = { ...running, isStuck: true };
    void this.end();
  }

  /** Ends the worker, whatever it does. */
  end(): Promise<void> {
    this.#state = "ending";
    return this.#seat.end();
  }

  #executing(): { job: Job; afterMs: number; overdueMs: number } | undefined {
    const running = this.#seat.pulse.running();
    const job = running && this.#jobs.get(running.run);
    return job && { job, afterMs: running.ms, overdueMs: running.overdueMs };
  }

  #done(message: Exclude<FromWorker, { kind: "ready" }>): void {
    const job = this.#jobs.get(message.number);
    if (job === undefined) return;
    this.#jobs.delete(message.number);
    this.#freeRests.push(message.number % this.#size);
    if (this.#jobs.size === 0) this.#idleSince = performance.now();
    if (message.kind === "fault") job.reject(message.error);
    else job.resolve(message.result);
    this.#events.done(job);
  }

  /** Judged only now: what the worker still said was heard, and nothing of it begins any more. */
  #gone(error: unknown): void {
    const died = this.#state === "ready" ? this.#executing() : undefined;
    const killer = this.#killer ?? (died && { ...died, isStuck: false });
    const others = [...this.#jobs.values()].filter((job) => job !== killer?.job);
    const hasBegun = ({ number }: Job): boolean => this.#seat.pulse.hasBegun(number);
    this.#state = "ending";
    this.#jobs.clear();
    this.#events.gone({
      error,
      killer,
      lost: others.filter(hasBegun),
      again: others.filter((job) => !hasBegun(job)),
    });
  }
}

const sentTask = (task: Task, told: Told): SentTask =>
  task.kind === "check" ? task : { ...task, script: told.numberOf(task.script) };
