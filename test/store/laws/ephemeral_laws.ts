// The laws of the seven verbs, which every engine must keep.
import assert, { AssertionError } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Milliseconds } from "../../../server/core/clock.ts";
import { after as later, milliseconds } from "../../../server/core/clock.ts";
import { engineOf } from "../../../server/store/engines/table.ts";
import type { Ephemeral, Space } from "../../../server/store/ephemeral.ts";
import { spaces } from "../../../server/store/ephemeral.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";

const minute = milliseconds(60_000);
const space: Space = "registration_transaction";

// Which call of each verb needs which of its arguments is of no matter to these laws.
const verbs: Readonly<Record<string, (store: Ephemeral) => Promise<unknown>>> = {
  put: (store) => store.put(space, "k", "v", minute),
  get: (store) => store.get(space, "k"),
  putIfAbsent: (store) => store.putIfAbsent(space, "k", "v", minute),
  take: (store) => store.take(space, "k"),
  replace: (store) => store.replace(space, "k", "v", "w"),
  increment: (store) => store.increment(space, "k", minute),
  remove: (store) => store.remove(space, "k"),
  sweep: (store) => store.sweep(),
  ping: (store) => store.ping(),
};

/** Describes the laws of the ephemeral store for one way to keep data. */
export function ephemeralLaws(row: StoreRow): void {
  describe(`the ephemeral store in ${row.name}`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let store: Ephemeral;
    let instant: Milliseconds;
    const clock = { now: () => instant };
    // A life that is short where it really has to pass.
    const life = milliseconds(row.expiresBy === "own clock" ? 500 : 60_000);
    const pass = async (duration: Milliseconds): Promise<void> => {
      // A server's clock and ours count milliseconds from different moments on.
      if (row.expiresBy === "own clock") await sleep(duration + 50);
      else instant = later(instant, duration);
    };

    before(async function () {
      place = await openOrSkip(row, this);
    });
    beforeEach(async () => {
      instant = milliseconds(1_800_000_000_000);
      store = await engineOf(place.ephemeral).openEphemeral(place.ephemeral, clock);
      for (const each of spaces) await store.remove(each, "k");
    });
    afterEach(() => store?.[Symbol.asyncDispose]());
    after(() => place?.cleanup());

    it("gives back what was put, and the newest of it", async () => {
      assert.equal(await store.get(space, "k"), undefined);
      await store.put(space, "k", "first", minute);
      await store.put(space, "k", "sécond \u{1f511}", minute);
      assert.equal(await store.get(space, "k"), "sécond \u{1f511}");
    });

    it("puts if absent once", async () => {
      assert.equal(await store.putIfAbsent(space, "k", "first", minute), true);
      assert.equal(await store.putIfAbsent(space, "k", "second", minute), false);
      assert.equal(await store.get(space, "k"), "first");
    });

    it("takes once", async () => {
      await store.put(space, "k", "v", minute);
      assert.equal(await store.take(space, "k"), "v");
      assert.equal(await store.take(space, "k"), undefined);
      assert.equal(await store.get(space, "k"), undefined);
    });

    it("lets one of fifty concurrent takers, putters and replacers win", async () => {
      const fifty = Array.from({ length: 50 }, (_, index) => String(index));
      const put = await Promise.all(fifty.map((me) => store.putIfAbsent(space, "k", me, minute)));
      assert.equal(put.filter(Boolean).length, 1);
      const from = fifty[put.indexOf(true)]!;
      const replaced = await Promise.all(
        fifty.map((me) => store.replace(space, "k", from, `new ${me}`)),
      );
      assert.equal(replaced.filter(Boolean).length, 1);
      const taken = await Promise.all(fifty.map(() => store.take(space, "k")));
      assert.deepEqual(
        taken.filter((value) => value !== undefined),
        [`new ${replaced.indexOf(true)}`],
      );
    });

    it("counts every one of fifty concurrent increments", async () => {
      const counts = await Promise.all(
        Array.from({ length: 50 }, () => store.increment(space, "k", minute)),
      );
      assert.deepEqual(
        counts.sort((a, b) => a - b),
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
    });

    it("replaces only what is still there, and only when it is what the caller saw", async () => {
      assert.equal(await store.replace(space, "k", "v", "w"), false);
      await store.put(space, "k", "v", minute);
      assert.equal(await store.replace(space, "k", "V", "w"), false);
      assert.equal(await store.replace(space, "k", "v", "w"), true);
      assert.equal(await store.get(space, "k"), "w");
    });

    it("removes what is there and says so", async () => {
      await store.put(space, "k", "v", minute);
      assert.equal(await store.remove(space, "k"), true);
      assert.equal(await store.remove(space, "k"), false);
      assert.equal(await store.get(space, "k"), undefined);
    });

    it("never shows what expired, to any verb", async () => {
      for (const key of ["get", "take", "replace", "remove", "absent"]) {
        await store.put(space, key, "v", life);
      }
      await store.increment(space, "count", life);
      await store.increment(space, "count", minute);
      await pass(life);
      assert.equal(await store.get(space, "get"), undefined);
      assert.equal(await store.take(space, "take"), undefined);
      assert.equal(await store.replace(space, "replace", "v", "w"), false);
      assert.equal(await store.remove(space, "remove"), false);
      assert.equal(await store.putIfAbsent(space, "absent", "w", minute), true);
      assert.equal(await store.get(space, "absent"), "w");
      assert.equal(await store.increment(space, "count", minute), 1);
      assert.equal(await store.take(space, "count"), "1");
    });

    it("keeps the remaining life at a replacement", async () => {
      await store.put(space, "k", "v", life);
      assert.equal(await store.replace(space, "k", "v", "w"), true);
      await pass(life);
      assert.equal(await store.get(space, "k"), undefined);
    });

    if (row.expiresBy === "given clock") {
      it("ends a life on the millisecond", async () => {
        await store.put(space, "k", "v", minute);
        await pass(milliseconds(minute - 1));
        assert.equal(await store.get(space, "k"), "v");
        await pass(milliseconds(1));
        assert.equal(await store.get(space, "k"), undefined);
      });

      it("sweeps what expired, more than one step of it, and nothing else", async () => {
        // What other tests left has expired by then.
        await pass(milliseconds(24 * minute));
        await store.sweep();
        const keys = Array.from({ length: 1100 }, (_, index) => `old ${index}`);
        await Promise.all(keys.map((key) => store.put(space, key, "v", life)));
        await store.put(space, "k", "v", milliseconds(life + 1));
        await pass(life);
        assert.equal(await store.sweep(), 1100);
        assert.equal(await store.sweep(), 0);
        assert.equal(await store.get(space, "k"), "v");
      });
    }

    it("tells keys apart by case, separator and blank", async () => {
      const keys = [
        "k",
        "K",
        "k ",
        " k",
        "k:",
        ":k",
        "k\n",
        "k::k",
        "ｋ",
        "",
        "%",
        "_",
        "k'--",
        "*",
      ];
      await Promise.all(keys.map((key) => store.put(space, key, `<${key}>`, minute)));
      for (const key of keys) assert.equal(await store.take(space, key), `<${key}>`);
    });

    it("keeps its spaces apart", async () => {
      await Promise.all(spaces.map((each) => store.put(each, "k", each, minute)));
      assert.equal(await store.take("jwks", "k"), "jwks");
      assert.equal(await store.get("jwks", "k"), undefined);
      assert.equal(await store.get("script_cache", "k"), "script_cache");
      assert.equal(await store.get("rate_limit", "k"), "rate_limit");
    });

    it("takes a life that is no positive, finite number for a fault", async () => {
      for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
        const ttl = milliseconds(wrong);
        await assert.rejects(store.put(space, "k", "v", ttl), AssertionError);
        await assert.rejects(store.putIfAbsent(space, "k", "v", ttl), AssertionError);
        await assert.rejects(store.increment(space, "k", ttl), AssertionError);
      }
      assert.equal(await store.get(space, "k"), undefined);
    });

    it("takes a use after closing for a fault", async () => {
      await store[Symbol.asyncDispose]();
      for (const [name, use] of Object.entries(verbs)) {
        await assert.rejects(use(store), AssertionError, name);
      }
    });

    it("keeps what was put over a reopening", async () => {
      await store.put(space, "k", "v", minute);
      await store[Symbol.asyncDispose]();
      store = await engineOf(place.ephemeral).openEphemeral(place.ephemeral, clock);
      assert.equal(await store.get(space, "k"), "v");
    });
  });
}

/** Every verb of the ephemeral store, called in some way. */
export const ephemeralVerbs = verbs;
