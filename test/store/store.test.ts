// The store as a whole: opened by its URLs, alive, swept, closed.
import assert, { AssertionError } from "node:assert/strict";
import type { Milliseconds } from "../../server/core/clock.ts";
import { milliseconds } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import { engines } from "../../server/store/engines/table.ts";
import { openStore } from "../../server/store/store.ts";
import { openOrSkip, openSqlitePlace, storeRows } from "../support/stores.ts";
import { newTransaction } from "./laws/mobile_store.ts";

for (const row of storeRows()) {
  describe(`the store in ${row.name}`, function () {
    this.timeout(20_000);

    it("opens, answers, sweeps what has expired, closes, and is there again", async function () {
      const place = await openOrSkip(row, this);
      let instant = milliseconds(1_800_000_000_000);
      const clock = { now: () => instant };
      const { durable, ephemeral } = place;
      const open = () => openStore({ durable, ephemeral, clock, log: silentLog });
      try {
        const store = await open();
        await store.ping();
        const soon = (instant + 1000) as Milliseconds;
        await store.assertionMarks.claim("client", "jti", soon, instant);
        await store.ephemeral.put("jwks", "k", "v", milliseconds(1000));
        await store.mobileTransactions.add(newTransaction({ keepUntil: soon }));
        assert.equal(await store.sweep(), 0);
        instant = soon;
        assert.equal(await store.sweep(), row.expiresBy === "given clock" ? 3 : 2);
        assert.equal(await store.sweep(), 0);
        await store[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
        await assert.rejects(store.ping(), AssertionError);
        await using again = await open();
        await again.ping();
      } finally {
        await place.cleanup();
      }
    });
  });
}

describe("the table of engines", () => {
  it("has no engine that the tests leave out", () => {
    const schemes = storeRows().flatMap(({ schemes }) => schemes);
    assert.deepEqual(new Set(schemes), new Set(engines.map(({ schemes: [first] }) => first)));
  });
});

describe("a store's URL", () => {
  const clock = { now: () => milliseconds(0) };

  it("of no engine of ours is a fault that names the scheme, never the password", async () => {
    const place = await openSqlitePlace();
    const wrong = ["mysql://me:hunter2@host/db", "nothing", "", "sqlite:", "sqlite::memory:"];
    try {
      for (const url of wrong) {
        for (const urls of [
          { durable: url, ephemeral: place.ephemeral },
          { durable: place.durable, ephemeral: url },
        ]) {
          await assert.rejects(openStore({ ...urls, clock, log: silentLog }), (error) => {
            assert(error instanceof AssertionError);
            assert(!error.message.includes("hunter2"));
            return true;
          });
        }
      }
    } finally {
      await place.cleanup();
    }
  });

  it("of an engine that forgets is a fault for durable data", async () => {
    const options = { durable: "redis://127.0.0.1", ephemeral: "redis://127.0.0.1", clock };
    await assert.rejects(openStore({ ...options, log: silentLog }), AssertionError);
  });
});
