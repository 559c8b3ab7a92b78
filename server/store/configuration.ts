// The configuration: objects by kind and id, changed together under one revision.
import { createHash } from "node:crypto";
import type { Transaction } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { Append } from "./event_chain.ts";
import { appendIn } from "./event_chain.ts";
import { removeObject } from "./removal.ts";
import type { DurableTables } from "./schema.ts";

/** A configured object. */
export interface ConfigurationObject {
  readonly kind: string;
  readonly id: string;
  /** JSON text. */
  readonly document: string;
  /** Its secrets, sealed by the caller; null when it has none. Source: SEC-19. */
  readonly sealed: string | null;
}

/** A source that is to be the live one of a script. */
export interface ScriptSource {
  readonly script: string;
  readonly source: string;
  readonly author: string;
  readonly message: string;
}

/** A consistent view of the whole configuration. */
export interface ConfigurationState {
  /** Rises with every change. */
  readonly revision: number;
  readonly objects: readonly (ConfigurationObject & {
    /** Rises with every change of this object, from 1. */
    readonly rev: number;
    readonly updatedAt: Milliseconds;
  })[];
}

/** The configuration. */
export interface Configuration {
  /** Gives revision and objects as they were together at one moment. */
  load(): Promise<ConfigurationState>;
  /** Gives the revision, which is cheap to ask for. */
  revision(): Promise<number>;
  /**
   * Puts objects, removes objects and makes sources live, all or nothing, and raises the revision
   * by one. "conflict", and no change, when the revision is no longer `expectedRevision`: two
   * administrators never overwrite each other unseen. A source becomes a new version of its script
   * and its live one; a source that is the live one already makes no version. `events` are appended in
   * the same step: what cannot be audited does not happen. Source: D-31, SEC-77.
   */
  apply(
    expectedRevision: number,
    puts: readonly ConfigurationObject[],
    removes: readonly { readonly kind: string; readonly id: string }[],
    scriptSources: readonly ScriptSource[],
    now: Milliseconds,
    events?: Append,
  ): Promise<"applied" | "conflict">;
}

/** Gives the configuration in the durable store. */
export function configurationIn(durable: Durable): Configuration {
  const { db } = durable;
  const revision = db.selectFrom("configuration_revision").select("revision").compile();
  // One statement, so that no change can come between revision and objects.
  const load = db
    .selectFrom("configuration_revision")
    .leftJoin("configuration", (join) => join.onTrue())
    .select(["revision", "kind", "document", "sealed", "rev", "updated_at"])
    .select("configuration.id as id")
    .orderBy("kind")
    .orderBy("configuration.id");
  return {
    async load() {
      const rows = await durable.rows(load.compile());
      const objects = rows.flatMap(({ kind, id, document, sealed, rev, updated_at }) =>
        kind === null || id === null || document === null || rev === null || updated_at === null
          ? []
          : [{ kind, id, document, sealed, rev, updatedAt: updated_at as Milliseconds }],
      );
      return { revision: rows[0]!.revision, objects };
    },
    revision: async () => (await durable.rows(revision))[0]!.revision,
    apply: (expectedRevision, puts, removes, scriptSources, now, events) =>
      durable.transaction(async (transaction) => {
        if (!(await raiseRevision(transaction, expectedRevision))) return "conflict";
        for (const object of puts) await put(transaction, object, now);
        for (const object of removes) await removeObject(transaction, object, now);
        for (const source of scriptSources) await makeLive(transaction, source, now);
        if (events) await appendIn(transaction, events);
        return "applied";
      }),
  };
}

/** Raises the revision by one if it is `expected`, and holds back other changes until the end. */
export async function raiseRevision(
  transaction: Transaction<DurableTables>,
  expected: number,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable("configuration_revision")
    .set((row) => ({ revision: row("revision", "+", 1) }))
    .where("revision", "=", expected)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

const put = (
  transaction: Transaction<DurableTables>,
  { kind, id, document, sealed }: ConfigurationObject,
  now: Milliseconds,
) =>
  transaction
    .insertInto("configuration")
    .values({ kind, id, document, sealed, rev: 1, updated_at: now })
    .onConflict((conflict) =>
      conflict.columns(["kind", "id"]).doUpdateSet((row) => ({
        document: row.ref("excluded.document"),
        sealed: row.ref("excluded.sealed"),
        updated_at: row.ref("excluded.updated_at"),
        rev: row("configuration.rev", "+", 1),
      })),
    )
    .execute();

async function makeLive(
  transaction: Transaction<DurableTables>,
  { script, source, author, message }: ScriptSource,
  now: Milliseconds,
): Promise<void> {
  const sha256 = createHash("sha256").update(source).digest("base64url");
  const live = await transaction
    .selectFrom("script")
    .innerJoin("script_version", (join) =>
      join
        .onRef("script_version.script", "=", "script.id")
        .onRef("script_version.version", "=", "script.live_version"),
    )
    .select("sha256")
    .where("script.id", "=", script)
    .executeTakeFirst();
  if (live?.sha256 === sha256) return;
  const { newest } = await transaction
    .selectFrom("script_version")
    .select(({ fn }) => fn.max("version").as("newest"))
    .where("script", "=", script)
    .executeTakeFirstOrThrow();
  const version = Number(newest ?? 0) + 1;
  await transaction
    .insertInto("script_version")
    .values({ script, version, source, sha256, author, message, created_at: now })
    .execute();
  await transaction
    .insertInto("script")
    .values({ id: script, live_version: version })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ live_version: version }))
    .execute();
}
