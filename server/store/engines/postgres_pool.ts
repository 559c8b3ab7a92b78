// The connections to one PostgreSQL server: some are shared by single statements, some are owned.
import assert from "node:assert/strict";
import { unavailable } from "../unavailable.ts";
import { PostgresLane } from "./postgres_lane.ts";
import { callDeadlineMs } from "./sql_engine.ts";

const sharedLanes = 3;
const ownedLanes = 5;
// What waits beyond this is refused at once, so that a frozen server does not fill the memory.
const waitingLimit = 5000;

type Waiter = (lane: PostgresLane | undefined) => void;

/**
 * The connections. Single statements share theirs, for they can be pipelined; a unit or a
 * transaction owns one while it lasts. Connections are opened when they are needed and replaced
 * when they fail.
 */
export class PostgresPool {
  readonly #url: string;
  readonly #shared: PostgresLane[] = [];
  readonly #idle: PostgresLane[] = [];
  readonly #owned = new Set<PostgresLane>();
  readonly #waiting = new Set<Waiter>();
  #calls = 0;
  #underWay = 0;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** Gives a connection to `use` that others use at the same time. */
  async share<T>(use: (lane: PostgresLane) => Promise<T>): Promise<T> {
    this.#assertOpen();
    if (this.#underWay >= waitingLimit) throw unavailable(new Error("too many calls wait"));
    const index = this.#calls++ % sharedLanes;
    let lane = this.#shared[index];
    if (!lane || lane.ended) {
      lane = new PostgresLane(this.#url);
      this.#shared[index] = lane;
    }
    this.#underWay += 1;
    try {
      return await use(lane);
    } finally {
      this.#underWay -= 1;
    }
  }

  /**
   * Gives a connection that nobody else uses until it is given back; first come, first served.
   * Rejects with UNAVAILABLE when none is free in time.
   */
  async borrow(): Promise<PostgresLane> {
    this.#assertOpen();
    for (let lane = this.#idle.pop(); lane; lane = this.#idle.pop()) {
      if (!lane.ended) return this.#lend(lane);
    }
    if (this.#owned.size < ownedLanes) return this.#lend(new PostgresLane(this.#url));
    if (this.#waiting.size >= waitingLimit) throw unavailable(new Error("too many calls wait"));
    const { promise, resolve } = Promise.withResolvers<PostgresLane | undefined>();
    this.#waiting.add(resolve);
    const timer = setTimeout(() => {
      this.#waiting.delete(resolve);
      resolve(undefined);
    }, callDeadlineMs);
    const lane = await promise;
    clearTimeout(timer);
    if (!lane) throw unavailable(new Error("no connection was free in time"));
    return lane;
  }

  /** Takes a borrowed connection back. */
  giveBack(lane: PostgresLane): void {
    assert(this.#owned.delete(lane), "only what was borrowed is given back");
    if (this.#closed) {
      void lane.close();
      return;
    }
    const [next] = this.#waiting;
    if (next) {
      this.#waiting.delete(next);
      next(this.#lend(lane.ended ? new PostgresLane(this.#url) : lane));
    } else if (!lane.ended) {
      this.#idle.push(lane);
    }
  }

  /** Closes all connections; what is under way has a moment to come back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const waiter of this.#waiting) waiter(undefined);
    const lanes = [...this.#shared, ...this.#idle, ...this.#owned];
    await Promise.all(lanes.map((lane) => lane.close()));
  }

  #lend(lane: PostgresLane): PostgresLane {
    this.#owned.add(lane);
    return lane;
  }

  #assertOpen(): void {
    assert(!this.#closed, "the store was closed");
  }
}
