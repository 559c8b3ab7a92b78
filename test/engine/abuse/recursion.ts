// Recursion of the script, of the interpreter and of the engine below it.
import { type Abuse, cpu, cpuOrMemory, stack } from "./row.ts";

const deep = "let d = 1; for (let i = 0; i < 200000; i++) d = [d];";
const stackOrMore = /^limit (stack|cpu|memory)/;
/** The parser says it as a syntax error. */
const tooDeepToRead = /^(3001 SyntaxError: stack overflow|limit (stack|cpu|memory))/;

/** Everything that nests until something gives way. */
export const recursion: readonly Abuse[] = [
  ["a function that calls itself", "const f = () => f() + 1; f();", stack],
  ["two functions that call each other", "const f = () => g() + 1, g = () => f() + 1; f();", stack],
  ["many arguments", "function f(...a) { return f(...a, 1) + 1; } f();", stackOrMore],
  ["a getter that reads itself", "({ get x() { return this.x + 1; } }).x;", stack],
  ["a setter that writes itself", "({ set x(v) { this.x = v; } }).x = 1;", stack],
  ["toString that calls itself", "const o = { toString() { return o + 'x'; } }; String(o);", stack],
  ["a proxy of itself", "const p = new Proxy({}, { get: (t, k, r) => r[k] }); p.x;", stack],
  [
    "a prototype that is a proxy of itself",
    "const p = new Proxy({}, { getPrototypeOf: () => Object.getPrototypeOf(p) }); p instanceof Array;",
    stack,
  ],
  ["a class that makes itself", "class A { constructor() { new A(); } } new A();", stack],
  ["a generator in itself", "function* g() { yield* g(); } [...g()];", stackOrMore],
  ["apply of apply", "const f = () => Reflect.apply(f, null, []); f();", stack],
  ["eval in eval", "globalThis.f = () => eval('f()'); f();", tooDeepToRead],
  ["a sort in a comparator", "const f = () => [2, 1].sort(f); f();", stack],
  ["a replacer in a replacer", "const f = () => 'a'.replace(/a/, f); f();", stack],
  ["toJSON in toJSON", "const o = { toJSON: () => JSON.stringify(o) }; JSON.stringify(o);", stack],
  [
    "an overflow that is caught and begun again",
    "const f = () => { try { f(); } catch { f(); } }; f();",
    stackOrMore,
  ],
  [
    "an overflow caught in a loop",
    "const f = () => f() + 1; for (;;) { try { f(); } catch {} }",
    cpu,
  ],
  [
    "an overflow in finally",
    "const f = () => { try { f(); } finally { f(); } }; f();",
    stackOrMore,
  ],
  [
    "a chain of proxies",
    "let p = {}; for (let i = 0; i < 50000; i++) p = new Proxy(p, {}); p.x;",
    stackOrMore,
  ],
  [
    "a chain of bound functions",
    "let f = () => 1; for (let i = 0; i < 5000; i++) f = f.bind(null, 1, 2, 3, 4); f();",
    stackOrMore,
  ],
  ["JSON.parse of deep text", "JSON.parse('['.repeat(2e6));", stackOrMore],
  ["JSON.parse of deep objects", "JSON.parse('{\"a\":'.repeat(500000));", stackOrMore],
  ["JSON.stringify of deep arrays", `${deep} JSON.stringify(d);`, stackOrMore],
  ["toString of deep arrays", `${deep} String(d);`, stackOrMore],
  ["flat(Infinity) of deep arrays", `${deep} d.flat(Infinity);`, stackOrMore],
  ["a result that is deep", `${deep} return { status: 2000, responsePayload: d };`, stackOrMore],
  [
    "a user that is deep",
    `${deep} return { status: 2000, user: { id: "u", d } };`,
    /^(3004 |limit)/,
  ],
  ["an eval of brackets", "eval('('.repeat(200000));", tooDeepToRead],
  ["an eval of arrays", "eval('['.repeat(200000));", tooDeepToRead],
  ["an eval of blocks", "eval('{'.repeat(200000));", tooDeepToRead],
  ["an eval of unary operators", "eval('!'.repeat(200000) + '1');", tooDeepToRead],
  ["an eval of a long sum", "got = String(eval('1+'.repeat(50000) + '1'));", /^(2000 50001|limit)/],
  ["an eval of templates in templates", "eval('`$'.concat('{').repeat(50000));", tooDeepToRead],
  ["an eval of functions in functions", "eval('()=>'.repeat(50000) + '1');", tooDeepToRead],
  ["Function with a deep body", "new Function('if(1)'.repeat(100000));", tooDeepToRead],
  [
    "an eval of evals that doubles",
    "let s = '1'; for (;;) s = 'eval(' + JSON.stringify(s) + ')', eval(s);",
    cpuOrMemory,
  ],
  ["a log line of something deep", `${deep} LOG.info(d);`, stackOrMore],
  ["a cache value of something deep", `${deep} CACHE.store("k", d);`, stackOrMore],
  [
    "a deep rope of text",
    "let s = ''; for (let i = 0; i < 300000; i++) s = 'a' + s + 'b'; s.charAt(5);",
    /^(2000|limit)/,
  ],
];
