// IndexedDB as promises, as far as the store of a browser uses it.
import { deferred } from "../../deferred.ts";
import { SdkError } from "../error.ts";
import { notAvailable, unrecoverable } from "./trouble.ts";

// The platform's own types come with a whole browser, which would be in reach of every file of the repository.
interface Request<T> {
  readonly result: T;
  readonly error: Error | null;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface Transaction {
  readonly error: Error | null;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
  objectStore(name: string): EntryStore;
}
interface Database {
  transaction(stores: string[], mode: Mode, options: { durability: "strict" }): Transaction;
  createObjectStore(name: string): unknown;
  close(): void;
}
interface Factory {
  open(name: string, version: number): Request<Database> & { onupgradeneeded: (() => void) | null };
}

/** Entries by name, inside a transaction. */
export interface EntryStore {
  get(name: string): Request<unknown>;
  put(value: unknown, name: string): Request<unknown>;
  delete(name: string): Request<unknown>;
  clear(): Request<unknown>;
  count(): Request<number>;
}

/** What a transaction may do. */
export type Mode = "readonly" | "readwrite";

const storeNames = ["keys", "texts"];
const version = 1;

// What browsers say when an entry is there and cannot be read. Source: Indexed Database API 3.0, exceptions.
const unreadable: ReadonlySet<string> = new Set([
  "DataError",
  "DataCloneError",
  "NotReadableError",
]);

/**
 * Does work in one transaction over both stores of a database, which is made when it is not there. What the transaction
 * wrote is on the disk when the promise resolves. Gives the result of the request that the work gives, if any.
 * Throws DATA_STORAGE_NOT_AVAILABLE or DATA_STORAGE_UNRECOVERABLE; then nothing was written.
 */
export async function inTransaction<T>(
  database: string,
  mode: Mode,
  work: (keys: EntryStore, texts: EntryStore) => Request<T>,
): Promise<T> {
  try {
    // Opened for each transaction: a connection that stays open may be closed by the browser at any time.
    const connection = await opened(database);
    try {
      return await completed(
        connection.transaction(storeNames, mode, { durability: "strict" }),
        work,
      );
    } finally {
      connection.close();
    }
  } catch (error) {
    throw translated(error);
  }
}

function opened(database: string): Promise<Database> {
  const { promise, resolve, reject } = deferred<Database>();
  const { indexedDB } = globalThis as { indexedDB?: Factory };
  if (!indexedDB) throw notAvailable("There is no IndexedDB.");
  const request = indexedDB.open(database, version);
  request.onupgradeneeded = () => {
    for (const name of storeNames) request.result.createObjectStore(name);
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
  return promise;
}

function completed<T>(
  transaction: Transaction,
  work: (keys: EntryStore, texts: EntryStore) => Request<T>,
): Promise<T> {
  const { promise, resolve, reject } = deferred<T>();
  const [keys, texts] = storeNames.map((name) => transaction.objectStore(name));
  const request = work(keys!, texts!);
  transaction.oncomplete = () => resolve(request.result);
  transaction.onabort = () => reject(transaction.error ?? request.error);
  return promise;
}

function translated(error: unknown): SdkError {
  if (error instanceof SdkError) return error;
  return unreadable.has((error as Error | null)?.name ?? "")
    ? unrecoverable("What was kept in the browser cannot be read.", error)
    : notAvailable("The storage of the browser cannot be used.", error);
}
