// Migrations: a database of any earlier schema becomes one of the newest, with all that it holds.
import assert from "node:assert/strict";
import { Kysely, sql } from "kysely";
import { openDurable } from "../../server/store/durable.ts";
import { engineOf } from "../../server/store/engines/table.ts";
import { durableMigrations, migrate } from "../../server/store/migrations.ts";
import { mobileEnrolmentsIn } from "../../server/store/mobile_enrolments.ts";
import { profilesIn } from "../../server/store/profiles.ts";
import { openOrSkip, storeRows } from "../support/stores.ts";
import { newEnrolment } from "./laws/mobile_store.ts";
import { start } from "./laws/new_tokens.ts";

const names = Object.keys(durableMigrations);
const holder = { clientId: "phone", profileId: "W8DUJ2", userId: "ann" };

/** Makes a database as the first `count` migrations left it, with a profile that is logged in. */
async function openOlder(url: string, count: number): Promise<void> {
  await using engine = await engineOf(url).openSql!(url);
  const older = Object.fromEntries(Object.entries(durableMigrations).slice(0, count));
  const db = new Kysely<unknown>({ dialect: engine.dialect });
  await migrate(db, engine, "migration", older);
  await sql`insert into profile (client_id, profile_id, user_id, created_at)
    values ('phone', 'W8DUJ2', 'ann', ${start})`.execute(db);
  await sql`insert into token_family
    (id, client_id, user_id, profile_id, token_type, scope, amr, auth_time, created_at)
    values ('login', 'phone', 'ann', 'W8DUJ2', 'DEFAULT', 'read', '[]', ${start}, ${start})`.execute(
    db,
  );
}

const tablesOf = async (db: Kysely<never>) =>
  (await db.introspection.getTables({ withInternalKyselyTables: false }))
    .map(({ name, columns }) => ({
      name,
      columns: columns.map(({ name: column, dataType, isNullable }) => ({
        column,
        dataType,
        isNullable,
      })),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));

for (const row of storeRows().filter(({ ownDurable }) => ownDurable)) {
  describe(`an older database in ${row.name}`, function () {
    this.timeout(20_000);

    for (const [index, name] of names.slice(0, -1).entries()) {
      it(`that ended with ${name} keeps what it holds and takes what is new`, async function () {
        const place = await openOrSkip(row, this);
        try {
          await openOlder(place.durable, index + 1);
          await using durable = await openDurable(place.durable);
          const profile = await profilesIn(durable).find(holder.clientId, holder.profileId);
          assert.deepEqual([profile?.userId, profile?.createdAt], ["ann", start]);
          const enrolments = mobileEnrolmentsIn(durable);
          const terms = { session: "login", applicationId: "app", policy: "OVERRIDE" } as const;
          const kept = await enrolments.put(newEnrolment(holder), terms);
          assert.deepEqual(kept, { kind: "kept", ended: [] });
          await profilesIn(durable).remove(holder.clientId, holder.profileId, "test", start);
          assert.deepEqual(await enrolments.applications("ann"), []);
        } finally {
          await place.cleanup();
        }
      });
    }

    it("has the tables of a new one", async function () {
      const [older, newer] = [await openOrSkip(row, this), await openOrSkip(row, this)];
      try {
        await openOlder(older.durable, 1);
        await using migrated = await openDurable(older.durable);
        await using fresh = await openDurable(newer.durable);
        const [found, expected] = await Promise.all(
          [migrated, fresh].map(({ db }) => tablesOf(db as unknown as Kysely<never>)),
        );
        assert.ok(expected!.some((table) => table.name === "mobile_enrolment"));
        assert.deepEqual(found, expected);
      } finally {
        await older.cleanup();
        await newer.cleanup();
      }
    });
  });
}
