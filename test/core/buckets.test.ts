// Budgets by key: what they allow, how they fill up, and that no number of keys moves their memory.
import assert from "node:assert/strict";
import fc from "fast-check";
import { openBuckets } from "../../server/core/buckets.ts";
import { milliseconds } from "../../server/core/clock.ts";

const start = 1_800_000_000_000;
const budget = { capacity: 10, perSecond: 0.5 };

/** Gives buckets with a clock that the test sets. */
function bucketsAt(sets?: number) {
  const time = { now: start };
  const clock = { now: () => milliseconds(time.now) };
  return { time, buckets: openBuckets(budget, clock, sets) };
}

const heavy = ["203.0.113.5", "victim"];

describe("openBuckets (SEC-75)", () => {
  it("lets a key spend its capacity, and then says how long one unit takes", () => {
    const { buckets } = bucketsAt();
    for (let spent = 0; spent < 10; spent++) {
      assert.equal(buckets.wait(heavy), 0);
      buckets.spend(heavy, 1);
    }
    assert.equal(buckets.wait(heavy), 2_000);
    assert.equal(buckets.wait(["203.0.113.5", "neighbour"]), 0);
  });

  it("fills up with time, never beyond its capacity", () => {
    const { time, buckets } = bucketsAt();
    buckets.spend(heavy, 10);
    time.now += 1_999;
    assert.ok(buckets.wait(heavy) > 0);
    time.now += 1;
    assert.equal(buckets.wait(heavy), 0);
    time.now += 3_600_000;
    buckets.spend(heavy, 10);
    assert.equal(buckets.wait(heavy), 2_000);
  });

  it("goes below nothing by once its capacity, so that a wait has an end", () => {
    const { time, buckets } = bucketsAt();
    for (let spent = 0; spent < 1_000; spent++) buckets.spend(heavy, 5);
    assert.equal(buckets.wait(heavy), 22_000);
    time.now += 22_000;
    assert.equal(buckets.wait(heavy), 0);
  });

  it("takes back what was spent too much, and keeps nothing for whoever spent nothing", () => {
    const { buckets } = bucketsAt();
    buckets.spend(heavy, 10);
    buckets.spend(heavy, -1);
    assert.equal(buckets.wait(heavy), 0);
    buckets.spend(heavy, -100);
    buckets.spend(heavy, 10);
    assert.equal(buckets.wait(heavy), 2_000);
    buckets.spend(["other"], -5);
    buckets.spend(["other"], 10);
    assert.equal(buckets.wait(["other"]), 2_000);
  });

  it("gives nothing for a clock that is set back, and goes on from there", () => {
    const { time, buckets } = bucketsAt();
    buckets.spend(heavy, 10);
    time.now -= 3_600_000;
    assert.equal(buckets.wait(heavy), 2_000);
    time.now += 2_000;
    assert.equal(buckets.wait(heavy), 0);
  });

  it("tells keys apart by where their parts end", () => {
    const { buckets } = bucketsAt();
    buckets.spend(["a", "b"], 10);
    for (const other of [["ab"], ["a", "b", ""], ["b", "a"], ['a","b'], []]) {
      assert.equal(buckets.wait(other), 0, JSON.stringify(other));
    }
  });

  it("counts as a plain sum does, whatever is spent and however long one waits", () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 30_000 })));
    fc.assert(
      fc.property(steps, (taken) => {
        const { time, buckets } = bucketsAt();
        let used = 0;
        for (const [cost, pause] of taken) {
          buckets.spend(heavy, cost);
          used = Math.min(20, used + cost);
          time.now += pause;
          used = Math.max(0, used - pause / 2_000);
          const expected = Math.max(0, (used + 1 - 10) * 2_000);
          assert.ok(Math.abs(buckets.wait(heavy) - expected) < 0.01);
        }
      }),
    );
  });

  it("forgets neither a used-up key nor grows for a million made-up ones (SEC-76)", function () {
    this.timeout(60_000);
    const { buckets } = bucketsAt();
    const heavies = Array.from({ length: 100 }, (_, index) => ["198.51.100.1", `heavy ${index}`]);
    for (const key of heavies) buckets.spend(key, 10);
    const before = process.memoryUsage();
    for (let made = 0; made < 1_000_000; made++) buckets.spend(["203.0.113.9", `made ${made}`], 1);
    assert.equal(process.memoryUsage().arrayBuffers - before.arrayBuffers < 1 << 24, true);
    for (const key of heavies) assert.equal(buckets.wait(key), 2_000);
  });

  it("gives the place of the key that is least used up to a new one (SEC-76)", () => {
    const { buckets } = bucketsAt(1);
    const keys = Array.from({ length: 8 }, (_, index) => [`key ${index}`]);
    for (const [index, key] of keys.entries()) buckets.spend(key, 10 + index);
    buckets.spend(["new"], 12);
    assert.equal(buckets.wait(["key 0"]), 0);
    for (const key of keys.slice(1)) assert.ok(buckets.wait(key) >= 4_000);
    assert.equal(buckets.wait(["new"]), 6_000);
  });
});
