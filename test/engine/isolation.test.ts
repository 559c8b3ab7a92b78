// Isolation: nothing of one run reaches another or the host. Runs share one instance here, on purpose.
import assert from "node:assert/strict";
import type { Engine } from "../../server/engine/engine.ts";
import {
  callOf,
  evaluate,
  failed,
  returned,
  runBody,
  scriptOf,
  testEngine,
} from "./support/engine.ts";

describe("isolation of runs", () => {
  let engine: Engine;
  before(async () => {
    engine = await testEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  it("gives each run the same globals, prototypes and built-ins (D-29)", async () => {
    const script = scriptOf(`
      let lexical = 0; var global = 0; const map = new Map();
      const count = (target, key) => (target[key] = (target[key] ?? 0) + 1);
      function execute() {
        map.set(map.size, 1);
        const counts = [
          ++lexical, ++global, map.size, count(globalThis, "z"), count(Array.prototype, "z"),
          count(Object.prototype, "y"), count(JSON.parse, "z"), count(java.util.HashMap, "z"),
          count(java.util.HashMap.prototype, "z"), count(Math, "z"), count(Symbol.for("s").constructor, "z"),
          count(execute, "z"), count(Promise.prototype, "z"), count(Object.getPrototypeOf(function* () {}), "z"),
        ];
        JSON.stringify = () => "x"; Object.defineProperty = null; String.prototype.equals = null;
        return { status: 2000, responsePayload: counts.join() };
      }`);
    for (let round = 0; round < 5; round++) {
      const { responsePayload } = returned(await engine.run(script, callOf()));
      assert.equal(responsePayload, Array(14).fill(1).join());
    }
  });

  it("keeps what two scripts do to the same built-ins apart", async () => {
    await runBody(engine, "Array.prototype.map = () => 'broken'; CACHE; return { status: 2000 };");
    assert.deepEqual(await evaluate(engine, "[1].map((x) => x + 1)"), [2]);
  });

  it("lets no script change what it was granted", async () => {
    const expression = `(() => { const kept = [CACHE, LOG, console, REST_TEMPLATE, HTTP, PROPERTIES, Java];
      for (const one of kept) { try { one.store = 1; one.info = 1; one.extra = 1; } catch {} }
      return kept.map((one) => one.extra === 1); })()`;
    assert.deepEqual(await evaluate(engine, expression), Array(7).fill(false));
  });

  it("offers nothing of the host", async () => {
    const names = [
      "process",
      "require",
      "module",
      "Buffer",
      "global",
      "fetch",
      "setTimeout",
      "setInterval",
      "setImmediate",
      "queueMicrotask",
      "WebAssembly",
      "SharedArrayBuffer",
      "Atomics",
      "performance",
      "std",
      "os",
      "host",
      "start",
      "hostFunction",
      "call",
      "__host",
      "structuredClone",
      "Deno",
      "Worker",
    ];
    const expression = `${JSON.stringify(names)}.filter((name) => name in globalThis)`;
    assert.deepEqual(await evaluate(engine, expression), []);
  });

  it("reaches no host through constructors of functions", async () => {
    for (const way of [
      "Function",
      "(() => {}).constructor",
      "LOG.info.constructor",
      "CACHE.fetch.constructor",
      "Java.type.constructor",
      "(function* () {}).constructor",
      "(async () => {}).constructor",
      "eval",
    ]) {
      const code = way === "eval" ? "" : "return ";
      const expression = `(() => { let f = ${way}("${code}typeof process + typeof require + typeof hostFunction");
        f = typeof f === "function" ? f() : f; return f.next ? f.next().value : f.then ? "promise" : f; })()`;
      assert.match(String(await evaluate(engine, expression)), /^((undefined){3}|promise)$/, way);
    }
  });

  it("refuses to import modules", async () => {
    const run = await runBody(engine, 'return import("node:fs");');
    assert.equal(failed(run).code, 3001);
    const source = 'import fs from "node:fs"; function execute() {}';
    assert.equal(failed(await engine.run(scriptOf(source), callOf())).code, 3001);
  });

  it("carries hostile payloads in and out unchanged", async () => {
    const payloads = [
      "",
      "\0",
      "a\0b",
      "💣".repeat(1000),
      "x".repeat(65_536),
      "\u2028\u2029",
      '{"__proto__":{"status":2000}}',
      "'); throw 1; ('",
      '"]}',
      "\ufeff\r\n",
      "\\u0000",
    ];
    for (const payload of payloads) {
      const run = await runBody(engine, "return { status: 2000, responsePayload: payload };", {
        requestPayload: payload,
        registrationData: payload,
      });
      assert.equal(returned(run).responsePayload, payload);
    }
  });

  it("carries half surrogate pairs in unchanged, and none out", async () => {
    for (const payload of ["\ud800", "\udfff\ud800x"]) {
      const call = { requestPayload: payload };
      const escaped = "return { status: 2000, responsePayload: JSON.stringify(payload) };";
      const seen = returned(await runBody(engine, escaped, call)).responsePayload;
      assert.equal(JSON.parse(seen ?? ""), payload);
      for (const field of ["responsePayload", "registrationData"]) {
        const run = await runBody(engine, `return { status: 2000, ${field}: payload };`, call);
        assert.equal(failed(run).code, 3004);
      }
    }
  });

  it("builds the result from the script's values only, whatever it did to JSON and prototypes", async () => {
    const tampering = [
      "Object.prototype.toJSON = () => ({ returned: { status: 2000 } });",
      'JSON.stringify = () => \'{"returned":{"status":2000}}\';',
      "Array.prototype.toJSON = () => 1; String.prototype.toJSON = () => 1;",
      "Object.defineProperty(Object.prototype, 'returned', { value: { status: 2000 } });",
    ];
    for (const line of tampering) {
      const { outcome } = await runBody(engine, `${line} return { status: 4000 };`);
      assert.deepEqual(outcome, { kind: "returned", status: 4000 }, line);
    }
  });

  it("runs traps of a result inside of the limits", async () => {
    await using strict = await testEngine({ limits: { cpuMs: 100 } });
    for (const result of [
      "{ get status() { for (;;); } }",
      "{ status: 2000, responsePayload: { toJSON() { for (;;); } } }",
      "new Proxy({}, { get() { for (;;); } })",
      "{ status: 2000, user: { get id() { for (;;); } } }",
    ]) {
      const outcome = failed(await runBody(strict, `return ${result};`, { kind: "complete" }));
      assert.equal(outcome.limit, "cpu", result);
    }
  });
});
