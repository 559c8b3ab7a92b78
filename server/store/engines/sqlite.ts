// SQLite through node:sqlite: one writer with shared commits, one reader, one file.
import assert from "node:assert/strict";
import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  Kysely,
  QueryResult,
} from "kysely";
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Statement } from "../statement.ts";
import { unavailable } from "../unavailable.ts";
import type { SqlEngine } from "./sql_engine.ts";
import { callDeadlineMs } from "./sql_engine.ts";
import type { SqliteConnection, Synchronous } from "./sqlite_file.ts";
import { isBusy, onlyReads, openReader, openWriter } from "./sqlite_file.ts";
import { watchPlace } from "./sqlite_place.ts";
import { LoopTurn, SqliteWriter } from "./sqlite_writer.ts";

/**
 * Opens `sqlite:<file>`. The file may be shared with other processes: that stays correct, but they
 * all wait for one writer. Rejects with UNAVAILABLE when the file cannot be opened. Source: our
 * measurement, a shared commit makes a durable write six times cheaper under load.
 */
export async function openSqlite(
  url: string,
  synchronous: Synchronous,
  { atOnce = false } = {},
): Promise<SqlEngine> {
  const file = url.slice(url.indexOf(":") + 1);
  assert(file !== "" && file !== ":memory:", "sqlite:<file> names a file");
  try {
    const writing = openWriter(file, synchronous);
    const reader = openReader(file);
    const engine = new SqliteEngine(writing, reader, await watchPlace(file, reader));
    return atOnce ? withAtOnce(engine, reader, openWriter(file, synchronous)) : engine;
  } catch (error) {
    throw unavailable(error);
  }
}

/**
 * Adds what is done at once, over a writing connection of its own: it never waits for a lock, and each
 * statement is a commit. Source: our measurement, a worker that awaits its writes pays 17 % more.
 */
function withAtOnce(
  engine: SqliteEngine,
  reader: SqliteConnection,
  writing: SqliteConnection,
): SqlEngine {
  return Object.assign(engine, {
    runAtOnce<Row>(query: CompiledQuery<Row>): QueryResult<Row> | undefined {
      try {
        return (onlyReads(query) ? reader : writing).run(query) as QueryResult<Row>;
      } catch (error) {
        if (isBusy(error)) return undefined;
        throw unavailable(error);
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      writing.database.close();
      await SqliteEngine.prototype[Symbol.asyncDispose].call(engine);
    },
  });
}

class SqliteEngine implements SqlEngine {
  readonly migrationLock = [];
  readonly skipsLocked = false;
  readonly dialect: Dialect;
  readonly #reader: SqliteConnection;
  readonly #writing: SqliteConnection;
  readonly #checkPlace: () => Promise<void>;
  readonly #turn = new LoopTurn();
  readonly #writer: SqliteWriter;
  #closed = false;

  constructor(
    writing: SqliteConnection,
    reader: SqliteConnection,
    checkPlace: () => Promise<void>,
  ) {
    this.#writing = writing;
    this.#reader = reader;
    this.#checkPlace = checkPlace;
    this.#writer = new SqliteWriter(writing, this.#turn);
    this.dialect = dialectOver(() => new SqliteSession(this));
  }

  async schemaName(): Promise<undefined> {}

  async run<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>> {
    this.#assertOpen();
    if (!onlyReads(query)) {
      return (await this.#writer.submit([{ query }]))[0] as QueryResult<Row>;
    }
    if (this.#turn.overdue()) await new Promise((resume) => setImmediate(resume));
    this.#assertOpen();
    try {
      return this.#reader.run(query) as QueryResult<Row>;
    } catch (error) {
      throw unavailable(error);
    }
  }

  async unit(statements: readonly Statement[]): Promise<readonly QueryResult<unknown>[]> {
    this.#assertOpen();
    return this.#writer.submit(statements);
  }

  async checkPlace(): Promise<void> {
    this.#assertOpen();
    try {
      await this.#checkPlace();
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Begins a transaction of its own; gives what ends it. */
  async begin(): Promise<(how: "COMMIT" | "ROLLBACK") => void> {
    this.#assertOpen();
    const free = await this.#writer.begin(performance.now() + callDeadlineMs);
    return (how) => {
      try {
        this.#writer.end(how);
      } finally {
        free();
      }
    };
  }

  /** Runs a statement inside the transaction that `begin` began. */
  runInside(query: CompiledQuery<unknown>): QueryResult<unknown> {
    return this.#writing.run(query);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writer.close();
    this.#reader.database.close();
  }

  #assertOpen(): void {
    assert(!this.#closed, "the store was closed");
  }
}

// What Kysely takes for a connection: statements of a transaction, or single ones.
class SqliteSession implements DatabaseConnection {
  readonly #engine: SqliteEngine;
  #end: ((how: "COMMIT" | "ROLLBACK") => void) | undefined;
  #statements = 0;
  #abandoned = false;

  constructor(engine: SqliteEngine) {
    this.#engine = engine;
  }

  async begin(): Promise<void> {
    try {
      this.#end = await this.#engine.begin();
    } catch (error) {
      throw unavailable(error);
    }
    this.#watch();
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    this.#assertKept();
    if (!this.#end) return this.#engine.run(query) as Promise<QueryResult<Row>>;
    this.#watch();
    try {
      return this.#engine.runInside(query) as QueryResult<Row>;
    } catch (error) {
      throw unavailable(error);
    }
  }

  async finish(how: "COMMIT" | "ROLLBACK"): Promise<void> {
    if (how === "COMMIT") this.#assertKept();
    const end = this.#end;
    this.#end = undefined;
    try {
      end?.(how);
    } catch (error) {
      throw unavailable(error);
    }
  }

  // Everything a transaction may await is done when the loop turns. One that is still open then,
  // with no new statement, waits for something else and would keep every other writer waiting with
  // it.
  #watch(): void {
    this.#statements += 1;
    const seen = this.#statements;
    setImmediate(() => {
      if (!this.#end || this.#statements !== seen) return;
      this.#abandoned = true;
      void this.finish("ROLLBACK");
    });
  }

  #assertKept(): void {
    assert(!this.#abandoned, "a transaction awaited something other than its own statements");
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for the method
  async *streamQuery(): AsyncIterableIterator<never> {
    assert.fail("results are not streamed");
  }
}

class Adapter extends SqliteAdapter {
  // Reads and queued writes need no connection of their own.
  override get supportsMultipleConnections(): boolean {
    return true;
  }
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

const dialectOver = (connect: () => SqliteSession): Dialect => ({
  createAdapter: () => new Adapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  createDriver: (): Driver => ({
    init: async () => {},
    acquireConnection: async () => connect(),
    releaseConnection: async () => {},
    beginTransaction: (session) => (session as SqliteSession).begin(),
    commitTransaction: (session) => (session as SqliteSession).finish("COMMIT"),
    rollbackTransaction: (session) => (session as SqliteSession).finish("ROLLBACK"),
    // The engine is closed by who opened it.
    destroy: async () => {},
  }),
});
