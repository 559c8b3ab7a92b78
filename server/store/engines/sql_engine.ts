// What an SQL engine gives to the rest of this room.
import assert from "node:assert/strict";
import type { CompiledQuery, Dialect, Kysely, QueryResult } from "kysely";
import type { Statement } from "../statement.ts";

/**
 * An open SQL database. Every call rejects with UNAVAILABLE when the engine fails or does not
 * answer in time (callDeadlineMs), and throws an assertion when it was closed.
 */
export interface SqlEngine extends AsyncDisposable {
  /** For a Kysely over the same connections; `transaction()` of it is exclusive on SQLite. */
  readonly dialect: Dialect;
  /** Runs one statement; when it has come back, what it wrote is durable. */
  run<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>;
  /**
   * Runs one statement before it returns, and gives undefined, with nothing done, when it would have
   * to wait for another writer. Only in an engine that was opened for it. Throws UNAVAILABLE.
   */
  runAtOnce?<Row>(query: CompiledQuery<Row>): QueryResult<Row> | undefined;
  /**
   * Runs all statements in order as one atomic step, durable when it has come back. Rejects with
   * Unmet when one touched or returned another number of rows than it was expected to; then nothing
   * happened.
   */
  unit(statements: readonly Statement[]): Promise<readonly QueryResult<unknown>[]>;
  /**
   * Rejects with UNAVAILABLE when what the engine keeps its data in is gone without the engine
   * noticing; cheap.
   */
  checkPlace(): Promise<void>;
  /** What the transaction that migrates runs first, so that a second one waits for it. */
  readonly migrationLock: readonly string[];
  /** Names the schema that the tables are in, where the engine has schemas. */
  // biome-ignore lint/suspicious/noExplicitAny: it looks at no table of the schema
  schemaName(db: Kysely<any>): Promise<string | undefined>;
  /** Whether a select may lock its rows and skip locked ones. */
  readonly skipsLocked: boolean;
}

/** How long a call may take before it is given up, in milliseconds. Below every RPC's deadline. */
export const callDeadlineMs = 5000;

/** Counts the rows that a statement returned or, when it returns none, touched. */
export const rowsTouched = (result: QueryResult<unknown>): number =>
  result.rows.length > 0 ? result.rows.length : Number(result.numAffectedRows ?? 0n);

/**
 * Checks the texts of a statement: well-formed Unicode without NUL. SQLite and PostgreSQL treat
 * other text differently, and two different ill-formed user ids would become one. A text that fails
 * is a fault.
 */
export function checkTexts(parameters: readonly unknown[]): void {
  for (const value of parameters) {
    if (typeof value !== "string") continue;
    assert(value.isWellFormed() && !value.includes("\0"), "a stored text is Unicode without NUL");
  }
}
