// The seven verbs in SQL, one text for SQLite and PostgreSQL.
import type { Compilable, CompiledQuery, QueryResult } from "kysely";
import { Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { Clock } from "../core/clock.ts";
import { rowsTouched, type SqlEngine } from "./engines/sql_engine.ts";
import type { Ephemeral } from "./ephemeral.ts";
import { type AtOnce, busy, wholeTtl } from "./ephemeral.ts";
import { migrate } from "./migrations.ts";
import { probe } from "./probe.ts";
import { compileOnce } from "./statement.ts";
import { sweepAll, sweepStep } from "./sweep.ts";

interface Tables {
  kv: { space: string; key: string; value: string; expires_at: number };
}

// What a verb's statement may be given.
interface Values {
  readonly space: string;
  readonly key: string;
  readonly value: string;
  readonly from: string;
  readonly now: number;
  readonly expiresAt: number;
}

const first: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("kv")
      .addColumn("space", "text", (column) => column.notNull())
      .addColumn("key", "text", (column) => column.notNull())
      .addColumn("value", "text", (column) => column.notNull())
      .addColumn("expires_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("kv_key", ["space", "key"] as never)
      .execute();
    await db.schema.createIndex("kv_by_expires_at").on("kv").column("expires_at").execute();
  },
};

/**
 * Gives the ephemeral store in an SQL database, which it migrates and closes. Lifetimes are
 * measured by `clock`; processes that share a database therefore need clocks that agree.
 */
export async function openSqlEphemeral(engine: SqlEngine, clock: Clock): Promise<Ephemeral> {
  const db = new Kysely<Tables>({ dialect: engine.dialect });
  try {
    await migrate(db, engine, "ephemeral_migration", { "0001_first": first });
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  const statement = statements(db, engine);
  const verbs = verbsOver(engine, statement, clock);
  const { runAtOnce } = engine;
  return runAtOnce === undefined
    ? verbs
    : { ...verbs, atOnce: atOnceOver(runAtOnce, statement, clock) };
}

const compile = <Names extends keyof Values, Row = unknown>(
  build: (slots: Pick<Values, Names>) => Compilable<Row>,
) => compileOnce<Pick<Values, Names>, Row>(build);

const statements = (db: Kysely<Tables>, engine: SqlEngine) => ({
  ...insertions(db),
  ...selections(db),
  sweep: sweeping(db, engine.skipsLocked),
  // Reads the table whether it has entries or not, and writes to none of them.
  probeRead: db
    .selectFrom("kv")
    .select(({ fn }) => fn.max("expires_at").as("last"))
    .compile(),
  probeWrite: db
    .updateTable("kv")
    .set((row) => ({ value: row.ref("value") }))
    .where("space", "=", "")
    .where("key", "=", "")
    .compile(),
});

// What puts a value: the row of an expired one is taken over.
function insertions(db: Kysely<Tables>) {
  const insert = (slots: Pick<Values, "space" | "key" | "value" | "expiresAt">) =>
    db.insertInto("kv").values({
      space: slots.space,
      key: slots.key,
      value: slots.value,
      expires_at: slots.expiresAt,
    });
  return {
    put: compile<"space" | "key" | "value" | "expiresAt">((slots) =>
      insert(slots).onConflict((conflict) =>
        conflict.columns(["space", "key"]).doUpdateSet((row) => ({
          value: row.ref("excluded.value"),
          expires_at: row.ref("excluded.expires_at"),
        })),
      ),
    ),
    putIfAbsent: compile<"space" | "key" | "value" | "expiresAt" | "now">((slots) =>
      insert(slots).onConflict((conflict) =>
        conflict
          .columns(["space", "key"])
          .doUpdateSet((row) => ({
            value: row.ref("excluded.value"),
            expires_at: row.ref("excluded.expires_at"),
          }))
          .where("kv.expires_at", "<=", slots.now),
      ),
    ),
    increment: compile<"space" | "key" | "value" | "expiresAt" | "now", { value: string }>(
      (slots) =>
        insert(slots)
          .onConflict((conflict) =>
            conflict.columns(["space", "key"]).doUpdateSet({
              value: sql<string>`case when kv.expires_at <= ${slots.now} then ${sql.lit("1")}
                else cast(cast(kv.value as bigint) + 1 as text) end`,
              expires_at: sql<number>`case when kv.expires_at <= ${slots.now}
                then excluded.expires_at else kv.expires_at end`,
            }),
          )
          .returning("value"),
    ),
  };
}

// What finds a value: never an expired one.
function selections(db: Kysely<Tables>) {
  return {
    get: compile<"space" | "key" | "now", { value: string }>((slots) =>
      db
        .selectFrom("kv")
        .select("value")
        .where("space", "=", slots.space)
        .where("key", "=", slots.key)
        .where("expires_at", ">", slots.now),
    ),
    take: compile<"space" | "key" | "now", { value: string }>((slots) =>
      db
        .deleteFrom("kv")
        .where("space", "=", slots.space)
        .where("key", "=", slots.key)
        .where("expires_at", ">", slots.now)
        .returning("value"),
    ),
    replace: compile<"space" | "key" | "from" | "value" | "now">((slots) =>
      db
        .updateTable("kv")
        .set({ value: slots.value })
        .where("space", "=", slots.space)
        .where("key", "=", slots.key)
        .where("value", "=", slots.from)
        .where("expires_at", ">", slots.now),
    ),
    remove: compile<"space" | "key" | "now">((slots) =>
      db
        .deleteFrom("kv")
        .where("space", "=", slots.space)
        .where("key", "=", slots.key)
        .where("expires_at", ">", slots.now),
    ),
  };
}

const sweeping = (db: Kysely<Tables>, skipsLocked: boolean) =>
  compile<"now">((slots) =>
    db.deleteFrom("kv").where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple("space", "key"),
        "in",
        selectFrom("kv as old")
          .select(["old.space", "old.key"])
          .where("old.expires_at", "<=", slots.now)
          .limit(sweepStep)
          .$if(skipsLocked, (query) => query.forUpdate().skipLocked())
          .$asTuple("space", "key"),
      ),
    ),
  );

