// The sender while its store, a real one behind a proxy, cannot be reached: it waits, and then goes on.
import assert from "node:assert/strict";
import { systemClock } from "../../../server/core/clock.ts";
import { silentLog } from "../../../server/core/log.ts";
import { openStore } from "../../../server/store/store.ts";
import { startReceiver } from "../../engine/support/receiver.ts";
import { startProxy } from "../../support/proxy.ts";
import { openOrSkip, storeRows } from "../../support/stores.ts";
import { senderWorld, until } from "./sender_world.ts";

for (const row of storeRows().filter(({ name, ownDurable }) => ownDurable && name !== "SQLite")) {
  describe(`the sender of callbacks on ${row.name} that fails`, function () {
    this.timeout(60_000);

    it("says so once, sends nothing meanwhile, and all when it is back", async function () {
      const place = await openOrSkip(row, this);
      const target = new URL(place.durable);
      await using proxy = await startProxy(`${target.hostname}:${target.port || 5432}`);
      target.host = proxy.address;
      const { href } = target;
      const options = { ephemeral: href, clock: systemClock, log: silentLog };
      try {
        await using direct = await openStore({ ...options, durable: place.durable });
        await using store = await openStore({ ...options, durable: href });
        await using receiver = await startReceiver();
        await using one = await senderWorld(store);
        await using other = await senderWorld(direct);
        // The other one only fills the outbox.
        await other.sender[Symbol.asyncDispose]();
        const url = `${receiver.origin}/callback`;
        one.setUp({ [url]: {} });
        await one.put(url);
        await one.settled((outbox) => outbox.length === 0);
        proxy.cut();
        await other.put(url, url, url);
        const waits = () => one.log.filter((line) => line.includes("callbacks wait for the store"));
        await until(waits, ({ length }) => length > 0);
        for (let wakes = 0; wakes < 20; wakes += 1) {
          one.sender.wake();
          await new Promise(setImmediate);
        }
        assert.equal(receiver.received.length, 1);
        assert.equal((await other.outbox()).length, 3);
        proxy.mend();
        one.sender.wake();
        await other.settled((outbox) => outbox.length === 0);
        assert.equal(receiver.received.length, 4);
        assert.equal(waits().length, 1);
      } finally {
        await place.cleanup();
      }
    });
  });
}
