// The circuit breaker: counts kills, pauses a version, lets one trial in, and forgets in bounds.
import assert from "node:assert/strict";
import { type Breaker, openBreaker } from "../../server/engine/breaker.ts";

const rules = { kills: 3, withinMs: 60_000, pauseMs: 30_000 };

const killedAt = (...times: readonly number[]): Breaker => {
  const breaker = openBreaker(rules);
  for (const now of times) breaker.killed("v", now);
  return breaker;
};

describe("openBreaker", () => {
  it("knows nothing of a version that never had a worker ended", () => {
    const breaker = killedAt();
    assert.equal(breaker.hasKilled("v"), false);
    assert.deepEqual(breaker.admit("v", 0), { kind: "free" });
    breaker.tried("v", true);
    assert.equal(breaker.hasKilled("v"), false);
  });

  it("remembers one kill and pauses nothing for two", () => {
    const breaker = killedAt(0, 10);
    assert.equal(breaker.hasKilled("v"), true);
    assert.equal(breaker.hasKilled("w"), false);
    assert.deepEqual(breaker.admit("v", 10), { kind: "free" });
  });

  it("pauses a version for 30 s after the third kill within 60 s", () => {
    const breaker = killedAt(0, 10, 59_999);
    assert.deepEqual(breaker.admit("v", 59_999), { kind: "paused", forMs: 30_000 });
    assert.deepEqual(breaker.admit("v", 89_998), { kind: "paused", forMs: 1 });
    assert.deepEqual(breaker.admit("w", 89_998), { kind: "free" });
  });

  it("does not count kills that are 60 s old", () => {
    assert.deepEqual(killedAt(0, 10, 60_000).admit("v", 60_000), { kind: "free" });
  });

  it("lets one trial in after the pause, and nobody else until that is settled", () => {
    const breaker = killedAt(0, 0, 0);
    assert.deepEqual(breaker.admit("v", 30_000), { kind: "trial" });
    assert.deepEqual(breaker.admit("v", 99_000), { kind: "paused", forMs: 0 });
    breaker.tried("v", true);
    assert.deepEqual(breaker.admit("v", 99_000), { kind: "free" });
    assert.equal(breaker.hasKilled("v"), true);
  });

  it("needs three kills again after a trial that went well", () => {
    const breaker = killedAt(0, 0, 0);
    breaker.admit("v", 30_000);
    breaker.tried("v", true);
    breaker.killed("v", 30_001);
    assert.deepEqual(breaker.admit("v", 30_001), { kind: "free" });
  });

  it("pauses again after a trial that killed, and lets another in after one that did not run", () => {
    const breaker = killedAt(0, 0, 0);
    breaker.admit("v", 30_000);
    breaker.killed("v", 95_000);
    assert.deepEqual(breaker.admit("v", 95_000), { kind: "paused", forMs: 30_000 });
    assert.deepEqual(breaker.admit("v", 125_000), { kind: "trial" });
    breaker.tried("v", false);
    assert.deepEqual(breaker.admit("v", 125_000), { kind: "trial" });
  });

  it("is not closed by what was let in before the pause", () => {
    const breaker = killedAt(0, 0, 0);
    breaker.tried("v", true);
    assert.deepEqual(breaker.admit("v", 1), { kind: "paused", forMs: 29_999 });
  });

  it("forgets the version that was longest not asked for when it knows too many", () => {
    const breaker = openBreaker(rules, 2);
    for (const version of ["a", "b"]) breaker.killed(version, 0);
    breaker.admit("a", 0);
    breaker.killed("c", 0);
    assert.deepEqual(["a", "b", "c"].map(breaker.hasKilled), [true, false, true]);
  });
});
