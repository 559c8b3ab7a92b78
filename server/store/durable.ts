// The durable store: one Kysely over the engine that the URL names, and units of statements.
import assert from "node:assert/strict";
import type { CompiledQuery, QueryResult, Transaction } from "kysely";
import { Kysely } from "kysely";
import { rowsTouched, type SqlEngine } from "./engines/sql_engine.ts";
import { engineOf } from "./engines/table.ts";
import { durableMigrations, migrate } from "./migrations.ts";
import { probe } from "./probe.ts";
import type { DurableTables } from "./schema.ts";
import type { Statement } from "./statement.ts";

/** The open durable store. A call rejects with UNAVAILABLE when the engine fails; see SqlEngine. */
export interface Durable extends AsyncDisposable {
  /** Builds queries; rare ones may also be executed through it. */
  readonly db: Kysely<DurableTables>;
  /** Whether a select may lock its rows and skip locked ones. */
  readonly skipsLocked: boolean;
  /** Runs one compiled statement and gives its rows. */
  rows<Row>(query: CompiledQuery<Row>): Promise<readonly Row[]>;
  /** Runs one compiled statement and gives the number of rows that it touched. */
  touched(query: CompiledQuery<unknown>): Promise<number>;
  /**
   * Runs all statements or none, and gives what each returned; see SqlEngine. The way to write several
   * rows on a hot path, and where callers may wait for each other: what ends in a deadlock is done anew.
   */
  unit(statements: readonly Statement[]): Promise<readonly QueryResult<unknown>[]>;
  /**
   * Runs `work` in a transaction, for when a later statement needs an earlier result. Nothing but
   * statements of this transaction may be awaited in it: it may hold the only writer.
   */
  transaction<T>(work: (db: Transaction<DurableTables>) => Promise<T>): Promise<T>;
  /** Resolves when the store reads and writes a table of ours; see probe. */
  ping(): Promise<void>;
}

/**
 * Opens the durable store at `url`, `sqlite:<file>` or `postgres://...`, and migrates it. Rejects
 * with UNAVAILABLE when it cannot be opened, and with a plain error when the URL is not one of
 * ours.
 */
export async function openDurable(url: string): Promise<Durable> {
  const { openSql } = engineOf(url);
  assert(openSql, `a durable store cannot be at ${new URL(url).protocol}`);
  const engine = await openSql(url);
  const db = new Kysely<DurableTables>({ dialect: engine.dialect });
  try {
    await migrate(db, engine, "migration", durableMigrations);
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  return durableOver(engine, db);
}

function durableOver(engine: SqlEngine, db: Kysely<DurableTables>): Durable {
  const read = db.selectFrom("configuration_revision").select("revision").compile();
  const write = db
    .updateTable("configuration_revision")
    .set((row) => ({ revision: row.ref("revision") }))
    .compile();
  const durable: Durable = {
    db,
    skipsLocked: engine.skipsLocked,
    rows: async (query) => (await engine.run(query)).rows,
    touched: async (query) => rowsTouched(await engine.run(query)),
    unit: (statements) => engine.unit(statements),
    transaction: (work) => db.transaction().execute(work),
    ping: () => probe(engine, read, write),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
  return durable;
}
