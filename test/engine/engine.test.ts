// The door: concurrency, queue, settings at run time, withdrawal, checks and the end.
import assert from "node:assert/strict";
import { Refusal } from "../../server/core/refusal.ts";
import { defaultLimits } from "../../server/engine/limits.ts";
import type { Properties } from "../../server/engine/mask.ts";
import {
  callOf,
  evaluate,
  failed,
  returned,
  runBody,
  scriptOf,
  testEngine,
} from "./support/engine.ts";
import { startReceiver } from "./support/receiver.ts";

const isRefused =
  (reason: string) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.reason === reason;
const isUnavailable = isRefused("UNAVAILABLE");

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("the engine", () => {
  it("lets fifty scripts wait for HTTP at the same time", async () => {
    const waiting: (() => void)[] = [];
    await using slow = await startReceiver((_request, response) => {
      waiting.push(() => response.end("now"));
      // Nobody is answered before everybody has asked: one after the other would never end.
      if (waiting.length === 50) for (const answer of waiting.splice(0)) answer();
    });
    await using engine = await testEngine({ egress: { allow: [slow.origin] } });
    const body = `return { status: 2000, responsePayload:
      payload + REST_TEMPLATE.getForObject("${slow.origin}/" + payload, java.lang.String.class) };`;
    const runs = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        runBody(engine, body, { requestPayload: String(index), executionId: `e${index}` }),
      ),
    );
    for (const [index, run] of runs.entries()) {
      assert.equal(run.executionId, `e${index}`);
      assert.equal(returned(run).responsePayload, `${index}now`);
    }
  });

  it("refuses as RATE_LIMITED when the queue is full, and serves again afterwards", async () => {
    const answers: (() => void)[] = [];
    await using slow = await startReceiver((_request, response) => {
      answers.push(() => response.end());
    });
    await using engine = await testEngine({
      egress: { allow: [slow.origin] },
      runsPerWorker: 1,
      queueLimit: 1,
    });
    const body = `HTTP.request({ url: "${slow.origin}" }); return { status: 2000 };`;
    const first = runBody(engine, body);
    await until(() => answers.length === 1);
    const second = runBody(engine, body);
    await assert.rejects(runBody(engine, body), isRefused("RATE_LIMITED"));
    answers[0]?.();
    assert.equal(returned(await first).status, 2000);
    await until(() => answers.length === 2);
    answers[1]?.();
    assert.equal(returned(await second).status, 2000);
  });

  it("refuses pending and later runs as UNAVAILABLE once it is disposed, and pings false", async () => {
    await using silent = await startReceiver(() => {});
    const engine = await testEngine({ egress: { allow: [silent.origin] }, runsPerWorker: 1 });
    assert.equal(engine.ping(), true);
    const body = `HTTP.request({ url: "${silent.origin}" }); return { status: 2000 };`;
    const pending = [runBody(engine, body), runBody(engine, body)];
    const ended = pending.map((run) => assert.rejects(run, isUnavailable));
    await until(() => silent.received.length === 1);
    await engine[Symbol.asyncDispose]();
    await Promise.all(ended);
    await assert.rejects(runBody(engine, body), isUnavailable);
    assert.equal(engine.ping(), false);
  });

  it("unwinds a waiting run whose caller withdraws, and takes queued ones out", async () => {
    await using silent = await startReceiver(() => {});
    await using engine = await testEngine({ egress: { allow: [silent.origin] }, runsPerWorker: 1 });
    const body = `try { HTTP.request({ url: "${silent.origin}" }); } catch {} return { status: 2000 };`;
    const controller = new AbortController();
    const running = runBody(engine, body, { signal: controller.signal });
    const queued = runBody(engine, body, { signal: controller.signal });
    const refused = assert.rejects(queued, isUnavailable);
    await until(() => silent.received.length === 1);
    controller.abort();
    assert.match(failed(await running).message, /withdrew/);
    await refused;
    assert.equal(await evaluate(engine, "1 + 1"), 2);
  });

  it("uses changed properties, egress policy and limits from the next run on", async () => {
    await using portal = await startReceiver();
    await using engine = await testEngine();
    const fetch = `return { status: 2000, responsePayload: HTTP.request({ url: "${portal.origin}" }).body };`;
    assert.equal(await evaluate(engine, 'PROPERTIES.get("host")'), null);
    assert.match(failed(await runBody(engine, fetch)).message, /allow list/);
    engine.configure({
      limits: { ...defaultLimits, outputBytes: 10 },
      recording: false,
      properties: new Map([["host", { value: "h1", sensitive: false }]]),
      egress: { allow: [portal.origin] },
    });
    const read = "return { status: 2000, responsePayload: PROPERTIES.host };";
    assert.equal(returned(await runBody(engine, read)).responsePayload, "h1");
    assert.equal(returned(await runBody(engine, fetch)).responsePayload, "thanks");
    const large = 'return { status: 2000, responsePayload: "x".repeat(11) };';
    assert.equal(failed(await runBody(engine, large)).limit, "output");
  });

  it("keeps its settings when new ones cannot be read", async () => {
    await using engine = await testEngine();
    const settings = { limits: defaultLimits, recording: false, properties: new Map() };
    for (const entry of [
      "example.com",
      "ftp://example.com",
      "https://a.example/path",
      "https://u@a.example",
      "https://*.example",
    ]) {
      assert.throws(
        () => engine.configure({ ...settings, egress: { allow: [entry] } }),
        /egress entry/,
      );
    }
    assert.equal(await evaluate(engine, "1"), 1);
  });

  it("does not open with a worker file that fails", async () => {
    const workerUrl = new URL("./support/broken_worker.ts", import.meta.url);
    await assert.rejects(testEngine({ workerUrl }), /broken on purpose/);
  });

  it("shows workers nothing of the environment", async () => {
    process.env.GATEWRIGHT_TEST_SECRET = "x";
    const workerUrl = new URL("./support/nosy_worker.ts", import.meta.url);
    await assert.rejects(testEngine({ workerUrl }), /environment: \[\]/);
    delete process.env.GATEWRIGHT_TEST_SECRET;
  });
});

