// What heavy scripts cost their callers, and that light ones cost nothing.
import assert from "node:assert/strict";
import { milliseconds } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { ScriptRun } from "../../server/engine/script.ts";
import type { Client } from "../../server/flows/client.ts";
import { openLimits } from "../../server/flows/limits.ts";
import { runScript } from "../../server/flows/run_script.ts";
import type { World } from "../../server/flows/world.ts";

const slot = "identity_providers/idp/complete";
const clientOf = (id: string, kind: Client["kind"] = "dynamic") => ({ id, kind }) as Client;

/** Gives a way to run a script that takes so many milliseconds of the processor. */
function started() {
  const time = { now: 1_800_000_000_000 };
  const clock = { now: () => milliseconds(time.now) };
  const limits = openLimits(clock);
  const script = { name: "x.js", version: 1, source: "", sha256: "" };
  let runs = 0;
  const run = (caller: Client, address: string, cpuMs: number, isRight = true) => {
    const facts = { startedAt: 0, durationMs: cpuMs, cpuMs, log: [], hostCalls: [] };
    const outcome = isRight
      ? { kind: "returned", status: 2000 }
      : { kind: "failed", code: 3001, message: "cpu" };
    const world = {
      clock,
      limits,
      log: silentLog,
      origin: { address, userAgent: undefined },
      recorder: { add() {} },
      engine: {
        async run(_: unknown, { executionId }: { executionId: string }) {
          runs += 1;
          return { ...facts, executionId, outcome } as unknown as ScriptRun;
        },
      },
      configuration: () => ({ scripts: new Map([[slot, script]]) }),
    } as unknown as World;
    return runScript(world, caller, slot, "complete", {}, new AbortController().signal).then(
      () => "served",
      (error: unknown) => (error instanceof Refusal ? error.reason : String(error)),
    );
  };
  return { time, run, runs: () => runs };
}

const here = "203.0.113.5";

describe("the cost of scripts (SEC-75)", () => {
  it("is not counted for light runs, however many", async () => {
    const { run } = started();
    for (let call = 0; call < 5_000; call++) {
      assert.equal(await run(clientOf("phone"), here, 10), "served");
    }
  });

  it("ends the budget of one client and leaves its neighbours alone", async () => {
    const { run, runs, time } = started();
    for (let call = 0; call < 10; call++) {
      assert.equal(await run(clientOf("phone"), here, 1_010), "served");
    }
    assert.equal(await run(clientOf("phone"), here, 1), "RATE_LIMITED");
    assert.equal(await run(clientOf("phone"), "198.51.100.7", 1), "RATE_LIMITED");
    assert.equal(runs(), 10, "the script ran although its caller was refused");
    assert.equal(await run(clientOf("other"), here, 1), "served");
    time.now += 1_000;
    assert.equal(await run(clientOf("phone"), here, 1), "served");
  });

  it("is counted for runs that failed as well", async () => {
    const { run } = started();
    for (let call = 0; call < 10; call++) {
      assert.equal(await run(clientOf("phone"), here, 1_010, false), "SCRIPT_FAILED");
    }
    assert.equal(await run(clientOf("phone"), here, 1, false), "RATE_LIMITED");
  });

  it("ends the budget of an address that runs with ever new installations", async () => {
    const { run } = started();
    for (let call = 0; call < 30; call++) {
      assert.equal(await run(clientOf(`phone ${call}`), here, 1_010), "served");
    }
    assert.equal(await run(clientOf("another"), here, 1), "RATE_LIMITED");
    assert.equal(await run(clientOf("another"), "198.51.100.7", 1), "served");
  });

  it("is counted by machine for a web application, whose other machines go on", async () => {
    const { run } = started();
    const web = clientOf("web", "static");
    for (let call = 0; call < 10; call++) assert.equal(await run(web, here, 1_010), "served");
    assert.equal(await run(web, here, 1), "RATE_LIMITED");
    assert.equal(await run(web, "198.51.100.7", 1), "served");
  });
});
