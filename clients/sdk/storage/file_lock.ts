// A lock between processes that ends with the process that holds it.
import { open, truncate } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { notAvailable } from "./trouble.ts";

// Source: result codes of SQLite.
const busy = 5;
const notADatabase = 26;

const longestPauseMs = 20;

/**
 * Does work while nobody else, in this process or another, does work under the lock of the same file; waits as long as
 * that takes. The kernel lets go of the lock when the process ends, however it ends. Throws
 * DATA_STORAGE_NOT_AVAILABLE when the file cannot be made or locked, and on a Node that has no SQLite: before 22.13.
 *
 * Node has no lock of files of its own. SQLite has one on every system that it runs on, and it is in Node: an exclusive
 * transaction on a database that stays empty is that lock and nothing more. Source: SQLite, file locking.
 */
export async function underLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = await acquire(path);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(path: string): Promise<DatabaseSync> {
  const sqlite = sqliteOfNode();
  await create(path);
  for (;;) {
    const lock = locked(sqlite, path);
    if (typeof lock === "object") return lock;
    // Whatever is in the file, nobody needs it.
    if (lock === "damaged") await truncate(path).catch(fail);
    // Random, so that those who wait do not all come back at once.
    else await pause(Math.random() * longestPauseMs);
  }
}

type Sqlite = typeof import("node:sqlite");

/** Gives the SQLite of Node, by a name that is looked up when it is needed: an import would end an older Node. */
function sqliteOfNode(): Sqlite {
  const found: Sqlite | undefined = process.getBuiltinModule?.("node:sqlite");
  if (found) return found;
  throw notAvailable("A store in a folder needs Node 22.13 or later.");
}

/** Makes the file. One that is there is left alone: to close it would let go of a lock that this process holds. */
async function create(path: string): Promise<void> {
  try {
    await (await open(path, "wx", 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") fail(error);
  }
}

function locked(sqlite: Sqlite, path: string): DatabaseSync | "busy" | "damaged" {
  let database: DatabaseSync | undefined;
  try {
    database = new sqlite.DatabaseSync(path, { timeout: 0 });
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database?.close();
    const { errcode } = error as { errcode?: unknown };
    if (errcode === busy) return "busy";
    if (errcode === notADatabase) return "damaged";
    return fail(error);
  }
}

const fail = (cause: unknown): never => {
  throw notAvailable("The storage of the device cannot be locked.", cause);
};
