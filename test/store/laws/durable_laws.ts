// The laws of the durable store itself: units, transactions, and the configuration kept in it.
import assert, { AssertionError } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { CompiledQuery } from "kysely";
import { milliseconds } from "../../../server/core/clock.ts";
import { assertionMarksIn } from "../../../server/store/assertion_marks.ts";
import { configurationIn } from "../../../server/store/configuration.ts";
import type { Durable } from "../../../server/store/durable.ts";
import { openDurable } from "../../../server/store/durable.ts";
import { installationsIn } from "../../../server/store/installations.ts";
import { scriptsIn } from "../../../server/store/scripts.ts";
import { signingKeysIn } from "../../../server/store/signing_keys.ts";
import { Unmet } from "../../../server/store/statement.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";

const now = milliseconds(1_800_000_000_000);
const hour = milliseconds(now + 3_600_000);

/** Describes the laws of the durable store for one way to keep data. */
export function durableLaws(row: StoreRow): void {
  describe(`the durable store in ${row.name}`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let durable: Durable;

    before(async function () {
      place = await openOrSkip(row, this);
    });
    beforeEach(async () => {
      durable = await openDurable(place.durable);
      await durable.db.deleteFrom("assertion_mark").execute();
    });
    afterEach(() => durable?.[Symbol.asyncDispose]());
    after(() => place?.cleanup());

    const add = (id: string): CompiledQuery =>
      durable.db.insertInto("assertion_mark").values({ id, expires_at: 1 }).compile();
    const change = (id: string): CompiledQuery =>
      durable.db
        .updateTable("assertion_mark")
        .set({ expires_at: 2 })
        .where("id", "=", id)
        .compile();
    const marks = async (): Promise<string[]> => {
      const rows = await durable.db.selectFrom("assertion_mark").select("id").orderBy("id");
      return (await rows.execute()).map(({ id }) => id);
    };

    describe("a unit", () => {
      it("does all its statements, and counts what they return as well", async () => {
        const returning = durable.db
          .updateTable("assertion_mark")
          .set({ expires_at: 3 })
          .returning("id")
          .compile();
        await durable.unit([
          { query: add("a"), expect: 1 },
          { query: add("b") },
          { query: returning, expect: 2 },
        ]);
        assert.deepEqual(await marks(), ["a", "b"]);
      });

      it("leaves nothing when an expectation fails, and names the first that does", async () => {
        const unit = [
          { query: add("a"), expect: 1 },
          { query: change("nobody"), expect: 1 },
          // It fails as well, but only the first failure counts.
          { query: add("a"), expect: 1 },
        ];
        await assert.rejects(durable.unit(unit), (error) => {
          assert(error instanceof Unmet);
          assert.equal(error.index, 1);
          return true;
        });
        assert.deepEqual(await marks(), []);
      });

      it("leaves nothing when a statement fails, and says so as a store that fails", async () => {
        await assert.rejects(durable.unit([{ query: add("a") }, { query: add("a") }]), {
          reason: "UNAVAILABLE",
        });
        assert.deepEqual(await marks(), []);
      });

      it("fails alone among others of the same moment", async () => {
        const names = Array.from({ length: 60 }, (_, index) => String(index).padStart(2, "0"));
        const outcomes = await Promise.allSettled(
          names.map((name, index) =>
            durable.unit([
              { query: add(name), expect: 1 },
              { query: change(index % 3 === 0 ? "nobody" : name), expect: 1 },
            ]),
          ),
        );
        assert.deepEqual(
          outcomes.map(({ status }) => status),
          names.map((_, index) => (index % 3 === 0 ? "rejected" : "fulfilled")),
        );
        assert.deepEqual(
          await marks(),
          names.filter((_, index) => index % 3 !== 0),
        );
      });
    });

    describe("a transaction", () => {
      it("leaves nothing when its work throws, and passes on what it threw", async () => {
        const mine = new Error("mine");
        const work = durable.transaction(async (db) => {
          await db.insertInto("assertion_mark").values({ id: "a", expires_at: 1 }).execute();
          throw mine;
        });
        await assert.rejects(work, (error) => error === mine);
        assert.deepEqual(await marks(), []);
      });

      it("does not lose an update of a value that it read", async () => {
        await durable.touched(add("a"));
        await Promise.all(
          Array.from({ length: 10 }, () =>
            durable.transaction(async (db) => {
              await db
                .updateTable("assertion_mark")
                .set((r) => ({ id: r.ref("id") }))
                .execute();
              const { expires_at } = await db
                .selectFrom("assertion_mark")
                .select("expires_at")
                .executeTakeFirstOrThrow();
              await db
                .updateTable("assertion_mark")
                .set({ expires_at: expires_at + 1 })
                .execute();
            }),
          ),
        );
        const [mark] = await durable.db.selectFrom("assertion_mark").selectAll().execute();
        assert.equal(mark?.expires_at, 11);
      });
    });

    it("takes ill-formed text and NUL for a fault, and keeps all other text as it is", async () => {
      await assert.rejects(durable.touched(add("a\ud800")), AssertionError);
      await assert.rejects(durable.touched(add("a\0")), AssertionError);
      const texts = ["", " ", "é", "\u0065\u0301", "\u{1f511}", "a\u0001\n'\"\\%", "null"];
      await durable.unit(texts.map((text) => ({ query: add(text), expect: 1 })));
      assert.deepEqual((await marks()).sort(), texts.sort());
    });

    it("takes a use after closing for a fault", async () => {
      await durable[Symbol.asyncDispose]();
      await assert.rejects(durable.rows(change("a")), AssertionError);
      await assert.rejects(durable.unit([{ query: add("a") }]), AssertionError);
      await assert.rejects(durable.db.selectFrom("profile").selectAll().execute(), AssertionError);
      await assert.rejects(
        durable.transaction(async () => {}),
        AssertionError,
      );
      await assert.rejects(durable.ping(), AssertionError);
    });

    describe("the configuration", () => {
      const object = (id: string, document: string) =>
        ({ kind: "oauth_client", id, document, sealed: null }) as const;

      it("is changed as a whole, under a revision that rises by one", async () => {
        const configuration = configurationIn(durable);
        const { revision } = await configuration.load();
        const puts = [object("a", '{"n":1}'), { ...object("b", "{}"), sealed: "sealed" }];
        assert.equal(await configuration.apply(revision, puts, [], [], now), "applied");
        assert.equal(await configuration.revision(), revision + 1);
        const again = [object("a", '{"n":2}')];
        const remove = [{ kind: "oauth_client", id: "b" }];
        assert.equal(await configuration.apply(revision + 1, again, remove, [], hour), "applied");
        const state = await configuration.load();
        assert.equal(state.revision, revision + 2);
        assert.deepEqual(state.objects, [{ ...object("a", '{"n":2}'), rev: 2, updatedAt: hour }]);
      });

      it("lets one of two who saw the same revision change it", async () => {
        const configuration = configurationIn(durable);
        const revision = await configuration.revision();
        const outcomes = await Promise.all(
          Array.from({ length: 8 }, (_, index) =>
            configuration.apply(revision, [object("race", `{"n":${index}}`)], [], [], now),
          ),
        );
        assert.equal(outcomes.filter((outcome) => outcome === "applied").length, 1);
        const winner = outcomes.indexOf("applied");
        const state = await configuration.load();
        assert.equal(state.revision, revision + 1);
        const kept = state.objects.find(({ id }) => id === "race");
        assert.equal(kept?.document, `{"n":${winner}}`);
      });

      it("changes nothing when it is behind", async () => {
        const configuration = configurationIn(durable);
        const state = await configuration.load();
        const source = { script: "late", source: "1", author: "a", message: "m" };
        const behind = state.revision - 1;
        const remove = [{ kind: "oauth_client", id: "a" }];
        const outcome = configuration.apply(behind, [object("c", "{}")], remove, [source], now);
        assert.equal(await outcome, "conflict");
        assert.deepEqual(await configuration.load(), state);
        assert.deepEqual(await scriptsIn(durable).versions("late"), []);
      });
    });

    describe("scripts (D-31)", () => {
      const save = async (source: string): Promise<void> => {
        const configuration = configurationIn(durable);
        const sources = [{ script: "s", source, author: "ann", message: `saves ${source}` }];
        const revision = await configuration.revision();
        assert.equal(await configuration.apply(revision, [], [], sources, now), "applied");
      };
      const live = async () => (await scriptsIn(durable).live()).map(({ version }) => version);

      it("get a version for each new source, and are rolled back to an older one", async () => {
        const scripts = scriptsIn(durable);
        await save("one");
        await save("one");
        await save("two");
        assert.deepEqual(await live(), [2]);
        const revision = await configurationIn(durable).revision();
        assert.equal(await scripts.activate(revision, "s", 1), "activated");
        assert.equal(await configurationIn(durable).revision(), revision + 1);
        assert.deepEqual(await live(), [1]);
        await save("one");
        assert.deepEqual(await live(), [1]);
        await save("two");
        assert.deepEqual(await live(), [3]);
        const versions = await scripts.versions("s");
        assert.deepEqual(
          versions.map(({ version, message, live }) => [version, message, live]),
          [
            [3, "saves two", true],
            [2, "saves two", false],
            [1, "saves one", false],
          ],
        );
        const first = {
          script: "s",
          version: 1,
          sha256: createHash("sha256").update("one").digest("base64url"),
          author: "ann",
          message: "saves one",
          createdAt: now,
          live: false,
        };
        assert.deepEqual(versions[2], first);
        assert.deepEqual(await scripts.version("s", 1), { ...first, source: "one" });
        assert.equal((await scripts.version("s", 3))?.live, true);
        assert.equal(await scripts.version("s", 4), undefined);
        assert.equal(await scripts.version("t", 1), undefined);
      });

      it("stay as they are for a version that is not there, and for who is behind", async () => {
        const scripts = scriptsIn(durable);
        await save("one");
        const before = await live();
        const revision = await configurationIn(durable).revision();
        assert.equal(await scripts.activate(revision, "s", 99), "unknown");
        assert.equal(await scripts.activate(revision - 1, "s", 1), "conflict");
        assert.deepEqual(await live(), before);
        assert.equal(await configurationIn(durable).revision(), revision);
      });
    });

    describe("signing keys (D-61)", () => {
      const key = (kid: string) => ({
        kid,
        publicJwk: { kty: "EC", kid },
        sealedPrivate: `sealed ${kid}`,
        createdAt: now,
        activeFrom: now,
      });

      it("begin with one, whoever starts first", async () => {
        const keys = signingKeysIn(durable);
        for (let round = 0; round < 8; round += 1) {
          const kids = Array.from({ length: 12 }, (_, index) => `r${round} k${index}`);
          const added = await Promise.all(kids.map((kid) => keys.addFirst(key(kid))));
          assert.equal(added.filter(Boolean).length, 1);
          assert.equal(await keys.retire(kids[added.indexOf(true)]!, now, hour), true);
        }
        await durable.db.deleteFrom("signing_key").execute();
      });

      it("rotate: one is added beside another, and that one is retired once", async () => {
        const keys = signingKeysIn(durable);
        const first = "first";
        assert.equal(await keys.addFirst(key(first)), true);
        assert.deepEqual(await keys.list(), [{ ...key(first), retiredAt: null, expiresAt: null }]);
        await keys.add({ ...key("next"), activeFrom: hour });
        assert.equal(await keys.retire(first, now, hour), true);
        assert.equal(await keys.retire(first, hour, hour), false);
        assert.equal(await keys.addFirst(key("more")), false);
        assert.deepEqual(
          (await keys.list()).map(({ kid, retiredAt }) => [kid, retiredAt]),
          [
            [first, now],
            ["next", null],
          ],
        );
        assert.equal(await keys.retire("next", now, hour), true);
        assert.equal(await keys.addFirst(key("more")), true);
      });
    });

    describe("installations", () => {
      it("are found by their client id, as they were added", async () => {
        const installations = installationsIn(durable);
        const installation = {
          clientId: "client",
          applicationId: "app",
          softwareVersion: "1.0",
          jwks: '{"keys":[{"kty":"EC","kid":"k"}]}',
          deviceName: "Ann's phone",
          devicePlatform: "android",
          deviceModel: null,
          deviceOsVersion: null,
          createdAt: now,
          lastSeenAt: null,
        };
        assert.equal(await installations.find("client"), undefined);
        await installations.add(installation);
        assert.deepEqual(await installations.find("client"), installation);
        assert.equal(await installations.find("Client"), undefined);
        await assert.rejects(installations.add(installation), { reason: "UNAVAILABLE" });
      });
    });

    describe("assertion marks (D-04)", () => {
      it("are claimed once for a client and jti, by one of a hundred", async () => {
        const { claim } = assertionMarksIn(durable);
        const claims = await Promise.all(
          Array.from({ length: 100 }, () => claim("client", "jti", hour, now)),
        );
        assert.equal(claims.filter(Boolean).length, 1);
        assert.equal(await claim("client", "JTI", hour, now), true);
        assert.equal(await claim("clien", "tjti", hour, now), true);
        assert.equal(await claim("other", "jti", hour, now), true);
      });

      it("hold until they expire, over a restart, and never begin expired", async () => {
        await assertionMarksIn(durable).claim("client", "jti", hour, now);
        await durable[Symbol.asyncDispose]();
        durable = await openDurable(place.durable);
        const { claim } = assertionMarksIn(durable);
        const later = milliseconds(hour + 1000);
        assert.equal(await claim("client", "jti", later, milliseconds(hour - 1)), false);
        assert.equal(await claim("client", "jti", later, hour), true);
        assert.equal(await claim("client", "jti", later, hour), false);
        await assert.rejects(claim("client", "late", hour, hour), AssertionError);
        await assert.rejects(claim("client", "late", Number.NaN as never, hour), AssertionError);
      });

      it("are swept when they have expired, in steps", async () => {
        const { claim, sweepStep } = assertionMarksIn(durable);
        const jtis = Array.from({ length: 700 }, (_, index) => String(index));
        await Promise.all(jtis.map((jti) => claim("client", jti, hour, now)));
        await claim("client", "longer", milliseconds(hour + 1), now);
        assert.equal(await sweepStep(now), 0);
        assert.equal(await sweepStep(hour), 500);
        assert.equal(await sweepStep(hour), 200);
        assert.equal(await sweepStep(hour), 0);
        assert.equal(await claim("client", "longer", milliseconds(hour + 2), hour), false);
      });
    });

    describe("under a load that never waits for anything", () => {
      const loads: Readonly<Record<string, () => Promise<unknown>>> = {
        reads: () => durable.rows(durable.db.selectFrom("profile").selectAll().compile()),
        transactions: () => durable.transaction(async () => {}),
        writes: () => durable.touched(change("nobody")),
      };
      for (const [name, load] of Object.entries(loads)) {
        it(`lets the event loop turn between ${name}`, async () => {
          let turns = 0;
          const timer = setInterval(() => {
            turns += 1;
          }, 1);
          const until = performance.now() + 200;
          while (performance.now() < until) await load();
          clearInterval(timer);
          assert(turns > 2, `the loop turned ${turns} times`);
        });
      }
    });
  });
}
