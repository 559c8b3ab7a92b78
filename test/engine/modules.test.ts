// The prelude's modules: which ones a source brings into its image, and how the others are reached.
import assert from "node:assert/strict";
import { type Node, parse } from "acorn";
import { childrenOf, nodeIn, textIn } from "../../server/engine/checker/bindings.ts";
import type { Engine } from "../../server/engine/engine.ts";
import { compileQuickjs, type Instance, openInstance } from "../../server/engine/glue.ts";
import { readString } from "../../server/engine/guest_text.ts";
import { defaultLimits } from "../../server/engine/limits.ts";
import { callOwn, evaluateOwn, loadModule } from "../../server/engine/own_code.ts";
import { readPrelude } from "../../server/engine/prelude.ts";
import {
  callOf,
  evaluate,
  failed,
  returned,
  runBody,
  scriptOf,
  testEngine,
} from "./support/engine.ts";
import { type BareInstance, hostOf, openInstance as openBare } from "./support/instance.ts";

const { core, optional } = readPrelude();

/** Names that no script can give another meaning, and the one that stands for all others. */
const languageOwn: ReadonlySet<string> = new Set([
  "undefined",
  "globalThis",
  "NaN",
  "Infinity",
  "arguments",
]);

describe("a source text", () => {
  let instance: BareInstance;

  before(async () => {
    instance = await openBare();
  });

  /** The size of the image that a source starts from, beyond the one of all scripts. */
  const weightOf = async (source: string): Promise<number> => {
    const { vm, base } = instance;
    vm.restore(base, base.image);
    await vm.load(source, hostOf());
    return vm.capture().top - base.image.top;
  };

  const bare = "function execute() { return { status: 2000 }; }";

  const brings: readonly [what: string, source: string][] = [
    ["a class by its last name", "new (Java.type('java.util.UUID'))"],
    ["a class at the start of the text", "UUID"],
    ["a class in a comment or a string, which says as much", "// 'UUID'"],
    ["a nested class by its own name", "SimpleEntry"],
    ["a binding that is made of Java", "REST_TEMPLATE"],
    ["a method of texts", "'a'.matches('b')"],
    ["a word behind a longer one that begins with it", "UUIDs UUID"],
    ["a word between other letters than those of names", "éUUIDé"],
  ];
  for (const [what, source] of brings) {
    it(`brings a module by ${what}`, async () => {
      assert.ok((await weightOf(source)) > 0);
    });
  }

  const bringsNone: readonly [what: string, source: string][] = [
    ["no Java name", bare],
    ["nothing", ""],
    ["a name that only begins or ends with one", "UUIDs myUUID _UUID UUID_ $UUID UUID$ UUID1"],
    ["a name in other letters", "uuid Uuid"],
  ];
  for (const [what, source] of bringsNone) {
    it(`brings no module by ${what}`, async () => {
      assert.equal(await weightOf(source), 0);
    });
  }

  it("weighs the more the more it names, and each module once", async () => {
    const one = await weightOf("UUID");
    const two = await weightOf("UUID TreeMap");
    const all = await weightOf(
      "UUID TreeMap RestTemplate Pattern Instant BigInteger MessageDigest",
    );
    assert.ok(one < two && two < all, `${one} ${two} ${all}`);
    assert.equal(await weightOf("UUID UUID UUID"), one);
  });
});

