// Instances of a worker: one for what runs at a time, none that stays large, few that stay idle.
import assert from "node:assert/strict";
import { Budget } from "../../server/engine/budget.ts";
import { compileQuickjs } from "../../server/engine/glue.ts";
import type { GuestHost } from "../../server/engine/guest_host.ts";
import { newHeartbeat, openHeartbeat } from "../../server/engine/heartbeat.ts";
import { openInstances } from "../../server/engine/instances.ts";
import { defaultLimits } from "../../server/engine/limits.ts";
import { readPrelude } from "../../server/engine/prelude.ts";
import { openSandbox } from "../../server/engine/sandbox.ts";
import { Turn } from "../../server/engine/turn.ts";
import { Vm } from "../../server/engine/vm.ts";
import { scriptOf } from "./support/engine.ts";

const input = JSON.stringify({ seed: [1, 2, 3, 4], values: [null, null, null, null] });
const large = scriptOf(
  `function execute() { const kept = [];
     for (let i = 0; i < 6; i++) kept.push(new Uint8Array(1000000).fill(1));
     CACHE.fetch("key"); return { status: 2000 }; }`,
);
const small = scriptOf('function execute() { CACHE.fetch("key"); return { status: 2000 }; }');

/** Hosts that share a turn; `wait` is what a host call waits for. */
const hostsOf = (wait?: Promise<unknown>, limits = defaultLimits) => {
  const timing = { heartbeat: openHeartbeat(newHeartbeat()), turn: new Turn() };
  const controller = new AbortController();
  return {
    abort: (why: Error) => controller.abort(why),
    next: (run: number): GuestHost => ({
      budget: new Budget(limits, timing, run),
      signal: controller.signal,
      now: Date.now,
      call: () => (wait === undefined ? "{}" : wait.then(() => "{}")),
    }),
  };
};

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("the sandbox", () => {
  const open = async (limits = defaultLimits) =>
    openSandbox(await compileQuickjs(), limits, readPrelude());

  it("needs one instance for runs that begin together and never wait", async () => {
    const sandbox = await open();
    const hosts = hostsOf();
    const runs = Array.from({ length: 20 }, (_, run) =>
      sandbox.execute(small, input, hosts.next(run)),
    );
    for (const text of await Promise.all(runs)) assert.match(text, /"status":2000/);
    assert.equal(sandbox.idleInstances, 1);
  });

  it("gives each run that waits an instance of its own", async () => {
    const sandbox = await open();
    const gate = Promise.withResolvers<void>();
    const hosts = hostsOf(gate.promise);
    const runs = [0, 1, 2].map((run) => sandbox.execute(small, input, hosts.next(run)));
    setTimeout(gate.resolve, 50);
    for (const text of await Promise.all(runs)) assert.match(text, /"status":2000/);
    assert.equal(sandbox.idleInstances, 3);
  });

  it("keeps one instance that a run made large, and drops the others", async () => {
    const sandbox = await open();
    const gate = Promise.withResolvers<void>();
    const hosts = hostsOf(gate.promise);
    const runs = [0, 1, 2].map((run) => sandbox.execute(large, input, hosts.next(run)));
    setTimeout(gate.resolve, 200);
    for (const text of await Promise.all(runs)) assert.match(text, /"status":2000/);
    assert.equal(sandbox.idleInstances, 1);
  });

  it("spends the limit once for all who wait with a script that cannot be loaded", async () => {
    const sandbox = await open({ ...defaultLimits, cpuMs: 50 });
    const hosts = hostsOf(undefined, sandbox.limits);
    const endless = scriptOf("for (;;);");
    const [first, ...others] = [0, 1, 2].map((run) => hosts.next(run));
    assert.ok(first);
    const loading = (host: GuestHost) =>
      assert.rejects(sandbox.execute(endless, input, host), /processor time/);
    await Promise.all([first, ...others].map(loading));
    assert.ok(first.budget.cpuMs > 0);
    for (const { budget } of others) assert.equal(budget.cpuMs, 0);
    const later = hosts.next(3);
    await loading(later);
    assert.ok(later.budget.cpuMs > 0);
  });

  it("gives a run that ends before its turn no instance, and the turn to the next", async () => {
    const sandbox = await open();
    const hosts = hostsOf();
    const ended = hostsOf();
    const holder = hosts.next(0);
    holder.budget.takeTurn(() => {});
    const [turnless, next] = [hosts.next(1), hosts.next(2)];
    const gone = { ...turnless, signal: ended.next(1).signal };
    const refused = assert.rejects(sandbox.execute(small, input, gone), /the caller left/);
    const served = sandbox.execute(small, input, next);
    ended.abort(new Error("the caller left"));
    await refused;
    holder.budget.leave();
    assert.match(await served, /"status":2000/);
    assert.equal(sandbox.idleInstances, 1);
  });
});

describe("the images of a sandbox", () => {
  it("have a bound together, whatever scripts make while they are loaded", async () => {
    const sandbox = await openSandbox(await compileQuickjs(), defaultLimits, readPrelude());
    const before = process.memoryUsage().arrayBuffers;
    const hosts = hostsOf();
    for (let number = 0; number < 60; number++) {
      const source = `var kept = [];
        for (let i = 0; i < 8; i++) kept.push(new Uint8Array(1e6).fill(${number}));
        function execute() { return { status: 2000, responsePayload: String(kept[7][9]) }; }`;
      const answer = await sandbox.execute(scriptOf(source), input, hosts.next(number));
      assert.match(answer, new RegExp(`"responsePayload":"${number}"`));
    }
    const grownBytes = process.memoryUsage().arrayBuffers - before;
    assert.ok(grownBytes < 300e6, `${grownBytes} bytes`);
  });
});

describe("openInstances", () => {
  it("lets go, after a while, of instances that were not needed", async () => {
    const compiled = await compileQuickjs();
    const base = (await Vm.open(compiled, defaultLimits)).boot(readPrelude());
    const instances = openInstances(() => Vm.open(compiled, defaultLimits), 20);
    const taken = await Promise.all(Array.from({ length: 20 }, () => instances.take()));
    for (const vm of taken) vm.restore(base, base.image);
    for (const vm of taken) instances.give(vm);
    assert.equal(instances.idle, 20);
    await until(() => instances.idle < 20);
    const last = taken.at(-1);
    assert.equal(instances.idle, 8);
    assert.equal(await instances.take(), last, "the ones used last stay");
  });
});
