// The heartbeat: what the watchdog reads of a worker that does not answer.
import assert from "node:assert/strict";
import { newHeartbeat, openHeartbeat, openPulse } from "../../server/engine/heartbeat.ts";

describe("a heartbeat", () => {
  it("tells who is executing, for how long and how much overdue", () => {
    const memory = newHeartbeat();
    const [heartbeat, pulse] = [openHeartbeat(memory), openPulse(memory)];
    assert.equal(pulse.running(), undefined);
    const now = performance.now();
    heartbeat.running(7, now - 300, now - 100);
    const running = pulse.running();
    assert.equal(running?.run, 7);
    assert.ok(running.ms >= 299 && running.overdueMs >= 99 && running.overdueMs < running.ms);
    heartbeat.resting();
    assert.equal(pulse.running(), undefined);
  });

  it("tells which runs were in the guest, also after they left it and among many at a time", () => {
    const memory = newHeartbeat(3);
    const [heartbeat, pulse] = [openHeartbeat(memory), openPulse(memory)];
    for (const run of [3, 4, 5]) assert.equal(pulse.hasBegun(run), false);
    heartbeat.running(4, 0, 0);
    heartbeat.resting();
    heartbeat.running(3, 0, 0);
    assert.deepEqual([3, 4, 5].map(pulse.hasBegun), [true, true, false]);
    assert.equal(pulse.hasBegun(7), false, "the next run in the place of 4");
  });

  it("accuses nobody while a segment is being written", () => {
    const memory = newHeartbeat();
    const [heartbeat, pulse] = [openHeartbeat(memory), openPulse(memory)];
    heartbeat.running(7, 0, 0);
    const changes = new Int32Array(memory, 24, 1);
    assert.ok(changes[0] !== undefined && changes[0] % 2 === 0 && changes[0] > 0);
    Atomics.add(changes, 0, 1);
    assert.equal(pulse.running(), undefined);
  });
});
