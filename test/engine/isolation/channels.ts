// Channels by which one run of a script might tell something to another.

/**
 * One channel: what a script declares while it is loaded, how a run writes, and the expression by
 * which a run reads. In the run that wrote it, the expression gives something else than before.
 */
export type Channel = readonly [channel: string, loaded: string, write: string, read: string];

/** Every object that a script can reach by a property or a prototype, from the global object. */
const reach = `
const reach = (see) => {
  const seen = new Set();
  const roots = [globalThis, execute, function* () {}, async () => {}, async function* () {},
    [].values(), new Map().keys(), "".matchAll(/x/g), Iterator.from([]), java.util.HashMap, java.util.UUID,
    java.util.ArrayList, java.lang.StringBuilder, org.springframework.http.HttpHeaders, Java.type("byte[]")];
  const visit = (value) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.add(value);
    visit(Object.getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value)) {
      const { value: inner, get, set } = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
      visit(inner); visit(get); visit(set);
    }
  };
  roots.forEach(visit);
  return [...seen].filter(see).length;
};`;
const mark =
  "reach((one) => { try { one.mark = 1; } catch {} try { one[Symbol.for('mark')] = 1; } catch {} });";

/** Channels of the language and of the engine's own names. */
export const channels: readonly Channel[] = [
  ["a global variable", "var shared = 0;", "shared = 1;", "shared"],
  ["a lexical variable", "let shared = 0;", "shared = 1;", "shared"],
  ["a variable that was never declared", "", "undeclared = 1;", "typeof undeclared"],
  ["a property of the global object", "", "globalThis.left = 1;", "'left' in globalThis"],
  ["a variable of an indirect eval", "", "(0, eval)('var left = 1');", "typeof left"],
  ["a name of a new Function", "", "new Function('left = 1')();", "typeof left"],
  ["a constant map", "const map = new Map();", "map.set(1, 1);", "map.size"],
  [
    "a constant set of objects",
    "const set = new WeakSet(), key = {};",
    "set.add(key);",
    "set.has(key)",
  ],
  ["an array", "const list = [];", "list.push(1);", "list.length"],
  ["an array's holes", "const list = [1, 2];", "delete list[0];", "0 in list"],
  ["bytes of a typed array", "const bytes = new Uint8Array(64);", "bytes.fill(7);", "bytes.join()"],
  [
    "bytes of a view",
    "const view = new DataView(new ArrayBuffer(8));",
    "view.setFloat64(0, 1);",
    "view.getFloat64(0)",
  ],
  [
    "a closure",
    "const counter = (() => { let n = 0; return { up: () => ++n, now: () => n }; })();",
    "counter.up();",
    "counter.now()",
  ],
  [
    "a bound function",
    "const bound = function () { return this.n; }.bind({ n: 0 }); const self = bound; self.n = 0;",
    "self.n = 1;",
    "self.n",
  ],
  [
    "a generator",
    "const turn = (function* () { for (let n = 0; ; n++) yield n; })();",
    "turn.next(); turn.next();",
    "turn.next().value",
  ],
  [
    "a private field of a class",
    "class Box { static #n = 0; static up() { return ++Box.#n; } static now() { return Box.#n; } }",
    "Box.up();",
    "Box.now()",
  ],
  [
    "the last index of a pattern",
    "const pattern = /a/g;",
    "pattern.test('aaa');",
    "pattern.lastIndex",
  ],
  [
    "the identity of a template",
    "const tag = (strings) => strings, site = () => tag`x`; const seen = new WeakSet();",
    "seen.add(site());",
    "seen.has(site())",
  ],
  ["a date", "const date = new Date(0);", "date.setTime(5);", "date.getTime()"],
  [
    "an error's stack",
    "const error = new Error('x');",
    "error.stack = 'y';",
    "error.stack === 'y'",
  ],
  [
    "a proxy",
    "const kept = {}, proxy = new Proxy(kept, {});",
    "proxy.left = 1;",
    "Object.keys(proxy).join()",
  ],
  [
    "a revoked proxy",
    "const { proxy, revoke } = Proxy.revocable({}, {});",
    "revoke();",
    "(() => { try { return typeof proxy.x; } catch { return 'revoked'; } })()",
  ],
  [
    "the order of properties",
    "",
    "{ const { JSON: kept } = globalThis; delete globalThis.JSON; globalThis.JSON = kept; }",
    "Object.getOwnPropertyNames(globalThis).join()",
  ],
  ["a frozen prototype", "", "Object.freeze(Array.prototype);", "Object.isFrozen(Array.prototype)"],
  [
    "a sealed global object",
    "",
    "Object.preventExtensions(globalThis);",
    "Object.isExtensible(globalThis)",
  ],
  [
    "another prototype",
    "",
    "Object.setPrototypeOf(Array.prototype, { left: 1 });",
    "typeof [].left",
  ],
  [
    "a getter of all objects",
    "",
    "Object.defineProperty(Object.prototype, 'left', { get: () => 1, configurable: true });",
    "typeof ({}).left",
  ],
  [
    "another Array.prototype.map",
    "",
    "Array.prototype.map = () => ['x'];",
    "[1].map((n) => n + 1).join()",
  ],
  ["another JSON.parse", "", "JSON.parse = () => 'x';", "JSON.parse('1')"],
  [
    "another Symbol.iterator of arrays",
    "",
    "Array.prototype[Symbol.iterator] = function* () { yield 'x'; };",
    "[...[1]].join()",
  ],
  ["another Date.now", "", "Date.now = () => 0;", "Date.now() === 0"],
  ["another Math.random", "", "Math.random = () => 2;", "Math.random() === 2"],
  [
    "another catch of promises",
    "",
    "Promise.prototype.catch = null;",
    "typeof Promise.prototype.catch",
  ],
  ["a global that was deleted", "", "delete globalThis.Map;", "typeof Map"],
  ["the bindings", "", "globalThis.CACHE = globalThis.LOG = 1;", "typeof CACHE + typeof LOG"],
  ["the execute function", "", "execute.left = 1;", "execute.left"],
  ["another execute", "", "globalThis.execute = () => 1;", "String(globalThis.execute).length"],
  ["a class of Java", "", "java.util.HashMap.left = 1;", "java.util.HashMap.left"],
  [
    "a method of a class of Java",
    "",
    "java.util.ArrayList.prototype.size = () => 99;",
    "new java.util.ArrayList().size()",
  ],
  [
    "a static method of Java",
    "",
    "java.util.UUID.randomUUID = () => 1;",
    "java.util.UUID.randomUUID() === 1",
  ],
  [
    "names imported as Rhino does",
    "",
    "load('nashorn:mozilla_compat.js'); importClass(java.util.TreeMap);",
    "typeof importClass + typeof TreeMap",
  ],
  ["methods added to texts", "", "String.prototype.equals = () => 'x';", "'a'.equals('a')"],
  [
    "a job that was left behind",
    "let late = 0;",
    "Promise.resolve().then(() => { late = 1; });",
    "late",
  ],
  [
    "a job that leaves jobs behind",
    "let late = 0;",
    "{ const again = () => { late++; Promise.resolve().then(again); }; again(); }",
    "late > 0",
  ],
  [
    "a promise that was settled",
    "let settle; const promise = new Promise((done) => { settle = done; }); let value = 'pending'; promise.then((v) => { value = v; });",
    "settle('done');",
    "value",
  ],
  [
    "every object that can be reached",
    reach,
    mark,
    "reach((one) => Object.hasOwn(one, 'mark') || Object.hasOwn(one, Symbol.for('mark')))",
  ],
  [
    "the number of objects that can be reached",
    reach,
    "globalThis.tree = { a: { b: {} } };",
    "reach(() => true)",
  ],
];