describe("sensitive properties (D-26)", () => {
  const secret = 'pa"ss\\word';
  const properties: Properties = new Map([
    ["key", { value: secret, sensitive: true }],
    ["longer", { value: `${secret}-and-more`, sensitive: true }],
    ["empty", { value: "", sensitive: true }],
    ["open", { value: "visible", sensitive: false }],
  ]);

  it("are masked in log lines, messages and stacks, plain and as JSON", async () => {
    await using engine = await testEngine({ properties });
    const run = await runBody(
      engine,
      `const key = properties.get("key");
      LOG.info("plain {} {}", key, PROPERTIES.longer);
      console.log(JSON.stringify({ key }), PROPERTIES.open, PROPERTIES.unknown);
      throw new Error("failed with " + key);`,
    );
    const texts = JSON.stringify(run);
    assert.ok(!texts.includes("pa\\") && !texts.includes("word"), texts);
    assert.deepEqual(
      run.log.map(({ text }) => text),
      ["plain [masked] [masked]", '{"key":"[masked]"} visible null'],
    );
    assert.equal(failed(run).message, "Error: failed with [masked]");
  });

  it("leave no part behind where a text is cut", async () => {
    await using engine = await testEngine({ properties });
    for (let before = 3_990; before < 4_005; before++) {
      const { outcome } = await runBody(engine, `throw "x".repeat(${before}) + properties.key;`);
      assert.doesNotMatch(JSON.stringify(outcome), /pa\\/);
    }
  });

  it("are given to the script as they are", async () => {
    await using engine = await testEngine({ properties });
    const read = "return { status: 2000, responsePayload: PROPERTIES.get('key') };";
    assert.equal(returned(await runBody(engine, read)).responsePayload, secret);
  });
});

describe("check", () => {
  it("gives the place of a syntax error, and a hint for the dialects of old", async () => {
    await using engine = await testEngine();
    const cases: readonly [source: string, line: number, hint: RegExp | undefined][] = [
      ["function execute() {\n  return {;\n}", 2, undefined],
      ["function execute() {\n  for each (x in [1]) {}\n}", 2, /for each/],
      ["function execute() {\n  try {} catch (e if e.x) {}\n}", 2, /conditional catch/],
      ["var f = function(x) x * x;\nfunction execute() {}", 1, /without braces/],
    ];
    for (const [source, line, hint] of cases) {
      const [problem, ...rest] = await engine.check(source, "my script.js");
      assert.deepEqual(rest, []);
      assert.equal(problem?.code, "syntax");
      assert.equal(problem.place?.line, line);
      assert.ok((problem.place?.column ?? 0) > 0);
      if (hint === undefined) assert.equal(problem.hint, undefined);
      else assert.match(problem.hint ?? "", hint);
    }
  });

  it("names a missing execute, an overlong source and a load that fails", async () => {
    await using engine = await testEngine({ limits: { cpuMs: 100 } });
    const codes = async (source: string) =>
      (await engine.check(source, "s")).map(({ code }) => code);
    assert.deepEqual(await codes("var execute = 1;"), ["no_execute"]);
    assert.deepEqual(await codes(`//${"x".repeat(256 * 1024)}`), ["too_large"]);
    assert.deepEqual(await codes("null.x; function execute() {}"), ["load"]);
    assert.deepEqual(await codes("for (;;); function execute() {}"), ["load"]);
    assert.deepEqual(await codes("[].indexOf.call({ length: 2 ** 53 - 1 }, 1)"), ["load"]);
    assert.deepEqual(await codes("const execute = () => 1;"), []);
  });

  it("has no effects and judges no script by its calls to the host", async () => {
    await using engine = await testEngine();
    const source = 'CACHE.store("checked", "yes"); function execute() {}';
    assert.deepEqual(await engine.check(source, "s"), []);
    assert.equal(await evaluate(engine, 'CACHE.fetch("checked")'), null);
    const run = await engine.run(scriptOf(`${source}`), callOf());
    assert.equal(failed(run).code, 3004);
    assert.equal(await evaluate(engine, 'CACHE.fetch("checked")'), "yes");
  });
});
