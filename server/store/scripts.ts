// Scripts: immutable versions, one of which is live.
import type { Milliseconds } from "../core/clock.ts";
import { raiseRevision } from "./configuration.ts";
import type { Durable } from "./durable.ts";
import type { Append } from "./event_chain.ts";
import { appendIn } from "./event_chain.ts";

/** What is known of a saved version beside its source. */
export interface ScriptLabel {
  readonly script: string;
  /** Counts from 1. */
  readonly version: number;
  /** SHA-256 of the source's UTF-8, base64url. */
  readonly sha256: string;
  readonly author: string;
  readonly message: string;
  readonly createdAt: Milliseconds;
}

/** A saved version of a script. */
export interface ScriptVersion extends ScriptLabel {
  readonly source: string;
}

/** Tells whether a version is the live one. */
interface Liveness {
  readonly live: boolean;
}

/** The scripts. New versions are saved by the configuration's `apply`. Source: D-31. */
export interface Scripts {
  /** Gives the live version of every script, by script. */
  live(): Promise<readonly ScriptVersion[]>;
  /** Gives all versions of a script without their sources, the newest first. */
  versions(script: string): Promise<readonly (ScriptLabel & Liveness)[]>;
  /** Gives one version, undefined when there is none such. */
  version(script: string, version: number): Promise<(ScriptVersion & Liveness) | undefined>;
  /**
   * Makes a saved version the live one, which is also how a script is rolled back, and raises the
   * configuration's revision by one. "conflict" when the revision is no longer `expectedRevision`,
   * "unknown" when there is no such version; then nothing changes. `events` are
   * appended in the same step.
   */
  activate(
    expectedRevision: number,
    script: string,
    version: number,
    events?: Append,
  ): Promise<"activated" | "conflict" | "unknown">;
}

/** Gives the scripts in the durable store. */
export function scriptsIn(durable: Durable): Scripts {
  const { db } = durable;
  const live = db
    .selectFrom("script")
    .innerJoin("script_version", (join) =>
      join
        .onRef("script_version.script", "=", "script.id")
        .onRef("script_version.version", "=", "script.live_version"),
    )
    .select(columns)
    .select("source")
    .orderBy("script.id")
    .compile();
  const saved = (script: string) =>
    db
      .selectFrom("script_version")
      .leftJoin("script", "script.id", "script_version.script")
      .select(columns)
      .select("live_version")
      .where("script", "=", script);
  return {
    live: async () => (await durable.rows(live)).map(versionOf),
    async versions(script) {
      const query = saved(script).orderBy("version", "desc");
      return (await durable.rows(query.compile())).map(savedOf);
    },
    async version(script, version) {
      const query = saved(script).select("source").where("version", "=", version);
      const [row] = await durable.rows(query.compile());
      return row && { ...savedOf(row), source: row.source };
    },
    activate: (expectedRevision, script, version, events) =>
      durable.transaction(async (transaction) => {
        const found = await transaction
          .selectFrom("script_version")
          .select("version")
          .where("script", "=", script)
          .where("version", "=", version)
          .executeTakeFirst();
        if (!found) return "unknown";
        if (!(await raiseRevision(transaction, expectedRevision))) return "conflict";
        await transaction
          .updateTable("script")
          .set({ live_version: version })
          .where("id", "=", script)
          .execute();
        if (events) await appendIn(transaction, events);
        return "activated";
      }),
  };
}

const columns = [
  "script_version.script",
  "script_version.version",
  "script_version.sha256",
  "script_version.author",
  "script_version.message",
  "script_version.created_at as createdAt",
] as const;

type Stored<Label> = Omit<Label, "createdAt"> & { createdAt: number };

const versionOf = (row: Stored<ScriptVersion>): ScriptVersion => ({
  ...row,
  createdAt: row.createdAt as Milliseconds,
});

const savedOf = (
  row: Stored<ScriptLabel> & { live_version: number | null },
): ScriptLabel & Liveness => ({
  script: row.script,
  version: row.version,
  sha256: row.sha256,
  author: row.author,
  message: row.message,
  createdAt: row.createdAt as Milliseconds,
  live: row.version === row.live_version,
});
