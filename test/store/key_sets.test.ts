// Fetched key sets, over keyv in every engine that keeps what expires.
import assert from "node:assert/strict";
import { milliseconds, systemClock } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import { openStore } from "../../server/store/store.ts";
import type { StoreRow } from "../support/stores.ts";
import { openOrSkip, storeRows } from "../support/stores.ts";

const minute = milliseconds(60_000);

/** Opens a store at a place of its own, which goes with it; skips the test where there is no such engine. */
async function opened(row: StoreRow, context: Mocha.Context) {
  const place = await openOrSkip(row, context);
  const store = await openStore({ ...place, clock: systemClock, log: silentLog });
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await place.cleanup();
    },
  };
}

for (const row of storeRows()) {
  describe(`keySets in ${row.name}`, () => {
    it("gives a set until it expires, and none that was never kept", async function () {
      await using store = await opened(row, this);
      await store.keySets.set("a", '{"keys":[]}', minute);
      await store.keySets.set("brief", "gone", milliseconds(1));
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(await store.keySets.get("a"), '{"keys":[]}');
      assert.equal(await store.keySets.get("b"), undefined);
      assert.equal(await store.keySets.get("brief"), undefined);
    });

    it("is apart from the scripts' cache", async function () {
      await using store = await opened(row, this);
      await store.keySets.set("a", "keys", minute);
      assert.equal(await store.scriptCache.fetch("a"), null);
    });
  });
}
