// The only writer of an SQLite file: all writes of one turn of the event loop share one commit.
import assert from "node:assert/strict";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { QueryResult } from "kysely";
import type { Statement } from "../statement.ts";
import { Unmet } from "../statement.ts";
import { unavailable } from "../unavailable.ts";
import { callDeadlineMs, rowsTouched } from "./sql_engine.ts";
import type { SqliteConnection } from "./sqlite_file.ts";
import { isBusy } from "./sqlite_file.ts";

type Results = readonly QueryResult<unknown>[];

interface Job {
  readonly statements: readonly Statement[];
  /** When it is given up, by `performance.now()`. */
  readonly until: number;
  done(results: Results): void;
  fail(error: unknown): void;
}

// How long work may keep the loop from its timers and sockets.
const turnMs = 4;
const jobsPerCommit = 500;
const longestRetryMs = 16;

/**
 * Tells when the loop has to be let go: work over a synchronous driver would never do so by itself.
 */
export class LoopTurn {
  #since: number | undefined;

  /** Says whether this turn of the loop has lasted too long. */
  overdue(): boolean {
    const now = performance.now();
    if (this.#since !== undefined) return now - this.#since > turnMs;
    this.#since = now;
    setImmediate(() => {
      this.#since = undefined;
    });
    return false;
  }
}

/**
 * The queue in front of the writing connection. It closes the connection when it is closed itself.
 */
export class SqliteWriter {
  readonly #connection: SqliteConnection;
  readonly #turn: LoopTurn;
  #jobs: Job[] = [];
  #armed = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(connection: SqliteConnection, turn: LoopTurn) {
    this.#connection = connection;
    this.#turn = turn;
  }

  /**
   * Runs the statements atomically with the next commit. Unmet, or a driver's error, undoes them
   * all.
   */
  submit(statements: readonly Statement[]): Promise<Results> {
    return new Promise((done, fail) => {
      const until = performance.now() + callDeadlineMs;
      this.#jobs.push({ statements, until, done, fail: (error) => fail(unavailable(error)) });
      this.#arm();
    });
  }

  /**
   * Waits for its turn, begins a transaction and gives the function that frees the writer again.
   * First come, first served; rejects when `until` passes first.
   */
  async begin(until: number): Promise<() => void> {
    const free = await this.#lock();
    try {
      if (performance.now() > until) throw new Error("the writer was not free in time");
      await this.#beginImmediate(until);
      return free;
    } catch (error) {
      free();
      throw error;
    }
  }

  /** Commits what is queued, then closes the connection. */
  async close(): Promise<void> {
    const free = await this.#lock();
    while (this.#jobs.length > 0) await this.#commitQueued();
    this.#connection.database.close();
    free();
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => void this.#flush());
  }

  async #lock(): Promise<() => void> {
    const before = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    await before;
    if (this.#turn.overdue()) await nextTurn();
    return resolve;
  }

  // SQLite's own waiting sleeps inside the call and is unfair: the loop would stand still for
  // seconds.
  async #beginImmediate(until: number): Promise<void> {
    for (let wait = 1; ; wait = Math.min(wait * 2, longestRetryMs)) {
      try {
        this.#connection.database.exec("BEGIN IMMEDIATE");
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > until) throw error;
      }
      await sleep(Math.random() * wait);
    }
  }

  async #flush(): Promise<void> {
    this.#armed = false;
    const free = await this.#lock();
    if (this.#jobs.length > 0) await this.#commitQueued();
    free();
    if (this.#jobs.length > 0) this.#arm();
  }

  async #commitQueued(): Promise<void> {
    const { database } = this.#connection;
    let jobs: readonly Job[] = this.#jobs;
    const answers: (() => void)[] = [];
    try {
      await this.#beginImmediate(this.#jobs[0]!.until);
      jobs = this.#jobs.splice(0, jobsPerCommit);
      if (!this.#together(jobs, answers)) {
        await this.#beginImmediate(performance.now() + callDeadlineMs);
        for (const job of jobs) answers.push(this.#attempt(job));
      }
      database.exec("COMMIT");
    } catch (error) {
      if (jobs === this.#jobs) this.#jobs = [];
      for (const job of jobs) job.fail(error);
      if (database.isTransaction) database.exec("ROLLBACK");
      return;
    }
    for (const answer of answers) answer();
  }

  // Nearly always every job succeeds, and then none needs a way back of its own, which costs further
  // writes (with temporary files 42 for a registration, without both 27). When one fails, everything is
  // undone and each is tried by itself.
  #together(jobs: readonly Job[], answers: (() => void)[]): boolean {
    const { database } = this.#connection;
    try {
      for (const job of jobs) {
        const results = this.#runAll(job);
        answers.push(() => job.done(results));
      }
      return true;
    } catch {
      if (database.isTransaction) database.exec("ROLLBACK");
      answers.length = 0;
      return false;
    }
  }

  #runAll({ statements }: Job): Results {
    return statements.map(({ query, expect }, index) => {
      const result = this.#connection.run(query);
      const found = rowsTouched(result);
      if (expect !== undefined && found !== expect) throw new Unmet(index, found, expect);
      return result;
    });
  }

  // Gives the answer that the job gets once the commit is done. Throws only when SQLite gave up the
  // whole transaction, as it does when the disk is full.
  #attempt(job: Job): () => void {
    const { database } = this.#connection;
    const single = job.statements.length === 1 && job.statements[0]!.expect === undefined;
    try {
      // A single statement that fails undoes itself.
      const results = single ? [this.#connection.run(job.statements[0]!.query)] : this.#unit(job);
      return () => job.done(results);
    } catch (error) {
      if (!database.isTransaction) throw error;
      return () => job.fail(error);
    }
  }

  #unit(job: Job): Results {
    const { database } = this.#connection;
    this.#connection.run(mark);
    try {
      const results = this.#runAll(job);
      this.#connection.run(keep);
      return results;
    } catch (error) {
      if (database.isTransaction) {
        this.#connection.run(undo);
        this.#connection.run(keep);
      }
      throw error;
    }
  }

  /** Ends the transaction of `begin` in the way given. */
  end(how: "COMMIT" | "ROLLBACK"): void {
    const { database } = this.#connection;
    assert(how === "ROLLBACK" || database.isTransaction, "a commit ends a transaction");
    if (database.isTransaction) database.exec(how);
  }
}

const mark = { sql: "SAVEPOINT unit", parameters: [] };
const undo = { sql: "ROLLBACK TO unit", parameters: [] };
const keep = { sql: "RELEASE unit", parameters: [] };
