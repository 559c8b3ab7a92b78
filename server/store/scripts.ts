// Scripts: immutable versions, one of which is live.
import type { Milliseconds } from "../core/clock.ts";
import { raiseRevision } from "./configuration.ts";
import type { Durable } from "./durable.ts";

/** A saved version of a script. */
export interface ScriptVersion {
  readonly script: string;
  /** Counts from 1. */
  readonly version: number;
  readonly source: string;
  /** SHA-256 of the source's UTF-8, base64url. */
  readonly sha256: string;
  readonly author: string;
  readonly message: string;
  readonly createdAt: Milliseconds;
}

/** The scripts. New versions are saved by the configuration's `apply`. Source: D-31. */
export interface Scripts {
  /** Gives the live version of every script, by script. */
  live(): Promise<readonly ScriptVersion[]>;
  /** Gives all versions of a script, the newest first. */
  versions(script: string): Promise<readonly ScriptVersion[]>;
  /**
   * Makes a saved version the live one, which is also how a script is rolled back, and raises the
   * configuration's revision by one. "conflict" when the revision is no longer `expectedRevision`,
   * "unknown" when there is no such version; then nothing changes.
   */
  activate(
    expectedRevision: number,
    script: string,
    version: number,
  ): Promise<"activated" | "conflict" | "unknown">;
}

/** Gives the scripts in the durable store. */
export function scriptsIn(durable: Durable): Scripts {
  const { db } = durable;
  const columns = [
    "script_version.script",
    "script_version.version",
    "script_version.source",
    "script_version.sha256",
    "script_version.author",
    "script_version.message",
    "script_version.created_at as createdAt",
  ] as const;
  const live = db
    .selectFrom("script")
    .innerJoin("script_version", (join) =>
      join
        .onRef("script_version.script", "=", "script.id")
        .onRef("script_version.version", "=", "script.live_version"),
    )
    .select(columns)
    .orderBy("script.id")
    .compile();
  const versions = (script: string) =>
    db
      .selectFrom("script_version")
      .select(columns)
      .where("script", "=", script)
      .orderBy("version", "desc")
      .compile();
  return {
    live: async () => (await durable.rows(live)).map(versionOf),
    versions: async (script) => (await durable.rows(versions(script))).map(versionOf),
    activate: (expectedRevision, script, version) =>
      durable.transaction(async (transaction) => {
        const saved = await transaction
          .selectFrom("script_version")
          .select("version")
          .where("script", "=", script)
          .where("version", "=", version)
          .executeTakeFirst();
        if (!saved) return "unknown";
        if (!(await raiseRevision(transaction, expectedRevision))) return "conflict";
        await transaction
          .updateTable("script")
          .set({ live_version: version })
          .where("id", "=", script)
          .execute();
        return "activated";
      }),
  };
}

const versionOf = (row: Omit<ScriptVersion, "createdAt"> & { createdAt: number }) => ({
  ...row,
  createdAt: row.createdAt as Milliseconds,
});
