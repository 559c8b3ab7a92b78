// PostgreSQL through postgres.js: statements, units and transactions over its connections.
import assert from "node:assert/strict";
import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  Kysely,
  QueryResult,
} from "kysely";
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from "kysely";
import { Refusal } from "../../core/refusal.ts";
import type { Statement } from "../statement.ts";
import { Unmet } from "../statement.ts";
import type { PostgresLane } from "./postgres_lane.ts";
import { PostgresPool } from "./postgres_pool.ts";
import type { SqlEngine } from "./sql_engine.ts";
import { rowsTouched } from "./sql_engine.ts";

type Results = readonly QueryResult<unknown>[];

const unitAttempts = 3;
// Any number will do, if it is the same in every process.
const migrationLock = 7_301_948_215;

/**
 * Opens `postgres://...`; `?search_path=<schema>` chooses the schema. At most eight connections are
 * opened, when they are needed. Rejects with UNAVAILABLE when the server does not answer.
 */
export async function openPostgres(url: string): Promise<SqlEngine> {
  const pool = new PostgresPool(url);
  try {
    await pool.share((lane) => lane.control("select 1"));
  } catch (error) {
    await pool.close();
    throw error;
  }
  return {
    dialect: dialectOver(pool),
    migrationLock: [`select pg_advisory_xact_lock(${migrationLock})`],
    skipsLocked: true,
    // The place is the server's, which answers for it with every statement.
    checkPlace: async () => {},
    async schemaName(db) {
      const query = sql<{ name: string }>`select current_schema() as name`;
      return (await query.execute(db)).rows[0]!.name;
    },
    run: (query) => pool.share((lane) => lane.run(query)),
    unit: (statements) => runUnit(pool, statements),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

// Two units that lock the same rows in different orders stop each other; one of them then starts
// anew.
async function runUnit(pool: PostgresPool, statements: readonly Statement[]): Promise<Results> {
  for (let attempt = 1; ; attempt += 1) {
    const lane = await pool.borrow();
    try {
      return await transact(lane, statements);
    } catch (error) {
      if (attempt === unitAttempts || !isConflict(error)) throw error;
    } finally {
      pool.giveBack(lane);
    }
  }
}

// Two round trips: everything but the commit is sent without waiting for an answer.
async function transact(lane: PostgresLane, statements: readonly Statement[]): Promise<Results> {
  const sent = [lane.control("begin"), ...statements.map(({ query }) => lane.run(query))];
  const [begun, ...answers] = await Promise.allSettled(sent);
  try {
    resultOf(begun!);
    // In their order: after one that was not met, a later one may have failed for that reason.
    const results = statements.map(({ expect }, index) => {
      const result = resultOf(answers[index]!) as QueryResult<unknown>;
      const found = rowsTouched(result);
      if (expect !== undefined && found !== expect) throw new Unmet(index, found, expect);
      return result;
    });
    await lane.control("commit");
    return results;
  } catch (error) {
    if (!lane.ended) await lane.control("rollback");
    throw error;
  }
}

function resultOf<T>(answer: PromiseSettledResult<T>): T {
  if (answer.status === "rejected") throw answer.reason;
  return answer.value;
}

const conflictCodes: ReadonlySet<unknown> = new Set(["40001", "40P01"]);
const isConflict = (error: unknown): boolean =>
  error instanceof Refusal &&
  error.cause instanceof Error &&
  "code" in error.cause &&
  conflictCodes.has(error.cause.code);

// What Kysely takes for a connection: statements of a transaction, or single ones.
class PostgresSession implements DatabaseConnection {
  readonly #pool: PostgresPool;
  #lane: PostgresLane | undefined;
  #failed = false;

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  async begin(): Promise<void> {
    const lane = await this.#pool.borrow();
    try {
      await lane.control("begin");
      this.#lane = lane;
    } catch (error) {
      this.#pool.giveBack(lane);
      throw error;
    }
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const rows = query as CompiledQuery<Row>;
    if (!this.#lane) return this.#pool.share((lane) => lane.run(rows));
    try {
      return await this.#lane.run(rows);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  async finish(how: "commit" | "rollback"): Promise<void> {
    // PostgreSQL would answer such a commit with a silent rollback.
    assert(how === "rollback" || !this.#failed, "a transaction goes on after a failed statement");
    const lane = this.#lane;
    if (!lane) return;
    this.#lane = undefined;
    try {
      if (how === "commit" || !lane.ended) await lane.control(how);
    } finally {
      this.#pool.giveBack(lane);
    }
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for the method
  async *streamQuery(): AsyncIterableIterator<never> {
    assert.fail("results are not streamed");
  }
}

// Who migrates holds the lock already; see migrationLock.
class Adapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

const dialectOver = (pool: PostgresPool): Dialect => ({
  createAdapter: () => new Adapter(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
  createDriver: (): Driver => ({
    init: async () => {},
    acquireConnection: async () => new PostgresSession(pool),
    releaseConnection: async () => {},
    beginTransaction: (session) => (session as PostgresSession).begin(),
    commitTransaction: (session) => (session as PostgresSession).finish("commit"),
    rollbackTransaction: (session) => (session as PostgresSession).finish("rollback"),
    // The engine is closed by who opened it.
    destroy: async () => {},
  }),
});