/** What a run may measure about the engine, in the hope to learn what ran before it. */
export const oracles: readonly (readonly [oracle: string, read: string])[] = [
  [
    "how deep it may recurse",
    "(() => { let n = 0; const f = () => { n++; f(); }; try { f(); } catch {} return n; })()",
  ],
  [
    "which single allocation is refused",
    "(() => { let n = 1; try { for (; ; n *= 2) new Uint8Array(n); } catch {} return n; })()",
  ],
  [
    "what is in new bytes",
    "(() => { const b = new Uint8Array(3000000); for (let i = 0; i < b.length; i += 7) if (b[i]) return b[i]; return 0; })()",
  ],
  ["what is in a new array", "new Array(1000).join() + [].concat(new Array(10)).length"],
  [
    "the order of its keys",
    "Object.keys({ b: 1, a: 1, 2: 1, 1: 1 }).join() + [...new Set(['z', 'a'])].join()",
  ],
  [
    "the hash of an object of Java",
    "new java.lang.Object().toString() + new java.lang.Object().hashCode()",
  ],
  [
    "the text of an error",
    "(() => { try { null.x; } catch (e) { return e.message + e.stack; } })()",
  ],
  ["what its names are", "Object.getOwnPropertyNames(globalThis).sort().join()"],
  [
    "the statics of patterns",
    "(/(a)/.exec('a'), [RegExp.$1, RegExp.input, RegExp.lastMatch].join())",
  ],
  [
    "the traces of errors",
    "[Error.stackTraceLimit, Error.prepareStackTrace, Error.captureStackTrace].join()",
  ],
  ["references that are weak", "[typeof WeakRef, typeof FinalizationRegistry].join()"],
  [
    "clocks other than the date",
    "[typeof performance, typeof Atomics, typeof SharedArrayBuffer].join()",
  ],
];
