// Which versions are heavy, and what that means for others.
import assert from "node:assert/strict";
import { openWeights } from "../../server/engine/weights.ts";
import { callOf, failed, returned, scriptOf, testEngine } from "./support/engine.ts";

describe("openWeights", () => {
  it("calls a version heavy after a long run, until enough in a row were short", () => {
    const weights = openWeights({ heavyMs: 50, lightRuns: 2 });
    weights.ran("a", 49.9);
    assert.equal(weights.isHeavy("a"), false);
    weights.ran("a", 50);
    assert.equal(weights.isHeavy("a"), true);
    assert.equal(weights.isHeavy("b"), false);
    weights.ran("a", 1);
    weights.ran("a", 80);
    weights.ran("a", 1);
    assert.equal(weights.isHeavy("a"), true);
    weights.ran("a", 1);
    assert.equal(weights.isHeavy("a"), false);
  });

  it("remembers a bounded number of versions, those that ran last", () => {
    const weights = openWeights({ heavyMs: 50, lightRuns: 2 }, 2);
    for (const version of ["a", "b", "c"]) weights.ran(version, 60);
    assert.deepEqual(
      ["a", "b", "c"].map((version) => weights.isHeavy(version)),
      [false, true, true],
    );
  });
});

describe("the lane of heavy versions", () => {
  it("lets others run while all its guests compute, each as long as it may", async () => {
    await using engine = await testEngine({ limits: { cpuMs: 400 } });
    const spin = scriptOf("function execute() { for (;;) {} }", "spin.js");
    const honest = scriptOf("function execute() { return { status: 2000 }; }", "honest.js");
    assert.equal(failed(await engine.run(spin, callOf())).limit, "cpu");
    const ended: string[] = [];
    const spins = Array.from({ length: 3 }, async () => {
      assert.equal(failed(await engine.run(spin, callOf())).limit, "cpu");
      ended.push("spin");
    });
    for (let run = 0; run < 20; run++) {
      assert.equal(returned(await engine.run(honest, callOf())).status, 2000);
      ended.push("honest");
    }
    await Promise.all(spins);
    // One worker is theirs, so the last spin ends long after every honest run.
    assert.deepEqual(ended.slice(-1), ["spin"]);
    assert.ok(ended.indexOf("honest") < ended.indexOf("spin"), ended.join());
  });

  it("keeps a long computation from what waits for a worker", async () => {
    await using engine = await testEngine({ workers: 2, limits: { cpuMs: 1_000 } });
    const spin = scriptOf("function execute() { for (;;) {} }", "spin.js");
    const honest = scriptOf("function execute() { return { status: 2000 }; }", "honest.js");
    const spinning = engine.run(spin, callOf());
    await new Promise((resolve) => setTimeout(resolve, 100));
    let isSpinning = true;
    void spinning.then(() => {
      isSpinning = false;
    });
    for (let run = 0; run < 20; run++) await engine.run(honest, callOf());
    assert.equal(isSpinning, true, "nobody waited for the end of the first long run");
    assert.equal(failed(await spinning).limit, "cpu");
  });
});
