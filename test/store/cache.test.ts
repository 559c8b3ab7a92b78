// The cache of scripts: D-22 on every engine.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { Milliseconds } from "../../server/core/clock.ts";
import { milliseconds, seconds, systemClock } from "../../server/core/clock.ts";
import type { ScriptCache } from "../../server/store/cache.ts";
import { openScriptCache } from "../../server/store/cache.ts";
import { engineOf } from "../../server/store/engines/table.ts";
import type { Ephemeral } from "../../server/store/ephemeral.ts";
import type { StorePlace } from "../support/stores.ts";
import { openOrSkip, openSqlitePlace, storeRows } from "../support/stores.ts";

// A server's cache waits for the store; a script worker's does not where the engine allows it.
const ways = storeRows().flatMap((row) =>
  row.name === "SQLite"
    ? [
        { row, atOnce: false },
        { row, atOnce: true },
      ]
    : [{ row, atOnce: false }],
);

for (const { row, atOnce } of ways) {
  describe(`the scripts' cache in ${row.name}${atOnce ? ", at once" : ""} (D-22)`, () => {
    let place: StorePlace;
    let ephemeral: Ephemeral;
    let cache: ScriptCache;
    let instant = milliseconds(1_800_000_000_000);
    const pass = (duration: number): void => {
      instant = (instant + duration) as Milliseconds;
    };

    before(async function () {
      place = await openOrSkip(row, this);
      const engine = engineOf(place.ephemeral);
      const clock = { now: () => instant };
      ephemeral = await engine.openEphemeral(place.ephemeral, clock, { atOnce });
      cache = openScriptCache(ephemeral, seconds(300));
    });
    beforeEach(() => cache.delete("k"));
    after(async () => {
      await ephemeral?.[Symbol.asyncDispose]();
      await place?.cleanup();
    });

    it("gives back texts as they were, and null for what is not there", async () => {
      assert.equal(await cache.fetch("k"), null);
      for (const text of ["v", "", "null", '{"value":1}', "\0\ud800 \u{1f511}", "undefined"]) {
        await cache.store("k", text);
        assert.equal(await cache.fetch("k"), text);
      }
    });

    it("stores undefined as its text, and deletes at null", async () => {
      await cache.store("k", undefined);
      assert.equal(await cache.fetch("k"), "undefined");
      await cache.store("k", null);
      assert.equal(await cache.fetch("k"), null);
    });

    it("gives to one of fifty takers what was stored", async () => {
      await cache.store("k", "once");
      const taken = await Promise.all(Array.from({ length: 50 }, () => cache.take("k")));
      assert.deepEqual(
        taken.filter((value) => value !== null),
        ["once"],
      );
      assert.equal(await cache.fetch("k"), null);
    });

    it("takes keys and values up to their bounds, and refuses what is beyond", async () => {
      const key = "é".repeat(512);
      await cache.store(key, "x".repeat(65_536));
      assert.equal((await cache.take(key))?.length, 65_536);
      const longer = `${key}k`;
      const refused = { name: "RangeError", message: /1 to 512 characters/ };
      await assert.rejects(async () => cache.store(longer, "v"), refused);
      await assert.rejects(async () => cache.fetch(longer), refused);
      await assert.rejects(async () => cache.delete(longer), refused);
      await assert.rejects(async () => cache.take(longer), refused);
      await assert.rejects(async () => cache.store("", "v"), refused);
      await assert.rejects(async () => cache.fetch(""), refused);
      const large = { name: "RangeError", message: /at most 65536 bytes/ };
      await assert.rejects(async () => cache.store("k", "x".repeat(65_537)), large);
      await assert.rejects(async () => cache.store("k", "é".repeat(32_769)), large);
      assert.equal(await cache.fetch("k"), null);
    });

    it("refuses a life that is no positive, finite number", async () => {
      for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        await assert.rejects(async () => cache.store("k", "v", seconds(wrong)), {
          name: "RangeError",
        });
      }
      assert.equal(await cache.fetch("k"), null);
    });

    it("tells keys apart byte for byte, and is apart from other spaces", async () => {
      const keys = ["k", "K", "k ", "scripts:k", "\ud800", "\ud801", "é", "e\u0301"];
      for (const key of keys) await cache.store(key, `<${key}>`);
      for (const key of keys) assert.equal(await cache.take(key), `<${key}>`);
      await ephemeral.put("jwks", "k", "foreign", milliseconds(60_000));
      assert.equal(await cache.fetch("k"), null);
    });

    if (row.expiresBy === "own clock") {
      it("ends an entry with its life", async () => {
        await cache.store("k", "v", seconds(0.05));
        await sleep(100);
        assert.equal(await cache.fetch("k"), null);
      });
      return;
    }

    it("keeps an entry as long as the store's clock stands still", async () => {
      await cache.store("k", "v", seconds(0.02));
      await sleep(40);
      assert.equal(await cache.fetch("k"), "v");
      assert.equal(await cache.take("k"), "v");
    });

    it("ends an entry with its life, 300 s when none is named, 24 h at most", async () => {
      const lives = [
        [undefined, 300],
        [seconds(10), 10],
        [seconds(1e9), 86_400],
      ] as const;
      for (const [named, life] of lives) {
        await cache.store("k", "v", named);
        pass(life * 1000 - 1);
        assert.equal(await cache.fetch("k"), "v");
        pass(1);
        assert.equal(await cache.fetch("k"), null);
        await cache.store("k", "v", named);
        pass(life * 1000);
        assert.equal(await cache.take("k"), null);
      }
    });
  });
}

describe("a cache at once", () => {
  let place: StorePlace;
  let ephemeral: Ephemeral;
  let cache: ScriptCache;

  beforeEach(async () => {
    place = await openSqlitePlace();
    const { openEphemeral } = engineOf(place.ephemeral);
    ephemeral = await openEphemeral(place.ephemeral, systemClock, { atOnce: true });
    cache = openScriptCache(ephemeral, seconds(300));
  });
  afterEach(async () => {
    await ephemeral[Symbol.asyncDispose]();
    await place.cleanup();
  });

  it("is done when it returns", () => {
    assert.equal(cache.store("k", "v"), undefined);
    assert.equal(cache.fetch("k"), "v");
    assert.equal(cache.take("k"), "v");
    assert.equal(cache.take("k"), null);
    cache.store("k", "v");
    assert.equal(cache.delete("k"), undefined);
    assert.equal(cache.fetch("k"), null);
  });

  it("waits while another process writes, reads meanwhile, and loses nothing", async () => {
    cache.store("k", "before");
    const other = new DatabaseSync(place.ephemeral.replace("sqlite:", ""));
    other.exec("BEGIN IMMEDIATE");
    const stored = cache.store("k", "after");
    assert(stored instanceof Promise);
    assert.equal(cache.fetch("k"), "before");
    await sleep(50);
    other.exec("COMMIT");
    other.close();
    await stored;
    assert.equal(cache.fetch("k"), "after");
  });

  it("is unavailable, and does not say that a key is absent, when its table is gone", () => {
    const other = new DatabaseSync(place.ephemeral.replace("sqlite:", ""));
    other.exec("DROP TABLE kv");
    other.close();
    const unavailable = { name: "Refusal", reason: "UNAVAILABLE" };
    for (const call of [
      () => cache.fetch("k"),
      () => cache.store("k", "v"),
      () => cache.take("k"),
    ]) {
      assert.throws(call, unavailable);
    }
  });
});
