// One connection to an SQLite file: opens it and keeps its prepared statements.
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { SQLInputValue, StatementSync } from "node:sqlite";
import { DatabaseSync } from "node:sqlite";
import type { CompiledQuery, QueryResult } from "kysely";
import { SelectQueryNode } from "kysely";
import { checkTexts } from "./sql_engine.ts";

/** An open connection. All its calls are synchronous and throw what node:sqlite throws. */
export interface SqliteConnection {
  readonly database: DatabaseSync;
  /** Runs a statement, prepared at its first use. */
  run(query: Pick<CompiledQuery, "sql" | "parameters">): QueryResult<unknown>;
}

const preparedLimit = 500;
// Opening waits for other processes by sleeping, which only a start can afford.
const openWaitMs = 5000;
const readWaitMs = 250;

/**
 * How firmly a commit is kept. `FULL`: it is on the disk when it returns. `NORMAL`: it outlives the
 * process, but the last ones may be undone when the machine itself stops.
 */
export type Synchronous = "FULL" | "NORMAL";

/**
 * Opens the connection that writes; creates the file and its folder, for the owner only. Readers never
 * wait for it (WAL).
 */
export function openWriter(file: string, synchronous: Synchronous): SqliteConnection {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  createFile(file);
  const database = new DatabaseSync(file, { timeout: openWaitMs });
  database.exec(
    `PRAGMA journal_mode=WAL; PRAGMA synchronous=${synchronous}; PRAGMA foreign_keys=ON`,
  );
  // What a commit may have to undo is kept in memory and not in temporary files.
  database.exec("PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=0");
  return connectionTo(database);
}

// Exclusive, for a file that is there must not be opened here: closing it again would drop the
// locks that other connections of this process hold on it.
function createFile(file: string): void {
  try {
    closeSync(openSync(file, "ax", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Opens a connection that only reads, and sees what is committed. */
export const openReader = (file: string): SqliteConnection =>
  connectionTo(new DatabaseSync(file, { readOnly: true, timeout: readWaitMs }));

/** Says whether a statement only reads, so that it need not wait for the writer. */
export const onlyReads = ({ query, sql }: CompiledQuery<unknown>): boolean =>
  SelectQueryNode.is(query) || (query.kind === "RawNode" && /^\s*select\b/i.test(sql));

/** Says whether an error means that another process is writing. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;

function connectionTo(database: DatabaseSync): SqliteConnection {
  const prepared = new Map<string, { statement: StatementSync; givesRows: boolean }>();
  const prepare = (sql: string) => {
    const statement = database.prepare(sql);
    const entry = { statement, givesRows: statement.columns().length > 0 };
    if (prepared.size >= preparedLimit) prepared.clear();
    prepared.set(sql, entry);
    return entry;
  };
  return {
    database,
    run({ sql, parameters }) {
      checkTexts(parameters);
      const { statement, givesRows } = prepared.get(sql) ?? prepare(sql);
      const values = parameters as SQLInputValue[];
      if (givesRows) return { rows: statement.all(...values) };
      return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
    },
  };
}
