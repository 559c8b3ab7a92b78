// Finds out that an SQLite file is gone from its path, or cut, which its connections do not notice.
import { stat } from "node:fs/promises";
import type { SqliteConnection } from "./sqlite_file.ts";

interface Sizes {
  readonly schemaVersion: number;
  /** The size, in bytes, that the file has once all of the log is in it. */
  readonly wholeBytes: number;
}

const sizesQuery = {
  sql: `select schema_version as "schemaVersion", page_count * page_size as "wholeBytes"
    from pragma_schema_version, pragma_page_count, pragma_page_size`,
  parameters: [],
};

/**
 * Gives a function that rejects when the path no longer leads to the file that is open now, or when
 * that file became shorter than it was found before. A VACUUM by somebody else is no such cut: it
 * changes the version of the schema. Never opens the file, for closing it again would drop the
 * locks of this process. Source: SQLite, how to corrupt a database file.
 */
export async function watchPlace(
  file: string,
  { run }: SqliteConnection,
): Promise<() => Promise<void>> {
  const opened = await stat(file);
  let version: number | undefined;
  let leastBytes = 1;
  return async () => {
    const found = await stat(file);
    if (found.ino !== opened.ino || found.dev !== opened.dev) {
      throw new Error("the path of the database leads to another file");
    }
    const { schemaVersion, wholeBytes } = run(sizesQuery).rows[0] as Sizes;
    if (schemaVersion !== version) leastBytes = 1;
    if (found.size < leastBytes) throw new Error("the file of the database was cut");
    version = schemaVersion;
    leastBytes = Math.min(found.size, wholeBytes);
  };
}