function verbsOver(
  engine: SqlEngine,
  statement: ReturnType<typeof statements>,
  clock: Clock,
): Ephemeral {
  return {
    async put(space, key, value, ttl) {
      const expiresAt = clock.now() + wholeTtl(ttl);
      await engine.run(statement.put({ space, key, value, expiresAt }));
    },
    async get(space, key) {
      const { rows } = await engine.run(statement.get({ space, key, now: clock.now() }));
      return rows[0]?.value;
    },
    async putIfAbsent(space, key, value, ttl) {
      const now = clock.now();
      const expiresAt = now + wholeTtl(ttl);
      const values = { space, key, value, expiresAt, now };
      return rowsTouched(await engine.run(statement.putIfAbsent(values))) === 1;
    },
    async take(space, key) {
      const { rows } = await engine.run(statement.take({ space, key, now: clock.now() }));
      return rows[0]?.value;
    },
    async replace(space, key, from, to) {
      const values = { space, key, from, value: to, now: clock.now() };
      return rowsTouched(await engine.run(statement.replace(values))) === 1;
    },
    async increment(space, key, ttl) {
      const now = clock.now();
      const values = { space, key, value: "1", expiresAt: now + wholeTtl(ttl), now };
      const { rows } = await engine.run(statement.increment(values));
      return Number(rows[0]!.value);
    },
    async remove(space, key) {
      const values = { space, key, now: clock.now() };
      return rowsTouched(await engine.run(statement.remove(values))) === 1;
    },
    sweep() {
      const now = clock.now();
      return sweepAll(async () => rowsTouched(await engine.run(statement.sweep({ now }))));
    },
    ping: () => probe(engine, statement.probeRead, statement.probeWrite),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

function atOnceOver(
  runAtOnce: NonNullable<SqlEngine["runAtOnce"]>,
  statement: ReturnType<typeof statements>,
  clock: Clock,
): AtOnce {
  const run = <Row, Result>(
    query: CompiledQuery<Row>,
    read: (done: QueryResult<Row>) => Result,
  ) => {
    const done = runAtOnce(query);
    return done === undefined ? busy : read(done);
  };
  const valueIn = ({ rows }: QueryResult<{ value: string }>) => rows[0]?.value;
  return {
    put: (space, key, value, ttl) =>
      run(
        statement.put({ space, key, value, expiresAt: clock.now() + wholeTtl(ttl) }),
        () => undefined,
      ),
    get: (space, key) => run(statement.get({ space, key, now: clock.now() }), valueIn),
    take: (space, key) => run(statement.take({ space, key, now: clock.now() }), valueIn),
    remove: (space, key) =>
      run(statement.remove({ space, key, now: clock.now() }), (done) => rowsTouched(done) === 1),
  };
}
