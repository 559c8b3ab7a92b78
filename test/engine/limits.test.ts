// Limits: each has its own name, ends the run whatever the script catches, and hurts no neighbour.
import assert from "node:assert/strict";
import { Refusal } from "../../server/core/refusal.ts";
import type { Engine } from "../../server/engine/engine.ts";
import type { Limit } from "../../server/engine/limits.ts";
import { failed, returned, runBody, testEngine } from "./support/engine.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

const healthy = "return { status: 2000, responsePayload: String([1, 2].map((x) => x * 2)) };";
const nativeLoop = "Array.prototype.indexOf.call({ length: 9007199254740991 }, 1);";

describe("limits of a run (D-30)", () => {
  let engine: Engine;
  let silent: Receiver;
  before(async () => {
    silent = await startReceiver(() => {});
    engine = await testEngine({
      limits: { cpuMs: 150, deadlineMs: 1_500, outputBytes: 1_000, hostCalls: 50, egressCalls: 2 },
      egress: { allow: [silent.origin] },
    });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await silent[Symbol.asyncDispose]();
  });

  const cases: readonly [limit: Limit, law: string, body: string][] = [
    ["cpu", "a loop", "for (;;);"],
    [
      "cpu",
      "a loop that catches everything",
      "for (;;) { try { for (;;); } catch {} finally { continue; } }",
    ],
    [
      "cpu",
      "a loop of slow native calls",
      'const s = "a b ".repeat(25000); for (;;) s.replace(/ /g, "-");',
    ],
    ["cpu", "a catastrophic pattern", '/^(a+)+$/.test("a".repeat(40) + "b");'],
    ["cpu", "a loop in a promise job", "return Promise.resolve().then(() => { for (;;); });"],
    [
      "cpu",
      "promises that breed promises",
      "const f = () => { Promise.resolve().then(f); }; f(); return new Promise(() => {});",
    ],
    ["cpu", "a native loop that only ending the worker stops", nativeLoop],
    ["stack", "recursion without end", "const f = () => f() + 1; f();"],
    [
      "output",
      "a result that is too large",
      'return { status: 2000, responsePayload: "x".repeat(1001) };',
    ],
    [
      "output",
      "a result that is too large in all",
      'return { status: 2000, responsePayload: "x".repeat(600), registrationData: "x".repeat(600) };',
    ],
    [
      "host_calls",
      "host calls without end",
      'for (let i = 0; i < 60; i++) { try { CACHE.fetch("k"); } catch {} }',
    ],
    [
      "egress",
      "more requests than allowed",
      `for (let i = 0; i < 3; i++) {
      try { HTTP.request({ url: "http://refused.example/" }); } catch {} }`,
    ],
    [
      "deadline",
      "a request that is never answered",
      "try { HTTP.request({ url: ORIGIN }); } catch {} return { status: 2000 };",
    ],
    [
      "deadline",
      "a promise job that waits for a request",
      "return Promise.resolve().then(() => HTTP.request({ url: ORIGIN }));",
    ],
  ];
  for (const [limit, law, body] of cases) {
    it(`ends ${law} by the limit "${limit}"`, async () => {
      const source = body.replace("ORIGIN", JSON.stringify(silent.origin));
      const outcome = failed(await runBody(engine, source));
      assert.deepEqual([outcome.code, outcome.limit], [3001, limit]);
      assert.equal(returned(await runBody(engine, healthy)).responsePayload, "2,4");
    });
  }

  const hoards: readonly [law: string, body: string][] = [
    ["objects without end", "const a = []; for (;;) a.push({}, {}, {}, {});"],
    [
      "buffers without end, caught and begun again",
      "for (;;) { const a = []; try { for (;;) a.push(new Uint8Array(4096)); } catch {} }",
    ],
    [
      "buffers without end, caught and then given up",
      "const a = []; try { for (;;) a.push(new Uint8Array(4096)); } catch {} return { status: 2000 };",
    ],
    ["one huge allocation", 'return { status: 2000, responsePayload: "x".repeat(2 ** 24) };'],
  ];
  it('ends hoards by the limit "memory", whatever is caught', async () => {
    await using roomy = await testEngine({ limits: { cpuMs: 8_000, deadlineMs: 20_000 } });
    for (const [law, body] of hoards) {
      const outcome = failed(await runBody(roomy, body));
      assert.deepEqual([outcome.code, outcome.limit], [3001, "memory"], law);
      assert.equal(returned(await runBody(roomy, healthy)).responsePayload, "2,4");
    }
  }).timeout(60_000);

  it("counts no time in waits as processor time", async () => {
    await using slow = await startReceiver((_request, response) => {
      setTimeout(() => response.end("late"), 300);
    });
    await using patient = await testEngine({
      limits: { cpuMs: 100 },
      egress: { allow: [slow.origin] },
    });
    const body = `return { status: 2000, responsePayload: HTTP.request({ url: "${slow.origin}" }).body };`;
    assert.equal(returned(await runBody(patient, body)).responsePayload, "late");
  });

  it("charges no run for others that go on at the same moment", async () => {
    await using fair = await testEngine({ limits: { cpuMs: 200 }, workerData: { gather: 10 } });
    const body = `CACHE.fetch("together");
      const end = Date.now() + 60; while (Date.now() < end); return { status: 2000 };`;
    const runs = await Promise.all(Array.from({ length: 10 }, () => runBody(fair, body)));
    for (const run of runs) assert.equal(returned(run).status, 2000);
  });

  it("drops log lines beyond the limit and says so once", async () => {
    const body =
      "for (let i = 0; i < 100; i++) LOG.info('x'.repeat(2000)); return { status: 2000 };";
    const { log, outcome } = await runBody(engine, body);
    assert.equal(outcome.kind, "returned");
    const bytes = log.reduce((sum, { text }) => sum + text.length, 0);
    assert.ok(bytes <= 64 * 1024 + 200);
    assert.equal(log.filter(({ text }) => /log is full/.test(text)).length, 1);
    assert.match(log.at(-1)?.text ?? "", /log is full/);
  });

  it("bounds the number of empty log lines too", async () => {
    await using roomy = await testEngine({ limits: { logBytes: 1_000, cpuMs: 2_000 } });
    const body = "for (let i = 0; i < 1000; i++) LOG.info(''); return { status: 2000 };";
    assert.ok((await runBody(roomy, body)).log.length < 100);
  });
});

