// The bounds of dear work: how many run, how many wait, and who is sent away.

import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { Refusal } from "../../server/core/refusal.ts";
import { turnstile } from "../../server/identity/turnstile.ts";

/** A task that counts how many run at once and ends when told. */
const gate = () => {
  const opened = Promise.withResolvers<void>();
  const seen = { running: 0, most: 0, done: 0 };
  const task = async (): Promise<void> => {
    seen.running++;
    seen.most = Math.max(seen.most, seen.running);
    await opened.promise;
    await turn();
    seen.running--;
    seen.done++;
  };
  return { task, seen, open: () => opened.resolve() };
};

const isRateLimited = (error: unknown): boolean =>
  error instanceof Refusal && error.reason === "RATE_LIMITED" && error.facts.retry_after === "1";

describe("turnstile", () => {
  it("SEC-75 runs as many as it may, lets some wait, and sends the rest away", async () => {
    const { task, seen, open } = gate();
    const turns = turnstile({ running: 2, waiting: 3, waitingPerLane: 3 });
    const passes = Array.from({ length: 9 }, (_, index) => turns.pass(`lane ${index}`, task));
    const settled = Promise.allSettled(passes);
    await turn();
    assert.equal(seen.running, 2);
    open();
    const results = await settled;
    assert.equal(seen.most, 2);
    assert.equal(seen.done, 5);
    const refused = results.filter((result) => result.status === "rejected");
    assert.equal(refused.length, 4);
    assert.ok(refused.every(({ reason }) => isRateLimited(reason)));
  });

  it("SEC-75 keeps places for others when one lane is crowded", async () => {
    const { task, open } = gate();
    const turns = turnstile({ running: 1, waiting: 4, waitingPerLane: 2 });
    const crowd = Array.from({ length: 5 }, () => turns.pass("crowd", task));
    const other = turns.pass("other", task);
    const settled = Promise.allSettled(crowd);
    open();
    await other;
    const results = await settled;
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "fulfilled", "fulfilled", "rejected", "rejected"],
    );
  });

  it("SEC-75 lets lanes take turns, however crowded one is", async () => {
    const turns = turnstile({ running: 1, waiting: 20, waitingPerLane: 20 });
    const order: string[] = [];
    const pass = (lane: string, index: number) =>
      turns.pass(lane, async () => void order.push(`${lane}${index}`));
    const lanes = ["a", "a", "a", "a", "b", "b", "c"];
    await Promise.all(lanes.map(pass));
    assert.deepEqual(order, ["a0", "a1", "b4", "c6", "a2", "b5", "a3"]);
  });

  it("SEC-75 never runs more than it may, however passes come and end", async () => {
    const turns = turnstile({ running: 2, waiting: 100, waitingPerLane: 100 });
    let [running, most] = [0, 0];
    const passes: Promise<void>[] = [];
    for (let index = 0; index < 60; index++) {
      const task = async (): Promise<void> => {
        running++;
        most = Math.max(most, running);
        for (let step = 0; step < index % 4; step++) await turn();
        running--;
      };
      passes.push(turns.pass("lane", task));
      if (index % 3 === 0) await turn();
    }
    await Promise.all(passes);
    assert.equal(most, 2);
  });

  it("frees the place of a task that throws, and gives results on in order", async () => {
    const turns = turnstile({ running: 1, waiting: 5, waitingPerLane: 5 });
    const order: number[] = [];
    const failing = turns.pass("a", () => Promise.reject(new Error("broken")));
    const others = [1, 2, 3].map((number) =>
      turns.pass("a", async () => {
        order.push(number);
        return number;
      }),
    );
    await assert.rejects(failing, /broken/);
    assert.deepEqual(await Promise.all(others), [1, 2, 3]);
    assert.deepEqual(order, [1, 2, 3]);
    assert.equal(await turns.pass("a", async () => "free"), "free");
  });
});
