// The contract of `execute`: what goes in, what may come out, and what each failure is called.
import assert from "node:assert/strict";
import type { Engine } from "../../server/engine/engine.ts";
import type { ScriptCall } from "../../server/engine/script.ts";
import { callOf, failed, returned, runBody, scriptOf, testEngine } from "./support/engine.ts";

describe("execute", () => {
  let engine: Engine;
  before(async () => {
    engine = await testEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const run = (body: string, call: Partial<ScriptCall> = {}) => runBody(engine, body, call);

  it("receives the four arguments of D-20, null where there is none", async () => {
    const body = `return { status: 2000, responsePayload: JSON.stringify([payload, user, data, params]) };`;
    const none = returned(await run(body));
    assert.equal(none.responsePayload, "[null,null,null,null]");
    const all = returned(
      await run(body, {
        requestPayload: "p",
        userIdentifier: "u",
        registrationData: "r",
        hookContextCustomParams: { lang: ["nl", "en"] },
      }),
    );
    assert.equal(all.responsePayload, '["p","u","r",{"lang":["nl","en"]}]');
  });

  it("reads the custom parameters as a Java map of lists and as a plain object", async () => {
    const body = `return { status: 2000,
      responsePayload: [params.get("lang").get(0), params.lang[1], params.get("none")].join() };`;
    const params = { lang: ["nl", "en"], __proto__: ["x"] };
    const { responsePayload } = returned(await run(body, { hookContextCustomParams: params }));
    assert.equal(responsePayload, "nl,en,");
  });

  const results: readonly [law: string, result: string, expected: object][] = [
    [
      "takes texts as they are",
      '{ status: 2000, responsePayload: "a", registrationData: "b" }',
      { status: 2000, responsePayload: "a", registrationData: "b" },
    ],
    ["takes every status of the success band", "{ status: 2999 }", { status: 2999 }],
    ["takes every status of the retry band", "{ status: 4001 }", { status: 4001 }],
    ["takes every status of the unrecoverable band", "{ status: 5999 }", { status: 5999 }],
    [
      "leaves out null and undefined",
      "{ status: 2000, responsePayload: null, registrationData: undefined }",
      { status: 2000 },
    ],
    [
      "turns an object into JSON (D-21)",
      "{ status: 2000, responsePayload: { a: [1, null] } }",
      { status: 2000, responsePayload: '{"a":[1,null]}' },
    ],
    [
      "turns an array into JSON (D-21)",
      "{ status: 2000, registrationData: [1, 2] }",
      { status: 2000, registrationData: "[1,2]" },
    ],
    [
      "turns a number into its text (D-21)",
      "{ status: 2000, responsePayload: 1.5 }",
      { status: 2000, responsePayload: "1.5" },
    ],
    [
      "turns a boolean into its text (D-21)",
      "{ status: 2000, responsePayload: false }",
      { status: 2000, responsePayload: "false" },
    ],
    [
      "turns a Java object into its text",
      '{ status: 2000, responsePayload: new java.lang.StringBuilder("s") }',
      { status: 2000, responsePayload: "s" },
    ],
    [
      "turns a Java map into JSON",
      '{ status: 2000, responsePayload: java.util.Map.of("k", [1]) }',
      { status: 2000, responsePayload: '{"k":[1]}' },
    ],
    [
      "takes a Java map as the result",
      'java.util.Map.of("status", 2000, "responsePayload", "x")',
      { status: 2000, responsePayload: "x" },
    ],
    [
      "keeps the empty text",
      '{ status: 2000, responsePayload: "" }',
      { status: 2000, responsePayload: "" },
    ],
    [
      "reads each field once",
      `{ get status() { this.n = (this.n ?? 1999) + 1; return this.n; } }`,
      { status: 2000 },
    ],
  ];
  for (const [law, result, expected] of results) {
    it(law, async () => {
      const { kind, ...rest } = returned(await run(`return ${result};`));
      assert.equal(kind, "returned");
      assert.deepEqual(rest, expected);
    });
  }

  it("warns in the log when a payload is not a string (D-21)", async () => {
    const { log } = await run("return { status: 2000, responsePayload: 1 };");
    assert.deepEqual(
      log.map(({ level }) => level),
      ["warn"],
    );
    assert.match(log[0]?.text ?? "", /responsePayload/);
  });

  const invalid: readonly [law: string, result: string][] = [
    ["a status that is text", '{ status: "2000" }'],
    ["a status that is not a number", "{ status: NaN }"],
    ["a status that is not an integer", "{ status: 2000.5 }"],
    ["a status that is an object", "{ status: { toJSON: () => 2000 } }"],
    ["a status that is a big integer", "{ status: 2000n }"],
    ["a status of the engine's own band", "{ status: 3001 }"],
    ["a status between the bands", "{ status: 1999 }"],
    ["a status above the bands", "{ status: 6000 }"],
    ["no status", "{}"],
    ["nothing", "undefined"],
    ["null", "null"],
    ["text", '"2000"'],
    ["a function", "() => 2000"],
    ["a payload that is a function (D-21)", "{ status: 2000, responsePayload() {} }"],
    [
      "a payload with a cycle (D-21)",
      "(() => { const a = []; a[0] = a; return { status: 2000, responsePayload: a }; })()",
    ],
    [
      "a payload whose toJSON throws",
      "{ status: 2000, responsePayload: { toJSON() { throw 1 } } }",
    ],
    ["a payload whose toJSON gives nothing", "{ status: 2000, responsePayload: { toJSON() {} } }"],
    ["registration data that is a symbol", "{ status: 2000, registrationData: Symbol() }"],
    [
      "a user with a cycle",
      "(() => { const u = {}; u.u = u; return { status: 2000, user: u }; })()",
    ],
  ];
  for (const [law, result] of invalid) {
    it(`fails with 3004 for ${law}`, async () => {
      assert.equal(failed(await run(`return ${result};`)).code, 3004);
    });
  }

  it("gives the user of a complete step with its attributes", async () => {
    const body = `return { status: 2000, user: { id: "u1", amr: ["face"], name: "Ada", nested: { a: 1 } } };`;
    const { user } = returned(await run(body, { kind: "complete" }));
    assert.equal(user?.id, "u1");
    assert.deepEqual(user.amr, ["face"]);
    assert.deepEqual({ ...user.attributes }, { name: "Ada", nested: { a: 1 } });
  });

  it("gives attributes no prototype, whatever their names", async () => {
    const body = `return { status: 2000, user: JSON.parse('{"id":"u","__proto__":{"admin":true}}') };`;
    const { user } = returned(await run(body, { kind: "complete" }));
    assert.equal(Object.getPrototypeOf(user?.attributes), null);
    assert.deepEqual(Object.keys(user?.attributes ?? {}), ["__proto__"]);
    assert.equal(user?.attributes.admin, undefined);
  });

  const users: [user: string, code: number | undefined][] = [
    ['{ id: "u1" }', undefined],
    ['{ id: "\u{1f600}".repeat(256) }', undefined],
    ['{ id: "x".repeat(257) }', 3004],
    ['{ id: "a\\nb" }', 3004],
    ['{ id: "a\\0b" }', 3004],
    ['{ id: "\\ud800" }', 3004],
    ["{ id: 17 }", 3004],
    ['{ id: "" }', 3004],
    ["{}", 3004],
    ["null", 3004],
    ["[]", 3004],
    ['"u1"', 3004],
    ["undefined", 3004],
    ['{ get id() { throw new Error("no") } }', 3004],
    ['{ id: "u", name: "\u{1f600}", "\u{1f600}": [{ a: "é" }], amr: ["\u{1f600}"] }', undefined],
    ['{ id: "u", name: "\\ud800" }', 3004],
    ['{ id: "u", name: [{ a: "b\\udc00c" }] }', 3004],
    ['{ id: "u", "\\ud800": 1 }', 3004],
    ['{ id: "u", name: { "\\udc00": 1 } }', 3004],
    ['{ id: "u", amr: ["face", "\\ud83d"] }', 3004],
  ];
  for (const open of ["[", '{"a":']) {
    const close = open === "[" ? "]" : "}";
    for (const [levels, code] of [
      [16, undefined],
      [17, 3004],
      [200, 3004],
    ] as const) {
      const json = `${JSON.stringify(open)}.repeat(${levels - 1}) + "[]" + "${close}".repeat(${levels - 1})`;
      users.push([`{ id: "u", deep: JSON.parse(${json}) }`, code]);
    }
  }
  for (const [user, code] of users) {
    it(`judges the user ${user.slice(0, 60)} of a successful complete step (D-13)`, async () => {
      const { outcome } = await run(`return { status: 2000, user: ${user} };`, {
        kind: "complete",
      });
      assert.equal(outcome.kind === "failed" ? outcome.code : undefined, code);
    });
  }

  it("tolerates a user without an id when the status is not success", async () => {
    const body = "return { status: 5000, user: { id: null } };";
    const { status, user } = returned(await run(body, { kind: "complete" }));
    assert.deepEqual([status, user?.id], [5000, undefined]);
  });

  it("fails with 3001 and the place for an exception", async () => {
    const outcome = failed(await run("\nreturn null.x;"));
    assert.equal(outcome.code, 3001);
    assert.match(outcome.message, /^TypeError: .*'x'/);
    assert.deepEqual(outcome.place, { line: 3, column: 12 });
    assert.match(outcome.stack ?? "", /at execute \(test\.js:3:12\)/);
    assert.doesNotMatch(outcome.stack ?? "", /prelude|native/);
  });

  it("fails with 3001 for anything thrown, described without running into it", async () => {
    for (const thrown of [
      "1",
      "null",
      "undefined",
      "{ a: 1 }",
      "Symbol()",
      "{ toString() { throw 1 } }",
      "new Proxy({}, { get() { throw 1 } })",
      "Object.create(null)",
      "new Proxy(function () {}, {})",
    ]) {
      assert.equal(failed(await run(`throw ${thrown};`)).code, 3001, thrown);
    }
  });

  it("fails with 3001 and the place for a syntax error", async () => {
    const outcome = failed(
      await engine.run(scriptOf("function execute() {\n  return {;\n}"), callOf()),
    );
    assert.equal(outcome.code, 3001);
    assert.match(outcome.message, /^SyntaxError/);
    assert.equal(outcome.place?.line, 2);
  });

  it("fails with 3002 without a function execute", async () => {
    for (const source of ["", "var x = 1", "var execute = 1", "(function execute() {})"]) {
      assert.equal(failed(await engine.run(scriptOf(source), callOf())).code, 3002, source);
    }
  });

  it("finds execute however it is declared", async () => {
    for (const source of [
      "function execute() { return r }",
      "var execute = () => r",
      "const execute = () => r",
      "let execute = function () { return r }",
      "globalThis.execute = () => r",
    ]) {
      const script = scriptOf(`var r = { status: 2000 };\n${source}`);
      assert.equal(returned(await engine.run(script, callOf())).status, 2000, source);
    }
  });

  it("fails with 3003 naming a class that is not available", async () => {
    const named = /java\.io\.File|java\.lang\.Runtime|java\.nio\.file\.Files|com\.acme\.Thing/;
    for (const use of [
      'new java.io.File("/etc/passwd")',
      "java.lang.Runtime.getRuntime()",
      'Java.type("java.nio.file.Files")',
      "Packages.com.acme.Thing()",
      "com.acme.Thing.class",
      'REST_TEMPLATE.getForObject("http://x/", "java.io.File")',
    ]) {
      const outcome = failed(await run(`${use}; return { status: 2000 };`));
      assert.equal(outcome.code, 3003, use);
      assert.match(outcome.message, named, use);
    }
  });

  it("awaits a promise returned by execute", async () => {
    const script = scriptOf(`async function execute() {
      const first = await Promise.resolve("a");
      return { status: 2000, responsePayload: first + await new Promise((done) => done("b")) };
    }`);
    assert.equal(returned(await engine.run(script, callOf())).responsePayload, "ab");
  });

  it("fails when a promise rejects, never settles, or is not one of the language", async () => {
    const rejects = failed(await run("return Promise.reject(new Error('no'));"));
    assert.match(rejects.message, /no/);
    assert.match(failed(await run("return new Promise(() => {});")).message, /never settles/);
    const thenable = await run("return { then(done) { done({ status: 2000 }) } };");
    assert.equal(returned(thenable).status, 2000);
    const lying = await run(`const p = Promise.resolve({ status: 2000 });
      p.constructor = { [Symbol.species]: function () { throw 1 } }; p.then = () => "x"; return p;`);
    assert.equal(lying.outcome.kind, "failed");
  });

  it("draws anew in each run what the script computes while it is loaded", async () => {
    const script = scriptOf(`var drawn = Math.random(), id = java.util.UUID.randomUUID().toString();
      function execute() { return { status: 2000, responsePayload: drawn + id + Math.random() }; }`);
    const runs = [await engine.run(script, callOf()), await engine.run(script, callOf())];
    const [one, other] = runs.map((run) => returned(run).responsePayload);
    assert.notEqual(one, other);
  });

  it("reads the clock anew in each run, also while the script is loaded", async () => {
    const script = scriptOf(
      "var t = Date.now(); function execute() { return { status: 2000, responsePayload: t }; }",
    );
    const first = Number(returned(await engine.run(script, callOf())).responsePayload);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = Number(returned(await engine.run(script, callOf())).responsePayload);
    assert.ok(second > first && second <= Date.now());
  });
});