describe("a module that no source names", () => {
  let engine: Engine;

  before(async () => {
    engine = await testEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  // Names are put together, so that no word of the source is one.
  const rows: readonly [what: string, expression: string, expected: unknown][] = [
    [
      "Java.type",
      'String(new (Java.type("java.util.Tree" + "Map"))({ b: 1, a: 2 }))',
      "{a=2, b=1}",
    ],
    ["a package path", 'java.util["UU" + "ID"].fromString("1-2-3-4-5").version()', 0],
    ["Packages", 'new Packages.java.math["Big" + "Integer"]("7").toString()', "7"],
    [
      "importPackage",
      'importPackage(java.util), new globalThis["Tree" + "Set"]([2, 1]).first()',
      1,
    ],
    ["JavaImporter", 'new JavaImporter(java.util)["Linked" + "List"] !== undefined', true],
    [
      "a nested class",
      'new java.util["Abstract" + "Map"]["Simple" + "Entry"]("k", 1).getKey()',
      "k",
    ],
    [
      "a nested class by $",
      'new (Java.type("java.util.Abstract" + "Map$Simple" + "Entry"))("k", 1).getValue()',
      1,
    ],
    ["a method of texts", '"a1b"["replace" + "First"]("[0-9]", "-")', "a-b"],
    ["a binding", 'typeof globalThis["REST_" + "TEMPLATE"].getForObject', "function"],
  ];
  for (const [what, expression, expected] of rows) {
    it(`is reached by ${what}`, async () => {
      assert.deepEqual(await evaluate(engine, `(${expression})`), expected);
    });
  }

  it("is reached in every run, and one run's class is no other's", async () => {
    const body = `const type = Java.type("java.util.Array" + "List"); type.seen = (type.seen ?? 0) + 1;
      return { status: 2000, responsePayload: String(type.seen) };`;
    for (let run = 0; run < 3; run++) {
      assert.equal(returned(await runBody(engine, body)).responsePayload, "1");
    }
  });

  it("is no host call of the run, and no script can ask for one", async () => {
    const run = await runBody(engine, 'Java.type("java.util.UU" + "ID"); return { status: 2000 };');
    assert.deepEqual(run.hostCalls, []);
    const names = ["hostFunction", "loadFromHost", "moduleExports", "scope"];
    const types = names.map((name) => `typeof ${name}`).join();
    assert.deepEqual(
      await evaluate(engine, `[${types}]`),
      names.map(() => "undefined"),
    );
  });

  it("keeps the load of a script pure, so that its image is kept", async () => {
    const source = `var made = Math.random(), type = Java.type("java.util.Tree" + "Map");
      function execute() { return { status: 2000, responsePayload: String(new type({ a: made > 2 })) }; }`;
    for (let run = 0; run < 2; run++) {
      const outcome = returned(await engine.run(scriptOf(source), callOf()));
      assert.equal(outcome.responsePayload, "{a=false}");
    }
  });

  const tampers: readonly [what: string, code: string, works: boolean][] = [
    [
      "all constructors",
      "Map = Set = Array = Object = Symbol = Error = Proxy = WeakMap = null;",
      true,
    ],
    ["JSON", "JSON.parse = JSON.stringify = () => { throw 1; }; JSON = null;", true],
    ["methods of texts", "String.prototype.startsWith = () => { throw 1; };", false],
    ["methods of maps", "Map.prototype.get = Map.prototype.has = () => { throw 1; };", false],
    ["Object.keys", "Object.keys = () => { throw 1; };", false],
    ["Array.prototype", "Array.prototype[Symbol.iterator] = () => { throw 1; };", false],
  ];
  for (const [what, code, works] of tampers) {
    it(`${works ? "stands on its own" : "harms nobody but the script"} after a change of ${what}`, async () => {
      const body = `${code} const type = Java.type("java.util.Tree" + "Map");
        return { status: 2000, responsePayload: "" + new type() };`;
      const run = await runBody(engine, body);
      if (works) assert.equal(returned(run).responsePayload, "{}");
      else assert.ok([3001, 3003].includes(failed(run).code), JSON.stringify(run.outcome));
      const next = await evaluate(engine, 'String(new (Java.type("java.util.Tree" + "Map"))())');
      assert.equal(next, "{}");
    });
  }
});

describe("a script that has its own code called while a module is loaded", () => {
  const reach = 'Java.type("java.util.Tree" + "Map");';
  const done = "return { status: 2000 };";
  const rows: readonly [what: string, body: string, expected: RegExp][] = [
    [
      "logs",
      `Object.keys = () => { LOG.info("x"); return []; }; ${reach} ${done}`,
      /replaced what/,
    ],
    [
      "calls the host and catches what it can",
      `Object.keys = () => { for (;;) { try { CACHE.fetch("k"); } catch {} } };
       try { ${reach} } catch {} ${done}`,
      /replaced what/,
    ],
    [
      "reaches another module",
      `Object.keys = () => { Java.type("java.math.Big" + "Integer"); return []; }; ${reach} ${done}`,
      /replaced what/,
    ],
    ["computes", `Object.keys = () => { for (;;) {} }; ${reach}`, /processor time/],
    [
      "hoards",
      `Object.keys = () => { for (const all = []; ; ) all.push(new Uint8Array(100000)); }; ${reach}`,
      /memory/,
    ],
    [
      "recurses",
      `let deep = 0; Object.keys = () => Object.keys(deep++); ${reach}`,
      /TreeMap is not available/,
    ],
    ["throws", `Object.keys = () => { throw 1; }; ${reach}`, /TreeMap is not available/],
  ];
  for (const [what, body, expected] of rows) {
    it(`fails as a run, and no other with it, when that ${what}`, async () => {
      await using engine = await testEngine({ limits: { cpuMs: 300 } });
      const other = evaluate(engine, '(CACHE.fetch("other"), 1)');
      assert.match(failed(await runBody(engine, body)).message, expected);
      assert.equal(await other, 1);
      assert.equal(await evaluate(engine, '(CACHE.fetch("next"), 2)'), 2);
    });
  }

  it("is given nothing of the prelude's own", async () => {
    await using engine = await testEngine();
    const body = `const seen = []; let depth = 0;
      const watch = (owner, name) => {
        const was = owner[name];
        owner[name] = function (...given) {
          if (depth++ === 0) seen.push(this, ...given);
          try { return was.apply(this, given); } finally { depth--; }
        };
      };
      for (const name of ["assign", "keys", "entries", "defineProperty", "freeze"]) watch(Object, name);
      globalThis.Object = new Proxy(Object, { get: (target, key) => target[key] });
      Java.type("java.util.Tree" + "Map"); Java.type("java.util.UU" + "ID");
      const inner = seen.filter((one) => one && typeof one === "object" && "loadFromHost" in one);
      return { status: 2000, responsePayload: String(inner.length) };`;
    assert.equal(returned(await runBody(engine, body)).responsePayload, "0");
  });
});

describe("the modules of the prelude", () => {
  /** The names that are bound anywhere in a text: enough, since a module binds no global's name. */
  const boundIn = (node: Node, names = new Set<string>()): ReadonlySet<string> => {
    const patterns: Readonly<Record<string, readonly string[]>> = {
      VariableDeclarator: ["id"],
      FunctionDeclaration: ["id", "params"],
      FunctionExpression: ["id", "params"],
      ArrowFunctionExpression: ["params"],
      ClassDeclaration: ["id"],
      ClassExpression: ["id"],
      CatchClause: ["param"],
    };
    const note = (pattern: Node): void => {
      if (pattern.type === "Identifier") names.add(textIn(pattern, "name") ?? "");
      for (const child of childrenOf(pattern)) note(child);
    };
    for (const field of patterns[node.type] ?? []) {
      for (const pattern of [Reflect.get(node, field)].flat()) if (pattern) note(pattern);
    }
    for (const child of childrenOf(node)) boundIn(child, names);
    return names;
  };

  const usedIn = (node: Node): readonly string[] => {
    if (node.type === "MetaProperty") return [];
    if (node.type === "Identifier") return [textIn(node, "name") ?? ""];
    const isPlain = Reflect.get(node, "computed") !== true;
    const named = isPlain ? (nodeIn(node, "property") ?? nodeIn(node, "key")) : undefined;
    const value = nodeIn(node, "value");
    return childrenOf(node)
      .filter((child) => child !== named || child === value)
      .flatMap(usedIn);
  };

  for (const { file, text } of optional) {
    it(`read nothing at load that a script may have replaced: ${file}`, () => {
      const program = parse(text, { ecmaVersion: "latest" });
      const bound = boundIn(program);
      const free = new Set(usedIn(program).filter((name) => !bound.has(name)));
      assert.deepEqual(
        [...free].filter((name) => !languageOwn.has(name)),
        [],
      );
    });
  }

  it("stand after what they need, and none is there twice", () => {
    const before = new Set<string>();
    for (const { file, needs } of [...core, ...optional]) {
      assert.deepEqual(
        needs.filter((needed) => !before.has(needed)),
        [],
        file,
      );
      assert.ok(!before.has(file), file);
      before.add(file);
    }
  });
});

describe("code of our own in an instance", () => {
  const unused = {
    now: () => 0,
    hostCall: () => 0,
    interrupts: () => false,
    growthRefused() {},
  };
  let instance: Instance;
  let context: number;

  before(async () => {
    instance = await openInstance(await compileQuickjs(), defaultLimits.memoryBytes, unused);
    context = instance.quickjs._QTS_NewContext(instance.quickjs._QTS_NewRuntime(), 0);
  });

  const textOf = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : readString(instance, context, value);
  const evaluated = (source: string): number => {
    const value = evaluateOwn(instance, context, source);
    assert.ok(value !== undefined, source);
    return value;
  };

  it("gives a value, and nothing when it throws or does not parse", () => {
    assert.equal(textOf(evaluateOwn(instance, context, '"a" + "b"')), "ab");
    assert.equal(evaluateOwn(instance, context, "throw 1"), undefined);
    assert.equal(evaluateOwn(instance, context, "1 +"), undefined);
  });

  it("is called with values in their order, and gives nothing when it throws", () => {
    const join = evaluated("(...values) => values.join()");
    const [one, two] = [evaluated('"1"'), evaluated('"2"')];
    assert.equal(textOf(callOwn(instance, context, join, [one, two])), "1,2");
    assert.equal(textOf(callOwn(instance, context, join, [])), "");
    assert.equal(callOwn(instance, context, evaluated("() => { throw 1; }"), []), undefined);
  });

  it("puts a module's exports where all modules find them, and says when it fails", () => {
    const shared = evaluated("globalThis.shared = {}");
    const load = (text: string): boolean =>
      loadModule(instance, context, shared, { file: "a.js", needs: [], text });
    assert.equal(load('(scope) => { scope.made = "here"; }'), true);
    assert.equal(textOf(evaluateOwn(instance, context, "shared.made")), "here");
    assert.equal(load("(scope) => { throw 1; }"), false);
    assert.equal(load("(scope"), false);
  });
});
