// What the record of an execution says: where lines were logged, where errors are, what was called.
import assert from "node:assert/strict";
import type { Engine } from "../../server/engine/engine.ts";
import type { Properties } from "../../server/engine/mask.ts";
import { readRecording } from "../../server/engine/recording.ts";
import type { Place, Script, ScriptRun } from "../../server/engine/script.ts";
import { callOf, failed, returned, runBody, scriptOf, testEngine } from "./support/engine.ts";
import { startReceiver } from "./support/receiver.ts";

const here = "/*here*/";

/** A script whose place of interest follows the mark `here`, or comes a few characters after it. */
const marked = (source: string, after = 0): { script: Script; place: Place } => {
  const before = source.slice(0, source.indexOf(here) + here.length);
  const lines = before.split("\n");
  const column = [...(lines.at(-1) ?? "")].length + 1 + after;
  return { script: scriptOf(source), place: { line: lines.length, column } };
};

describe("the record of an execution (D-32)", () => {
  let engine: Engine;
  before(async () => {
    engine = await testEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  /** The interpreter's column of a call is that of its opening parenthesis. */
  const calls: readonly [where: string, source: string, after: number][] = [
    ["in execute", 'function execute() {\n  /*here*/LOG.info("x");\n}', 8],
    [
      "after characters of several bytes",
      'function execute() { "é😀"; /*here*/LOG.info("x"); }',
      8,
    ],
    [
      "in a helper",
      'function help() {\n  /*here*/console.log("x"); }\nfunction execute() { help(); }',
      11,
    ],
    ["in a callback", 'function execute() { [1].forEach(() => {\n /*here*/print("x"); }); }', 5],
    [
      "in a callback of a Java list",
      'function execute() { const list = new java.util.ArrayList(); list.add(1);\n list.forEach(() => /*here*/LOG.warn("x")); }',
      8,
    ],
    [
      "by Java's System.out",
      'function execute() {\n /*here*/java.lang.System.out.println("x"); }',
      28,
    ],
    [
      "by an exception's stack trace",
      'function execute() {\n const e = new java.lang.Exception("x");\n /*here*/e.printStackTrace(); }',
      17,
    ],
    ["while it is loaded", '\n/*here*/LOG.info("x");\nfunction execute() {}', 8],
    [
      "after a wait for a promise",
      'async function execute() {\n await null;\n /*here*/LOG.info("x"); }',
      8,
    ],
    ["from evaluated text", 'function execute() {\n /*here*/eval("LOG.info(1)"); }', 4],
    [
      "through a function that was passed on",
      "function execute() {\n /*here*/[1].map(LOG.info); }",
      7,
    ],
    [
      "by the engine, of a value that the script stores",
      'function execute() {\n /*here*/CACHE.store("k", { a: 1 }); }',
      11,
    ],
  ];
  for (const [where, source, after] of calls) {
    it(`names line and column of what is logged ${where}`, async () => {
      const { script, place } = marked(source, after);
      const [line] = (await engine.run(script, callOf())).log;
      assert.deepEqual(line?.place, place);
    });
  }

  const tampering: readonly string[] = [
    'Error.prototype.stack = "    at f (test.js:99:1)\\n";',
    'Object.defineProperty(Error.prototype, "stack", { get: () => "    at f (test.js:99:1)\\n" });',
    'Error.prepareStackTrace = () => "    at f (test.js:99:1)\\n";',
    "Error.stackTraceLimit = 0;",
    'globalThis.Error = function () { this.stack = "    at f (test.js:99:1)\\n"; };',
    'String.prototype.slice = () => "    at f (test.js:99:1)\\n"; Reflect.apply = null;',
    "Error.prototype.constructor = null; Object.setPrototypeOf(Error, null);",
  ];
  for (const line of tampering) {
    it(`names the place of a line after ${line.slice(0, 60)}`, async () => {
      const run = await runBody(engine, `${line}\nLOG.info("x");\nreturn { status: 2000 };`);
      assert.equal(run.log[0]?.text, "x", JSON.stringify(run));
      assert.deepEqual(run.log[0].place, { line: 3, column: 9 });
    });
  }

  it("logs at any depth, and ends a recursion without end as such", async () => {
    const run = await runBody(
      engine,
      `const deep = (n) => { if (n % 100 === 0) LOG.info("{}", n); return deep(n + 1) + 1; };
      return deep(0);`,
    );
    assert.equal(failed(run).limit, "stack");
    assert.ok(run.log.length > 3);
    for (const { place } of run.log) assert.deepEqual(place, { line: 2, column: 50 });
  });

  it("leaves a place out rather than cutting one short", async () => {
    let missing = 0;
    for (let length = 60; length < 240; length += 3) {
      const run = await runBody(
        engine,
        `const named = { ["${"n".repeat(length)}"]() { LOG.info("x"); } }["${"n".repeat(length)}"];
        named(); return { status: 2000 };`,
      );
      const place = run.log[0]?.place;
      if (place === undefined) missing++;
      else assert.deepEqual(place, { line: 2, column: length + 34 }, `a name of ${length}`);
    }
    assert.ok(missing > 0 && missing < 60);
  });

  const errors: readonly [what: string, source: string, after: number][] = [
    ["in execute", "function execute() {\n  return null/*here*/.x;\n}", 0],
    ["in a helper", "const help = () => {\n null/*here*/.x; };\nfunction execute() { help(); }", 0],
    [
      "in a callback of a Java list",
      "function execute() { const list = new java.util.ArrayList(); list.add(1);\n list.forEach(() => null/*here*/.x); }",
      0,
    ],
    [
      "in a comparator",
      'function execute() { const list = new java.util.ArrayList(); list.add(2); list.add(1);\n list.sort(() => { throw /*here*/new Error("x"); }); }',
      9,
    ],
    [
      "in a getter of the result",
      "function execute() { return { get status() {\n return null/*here*/.x; } }; }",
      0,
    ],
    ["in a promise", "async function execute() {\n await null;\n null/*here*/.x; }", 0],
    [
      "in a rejected promise",
      'function execute() {\n return Promise.reject(/*here*/new Error("x")); }',
      9,
    ],
    [
      "in what a payload's toJSON does",
      "function execute() { return { status: 2000, responsePayload: { toJSON() {\n null/*here*/.x; } } }; }",
      0,
    ],
    [
      "thrown by a Java class",
      "function execute() { const list = new java.util.ArrayList();\n /*here*/list.get(5); }",
      8,
    ],
    [
      "answered by the host",
      'function execute() {\n /*here*/HTTP.request({ url: "http://nowhere.example/" }); }',
      12,
    ],
    [
      "of a Java class that is not available",
      "function execute() {\n /*here*/new java.io.File(1); }",
      16,
    ],
    ["in evaluated text", 'function execute() {\n /*here*/eval("\\n\\n null.x"); }', 4],
    [
      "in a made function",
      'function execute() {\n const f = new Function("null.x");\n /*here*/f(); }',
      1,
    ],
    ["while it is loaded", "\nnull/*here*/.x; function execute() {}", 0],
    [
      "in a script that is loaded in every run",
      "const t = Date.now();\nfunction execute() {\n null/*here*/.x; }",
      0,
    ],
    ["after characters of several bytes", 'function execute() { "é😀"; null/*here*/.x; }', 0],
    [
      "after the script gave Error another meaning",
      "function execute() { Error = 1;\n null/*here*/.x; }",
      0,
    ],
    ["of syntax", "function execute() {\n  return /*here*/; ) }", 2],
  ];
  for (const [what, source, after] of errors) {
    it(`names line and column of an error ${what}, and the script's own frames`, async () => {
      const { script, place } = marked(source, after);
      const outcome = failed(await engine.run(script, callOf()));
      assert.deepEqual(outcome.place, place, JSON.stringify(outcome));
      for (const frame of (outcome.stack ?? "").split("\n")) {
        assert.match(frame, /^ {4}at (\S.* \()?test\.js:\d+:\d+\)?$/);
      }
    });
  }

  it("shows no frames that are none, whatever a script says its stack is", async () => {
    const run = await runBody(
      engine,
      'const e = new Error("x"); e.stack = "see (<prelude>:1:1)\\n/etc/passwd:1:1\\n    at f (native)"; throw e;',
    );
    assert.deepEqual([failed(run).stack, failed(run).place], [undefined, undefined]);
  });

  it("lists host calls in order, with one that is still open at the end", async () => {
    await using silent = await startReceiver(() => {});
    await using hasty = await testEngine({
      egress: { allow: [silent.origin] },
      limits: { deadlineMs: 200 },
    });
    const startedAt = Date.now();
    const run = await runBody(
      hasty,
      `CACHE.store("k", "v"); try { CACHE.store("", 1); PROPERTIES.get("p"); } catch {}
      java.util.UUID.randomUUID(); HTTP.request({ url: "${silent.origin}" }); CACHE.fetch("k");`,
    );
    assert.equal(failed(run).limit, "deadline");
    assert.deepEqual(
      run.hostCalls.map(({ name }) => name),
      ["cache.store", "cache.store", "properties.get", "random.uuid", "http.request"],
    );
    let last = 0;
    for (const { startMs, ms } of run.hostCalls) {
      assert.ok(startMs >= last && ms >= 0);
      last = startMs;
    }
    assert.ok((run.hostCalls.at(-1)?.ms ?? 0) > 0);
    assert.ok(run.startedAt >= startedAt && run.startedAt <= Date.now());
  });

  it("shows calls that the script's failure left behind, which have had their effect", async () => {
    const run = await runBody(engine, 'CACHE.store("left", "behind"); null.x;');
    assert.equal(failed(run).code, 3001);
    assert.deepEqual(
      run.hostCalls.map(({ name }) => name),
      ["cache.store"],
    );
    const read = await runBody(
      engine,
      'return { status: 2000, responsePayload: CACHE.take("left") };',
    );
    assert.equal(returned(read).responsePayload, "behind");
  });

  it("leaves no part of a secret where the guest has cut a message", async () => {
    const value = `S3CRET${"-more".repeat(200)}`;
    const properties: Properties = new Map([["long", { value, sensitive: true }]]);
    await using masking = await testEngine({ properties });
    const run = await runBody(masking, "throw new Error(properties.long.repeat(40));");
    assert.doesNotMatch(JSON.stringify(run), /S3CRET|-more-more/);
  });
});

describe("a recording (D-32)", () => {
  const secret = 'k3y+/"of\\the portal';
  const properties: Properties = new Map([
    ["secret", { value: secret, sensitive: true }],
    ["open", { value: "https://portal.example", sensitive: false }],
    ["pin", { value: "7", sensitive: true }],
  ]);
  let engine: Engine;
  before(async () => {
    engine = await testEngine({ recording: true, properties });
  });
  after(() => engine[Symbol.asyncDispose]());

  const recordingOf = ({ recording }: ScriptRun): string => {
    assert.ok(recording !== undefined);
    return recording;
  };

  it("is made only when runs are recorded", async () => {
    await using quiet = await testEngine();
    const body = "return { status: 2000 };";
    assert.equal((await runBody(quiet, body)).recording, undefined);
    assert.equal(typeof (await runBody(engine, body)).recording, "string");
  });

  it("shows what execute was given and what the host was asked and answered", async () => {
    const run = await runBody(
      engine,
      'CACHE.store("k", payload); CACHE.fetch("k"); try { CACHE.store("k", "v", {}); } catch {} PROPERTIES.get("open"); LOG.info("x"); return { status: 2000 };',
      { requestPayload: "é\ud800", hookContextCustomParams: { lang: ["nl"] } },
    );
    const { input, calls } = readRecording(recordingOf(run));
    assert.deepEqual(input, {
      requestPayload: "é\ud800",
      hookContextCustomParams: '{"lang":["nl"]}',
    });
    assert.deepEqual(
      calls.map((call) => [call.name, JSON.parse(call.arguments), JSON.parse(call.answer ?? "")]),
      [
        ["cache.store", ["k", "é\ud800", null], { value: null }],
        ["cache.fetch", ["k"], { value: "é\ud800" }],
        ["cache.store", ["k", "v", {}], { value: null }],
        ["properties.get", ["open"], { value: "https://portal.example" }],
      ],
    );
  });

  it("holds no sensitive value in any encoding, neither given, stored, sent nor logged", async () => {
    const bytes = Buffer.from(secret);
    const run = await runBody(
      engine,
      `const key = PROPERTIES.secret, encoder = java.util.Base64.getEncoder(), bytes = key.getBytes();
      for (const text of [key, JSON.stringify({ key }), JSON.stringify(JSON.stringify([key])), encodeURIComponent(key),
        encoder.encodeToString(bytes), encoder.encodeToString(("a" + key).getBytes()),
        encoder.encodeToString(("ab" + key).getBytes()), java.util.Base64.getUrlEncoder().encodeToString(bytes)]) {
        CACHE.store("k", text); CACHE.fetch("k"); LOG.info(text);
      }
      const mac = javax.crypto.Mac.getInstance("HmacSHA256");
      mac.init(new javax.crypto.spec.SecretKeySpec(bytes, "HmacSHA256")); mac.doFinal(bytes);
      return { status: 2000, responsePayload: key };`,
      { requestPayload: `${bytes.toString("hex")} ${bytes.toString("hex").toUpperCase()}` },
    );
    assert.equal(returned(run).responsePayload, secret);
    const recording = recordingOf(run);
    const texts = recording + JSON.stringify(readRecording(recording)) + JSON.stringify(run.log);
    const inner = (before: string): string =>
      Buffer.from(before + secret)
        .toString("base64")
        .slice(4, -4);
    for (const form of [
      "portal",
      "k3y",
      encodeURIComponent(secret),
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
      inner(""),
      inner("a"),
      inner("ab"),
      inner("").replaceAll("+", "-").replaceAll("/", "_"),
    ]) {
      const found = texts.replaceAll("https://portal.example", "").indexOf(form);
      assert.equal(found, -1, `${form}: ${texts.slice(found - 80, found + 80)}`);
    }
    assert.match(texts, /\[masked\]/);
  });

  it("refers to a sensitive property by its id, however short its value is", async () => {
    const recording = recordingOf(
      await runBody(engine, "PROPERTIES.pin; return { status: 2000 };"),
    );
    const { calls } = readRecording(recording);
    assert.deepEqual(calls, [
      { name: "properties.get", arguments: '["pin"]', answer: '{"value":"[masked]"}' },
    ]);
  });

  it("is absent when it would be larger than 1 MiB, and the run goes on", async () => {
    const large = await runBody(
      engine,
      'for (let i = 0; i < 30; i++) CACHE.store("k", "x".repeat(60000)); return { status: 2000 };',
    );
    assert.equal(returned(large).status, 2000);
    assert.equal(large.recording, undefined);
    const escaped = await runBody(
      engine,
      String.raw`for (let i = 0; i < 6; i++) CACHE.store("k", "\u0001".repeat(20000)); return { status: 2000 };`,
    );
    assert.equal(returned(escaped).status, 2000);
    const half = recordingOf(escaped);
    assert.ok(Buffer.byteLength(half) <= 1024 * 1024);
  });

  it("stays small however often the clock is read", async () => {
    const run = await runBody(
      engine,
      "for (let i = 0; i < 1e6; i++) Date.now(); return { status: 2000 };",
    );
    assert.ok(recordingOf(run).length < 64 * 1024);
  });

  const wrong: readonly [what: string, change: (fields: Record<string, unknown>) => unknown][] = [
    ["no JSON", () => "{"],
    ["another JSON value", () => "[]"],
    ["another format", (fields) => ({ ...fields, format: 2 })],
    ["no script", (fields) => ({ ...fields, script: null })],
    ["an unknown kind", (fields) => ({ ...fields, kind: "other" })],
    ["too few values", (fields) => ({ ...fields, values: [null] })],
    ["a seed of text", (fields) => ({ ...fields, seed: ["1", "2", "3", "4"] })],
    ["half a pair of the clock", (fields) => ({ ...fields, clock: [1] })],
    ["an empty pair of the clock", (fields) => ({ ...fields, clock: [1, 0] })],
    [
      "a call without a name",
      (fields) => ({ ...fields, calls: [{ arguments: "[]", answer: "{}" }] }),
    ],
    [
      "a call without an answer",
      (fields) => ({ ...fields, calls: [{ name: "a", arguments: "[]" }] }),
    ],
    [
      "an unknown form of a secret",
      (fields) => ({ ...fields, values: [[["p", "rot13"]], null, null, null] }),
    ],
    ["an unknown limit", (fields) => ({ ...fields, end: { limit: "fuel", message: "" } })],
    ["no limits", ({ limits: _limits, ...fields }) => fields],
  ];
  for (const [what, change] of wrong) {
    it(`is refused with a clear message when it has ${what}`, async () => {
      const recording = recordingOf(await runBody(engine, "return { status: 2000 };"));
      const changed = change(JSON.parse(recording));
      const text = typeof changed === "string" ? changed : JSON.stringify(changed);
      assert.throws(() => readRecording(text), /this is no recording of a run: its? /);
      const replay = engine.replay(scriptOf("function execute() {}"), text);
      await assert.rejects(replay, /this is no recording of a run: its? /);
    });
  }
});
