// Asks an SQL engine whether it serves: the place, a read and a write of a table of ours.
import type { CompiledQuery } from "kysely";
import type { SqlEngine } from "./engines/sql_engine.ts";
import { unavailable } from "./unavailable.ts";

/**
 * Resolves when the engine's place is there, `read` gives a row and `write`, which must change
 * nothing, succeeds; rejects with UNAVAILABLE otherwise. Cheap enough for every few seconds.
 * Source: SEC-87.
 */
export async function probe(
  engine: SqlEngine,
  read: CompiledQuery<unknown>,
  write: CompiledQuery<unknown>,
): Promise<void> {
  await engine.checkPlace();
  const { rows } = await engine.run(read);
  if (rows.length === 0) throw unavailable(new Error("the store lost a row that is always there"));
  await engine.run(write);
}