describe("a worker that has to be ended", () => {
  it("costs the runs that had begun, as UNAVAILABLE, and repeats those that had not", async () => {
    await using silent = await startReceiver(() => {});
    await using engine = await testEngine({
      limits: { cpuMs: 100 },
      egress: { allow: [silent.origin] },
      runsPerWorker: 3,
    });
    const waiting = runBody(
      engine,
      `HTTP.request({ url: "${silent.origin}" }); return { status: 2000 };`,
    );
    while (silent.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const stuck = runBody(engine, nativeLoop);
    const [lost, culprit, ...others] = await Promise.allSettled([
      waiting,
      stuck,
      ...Array.from({ length: 5 }, () => runBody(engine, healthy)),
    ]);
    assert.ok(lost.status === "rejected" && lost.reason instanceof Refusal);
    assert.equal(lost.reason.reason, "UNAVAILABLE");
    assert.ok(culprit.status === "fulfilled");
    assert.equal(failed(culprit.value).limit, "cpu");
    for (const other of others) {
      assert.ok(other.status === "fulfilled");
      assert.equal(returned(other.value).responsePayload, "2,4");
    }
    assert.equal(engine.ping(), true);
  });

  it("leaves the other workers and their runs alone", async () => {
    await using engine = await testEngine({ limits: { cpuMs: 100 }, workers: 2 });
    const stuck = runBody(engine, nativeLoop);
    for (let count = 0; count < 20; count++) {
      assert.equal(returned(await runBody(engine, healthy)).responsePayload, "2,4");
    }
    assert.equal(failed(await stuck).limit, "cpu");
  });
});
