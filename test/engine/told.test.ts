// What a worker is told: each source once, in bounds, and never a number for another script.
import assert from "node:assert/strict";
import type { ToWorker } from "../../server/engine/message.ts";
import { openTold } from "../../server/engine/told.ts";
import { callOf, returned, scriptOf, testEngine } from "./support/engine.ts";

const listening = (limitBytes?: number) => {
  const said: ToWorker[] = [];
  const told = openTold((message) => said.push(message), limitBytes);
  return { said, told, kinds: () => said.splice(0).map(({ kind }) => kind) };
};

describe("openTold", () => {
  it("tells a source once, and again for another name or version", () => {
    const { told, kinds } = listening();
    const script = scriptOf("function execute() {}");
    assert.equal(told.numberOf(script), 1);
    assert.equal(told.numberOf({ ...script }), 1);
    assert.deepEqual(kinds(), ["script"]);
    assert.equal(told.numberOf({ ...script, name: "other.js" }), 2);
    assert.equal(told.numberOf({ ...script, version: 2 }), 3);
    assert.equal(told.numberOf(script), 1);
    assert.deepEqual(kinds(), ["script", "script"]);
  });

  it("has the worker forget everything before it would keep too much, and gives no number twice", () => {
    const { told, said, kinds } = listening(10_000);
    const [a, b, c] = ["a", "b", "c"].map((letter) => scriptOf(letter.repeat(1_500)));
    assert.ok(a && b && c);
    assert.deepEqual([told.numberOf(a), told.numberOf(b)], [1, 2]);
    assert.deepEqual(kinds(), ["script", "script"]);
    assert.equal(told.numberOf(c), 3);
    assert.deepEqual(
      said.map((message) => (message.kind === "script" ? message.script.source : message.kind)),
      ["forget", c.source],
    );
    assert.equal(told.numberOf(a), 4);
  });

  it("tells a source that is too large alone, without a word to forget nothing", () => {
    const { told, kinds } = listening(100);
    assert.equal(told.numberOf(scriptOf("x".repeat(200))), 1);
    assert.deepEqual(kinds(), ["script"]);
  });
});

describe("a worker that was told more than it keeps", function () {
  this.timeout(60_000);
  it("runs every script as itself, however often each comes back", async () => {
    await using engine = await testEngine();
    const padding = `//${"x".repeat(250 * 1024)}`;
    const scripts = Array.from({ length: 40 }, (_, index) =>
      scriptOf(`function execute() { return { status: ${2000 + index} }; }\n${padding}`),
    );
    for (let round = 0; round < 2; round++) {
      const runs = await Promise.all(scripts.map((script) => engine.run(script, callOf())));
      assert.deepEqual(
        runs.map((run) => returned(run).status),
        scripts.map((_, index) => 2000 + index),
      );
    }
  });
});
