// What a script does in its waits, and what its neighbours notice of it.
import assert from "node:assert/strict";
import { callOf, failed, returned, runBody, scriptOf, testEngine } from "./support/engine.ts";

const workerUrl = new URL("./support/slow_worker.ts", import.meta.url);

describe("scripts that wait side by side", () => {
  it("fail alone when they have no memory left for an answer", async () => {
    await using engine = await testEngine({ workerUrl });
    await runBody(engine, 'CACHE.store("big", "x".repeat(60000)); return { status: 2000 };');
    const hungry = scriptOf(`function execute(payload) {
      const kept = [];
      for (let i = 0; i < Number(payload); i++) kept.push(new ArrayBuffer(100000));
      CACHE.fetch("a");
      return { status: 2000, responsePayload: String(CACHE.fetch("big").length) };
    }`);
    const honest = (number: number) =>
      scriptOf(
        `function execute() {
          let sum = 0;
          for (const key of ["k", "l"]) {
            for (let i = 0; i < 20000; i++) sum += i;
            CACHE.fetch(key);
          }
          return { status: 2000, responsePayload: String(sum) };
        }`,
        `honest${number}.js`,
      );
    const runs = Array.from({ length: 90 }, (_, index) => engine.run(honest(index % 5), callOf()));
    const hostile = Array.from({ length: 40 }, (_, index) =>
      engine.run(hungry, callOf({ requestPayload: String(240 + index) })),
    );
    const ends = (await Promise.all(hostile)).map(({ outcome }) =>
      outcome.kind === "failed" ? outcome.limit : outcome.responsePayload,
    );
    assert.deepEqual(new Set(ends), new Set(["60000", "memory"]));
    for (const run of await Promise.all(runs)) {
      assert.equal(returned(run).responsePayload, "399980000");
    }
  });

  it("gain no processor time by waiting between operations that nothing can cut", async () => {
    await using engine = await testEngine({ workerUrl, limits: { cpuMs: 300 } });
    const body = `
      let digits = 20000, ms = 0, number;
      for (; ms < 40 && digits < 900000; digits = Math.floor(digits * 1.4)) {
        number = (1n << BigInt(digits)) - 1n;
        const start = Date.now();
        number * number;
        ms = Date.now() - start;
      }
      const start = Date.now();
      for (let i = 0; i < 900 && Date.now() - start < 6000; i++) { CACHE.fetch("k"); number * number; }
      return { status: 2000 };`;
    assert.equal(failed(await runBody(engine, body)).limit, "cpu");
  });
});
