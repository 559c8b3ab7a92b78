// Callbacks that were given up go at their age, as the settings say it, however many there are.
import assert from "node:assert/strict";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import { silentLog } from "../../../server/core/log.ts";
import { sweepCallbacks } from "../../../server/flows/callbacks/sweep_callbacks.ts";
import { callbacksIn, putCallbackIn } from "../../../server/store/callbacks.ts";
import { openDurable } from "../../../server/store/durable.ts";
import { openStore } from "../../../server/store/store.ts";
import { sweepStep } from "../../../server/store/sweep.ts";
import { newCallback } from "../../store/laws/mobile_store.ts";
import { at, start } from "../../store/laws/new_tokens.ts";
import { flowWorld } from "../../support/flow_world.ts";
import { openSqlitePlace } from "../../support/stores.ts";

describe("sweepCallbacks", () => {
  it("removes those that were given up and are too old, in as many steps as it takes", async () => {
    const place = await openSqlitePlace();
    try {
      await using durable = await openDurable(place.durable);
      await using store = await openStore({ ...place, clock: systemClock, log: silentLog });
      const { world } = await flowWorld(store, {});
      const put = putCallbackIn(durable);
      const [callbacks, lease] = [callbacksIn(durable), milliseconds(1000)];
      const old = sweepStep + 7;
      const added = [
        ...Array.from({ length: old }, () => newCallback()),
        newCallback({ createdAt: at(1) }),
      ];
      await durable.unit(added.map((callback) => ({ query: put(callback) })));
      for (const now of [start, at(1)]) {
        for (const { id } of await callbacks.claim(now, { lease, limit: 1000, except: [] })) {
          await callbacks.failed(id, 1, "gone", null);
        }
      }
      const waiting = newCallback();
      await durable.unit([{ query: put(waiting) }]);
      const givenUp = start + lease;
      const age = world.policy.callbacksAge;
      const sweepAt = (now: number) =>
        sweepCallbacks({ ...world, clock: { now: () => milliseconds(now) } });
      assert.equal(await sweepAt(givenUp + age - 1), 0);
      assert.equal(await sweepAt(givenUp + age), old);
      const left = (await store.callbacks.list({}, 1000)).map(({ id }) => id);
      assert.deepEqual(left, [added.at(-1)?.id, waiting.id]);
    } finally {
      await place.cleanup();
    }
  });
});
