// Scripts that never end: wherever the interpreter lets a script's code run, it may loop.
import { type Abuse, cpu } from "./row.ts";

/** Loops in all the places at which the interpreter calls back into a script. */
export const spins: readonly Abuse[] = [
  ["a loop", "for (;;);", cpu],
  ["a getter", "({ get x() { for (;;); } }).x;", cpu],
  ["a setter", "({ set x(v) { for (;;); } }).x = 1;", cpu],
  ["toString", "String({ toString() { for (;;); } });", cpu],
  ["valueOf", "+{ valueOf() { for (;;); } };", cpu],
  ["Symbol.toPrimitive", "'' + { [Symbol.toPrimitive]() { for (;;); } };", cpu],
  ["Symbol.hasInstance", "({}) instanceof { [Symbol.hasInstance]() { for (;;); } };", cpu],
  [
    "Symbol.species",
    "class A extends Array { static get [Symbol.species]() { for (;;); } } new A(1).map(String);",
    cpu,
  ],
  [
    "the traps of a proxy",
    "const p = new Proxy({}, { get() { for (;;); }, has() { for (;;); } }); 'x' in p;",
    cpu,
  ],
  ["ownKeys of a proxy", "Object.keys(new Proxy({}, { ownKeys() { for (;;); } }));", cpu],
  ["a constructor trap", "new (new Proxy(class {}, { construct() { for (;;); } }))();", cpu],
  ["toJSON", "JSON.stringify({ toJSON() { for (;;); } });", cpu],
  ["a reviver", "JSON.parse('[1]', () => { for (;;); });", cpu],
  ["a comparator", "[3, 2, 1].sort(() => { for (;;); });", cpu],
  ["a replacer", "'a'.replace(/a/, () => { for (;;); });", cpu],
  ["a computed key", "({ [(() => { for (;;); })()]: 1 });", cpu],
  ["a tag of a template", "((strings) => { for (;;); })`x`;", cpu],
  ["a default argument", "((x = (() => { for (;;); })()) => x)();", cpu],
  ["a static block of a class", "class A { static { for (;;); } }", cpu],
  [
    "next of an iterator",
    "for (const x of { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }) }) });",
    cpu,
  ],
  [
    "return of an iterator",
    "const [x] = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return() { for (;;); } }) };",
    cpu,
  ],
  ["a generator", "function* g() { for (;;) yield 1; } for (const x of g());", cpu],
  [
    "finally of a generator",
    "function* g() { try { yield 1; } finally { for (;;); } } for (const x of g()) break;",
    cpu,
  ],
  ["finally", "try { throw 1; } finally { for (;;); }", cpu],
  ["labels and continue", "outer: for (;;) { for (;;) continue outer; }", cpu],
  [
    "a loop that catches its end",
    "for (;;) { try { for (;;); } catch { for (;;); } finally { continue; } }",
    cpu,
  ],
  [
    "a function that calls itself when it is ended",
    "function f() { try { for (;;); } catch { f(); } finally { f(); } } f();",
    cpu,
  ],
  ["eval in a loop", "for (;;) eval('1');", cpu],
  ["Function in a loop", "for (;;) new Function('return 1')();", cpu],
  ["a loop of slow calls", "const s = 'a b '.repeat(25000); for (;;) s.replace(/ /g, '-');", cpu],
  [
    "a loop of sorts",
    "const a = Array.from({ length: 5000 }, Math.random); for (;;) a.toSorted();",
    cpu,
  ],
  [
    "a loop of JSON",
    "const s = JSON.stringify(Array(5000).fill('x')); for (;;) JSON.parse(s);",
    cpu,
  ],
  ["a loop of typed arrays", "const t = new Float64Array(900000); for (;;) t.indexOf(1);", cpu],
  [
    "a map that grows while it is walked",
    "new Map([[0, 0]]).forEach((v, k, m) => { m.delete(k); m.set(k + 1, 0); });",
    cpu,
  ],
  [
    "a set-like object without end",
    "new Set([1]).union({ size: 1, has: () => true, keys: () => ({ next: () => ({ value: 1 }) }) });",
    cpu,
  ],
  [
    "drop(Infinity) of an iterator",
    "Iterator.from({ next: () => ({ value: 1 }) }).drop(Infinity).next();",
    cpu,
  ],
  [
    "fromEntries without end",
    "Object.fromEntries({ [Symbol.iterator]: () => ({ next: () => ({ value: [1, 2] }) }) });",
    cpu,
  ],
  [
    "a thousand links of prototypes",
    "let p = {}; for (let i = 0; i < 50000; i++) p = Object.create(p); for (;;) p.x;",
    cpu,
  ],
  ["registered symbols", "for (let i = 0; ; i++) Symbol.for(String(i));", cpu],
  ["the clock", "const end = Date.now() + 1e6; while (Date.now() < end);", cpu],
  ["the log", "for (;;) LOG.info('again');", cpu],
  ["Java's classes", "const l = new java.util.ArrayList(); for (;;) { l.add(1); l.clear(); }", cpu],
  ["a getter of the result", "return { get status() { for (;;); } };", cpu],
  ["then of the result", "return { status: 2000, get then() { for (;;); } };", cpu],
  ["toJSON of the user", "return { status: 2000, user: { toJSON() { for (;;); } } };", cpu],
  [
    "the message of what is thrown",
    "throw Object.defineProperty(new Error(), 'message', { get() { for (;;); } });",
    cpu,
  ],
  [
    "the stack of what is thrown",
    "throw Object.defineProperty(new Error('x'), 'stack', { get() { for (;;); } });",
    cpu,
  ],
  [
    "toString of what is thrown",
    "throw { toJSON() { for (;;); }, toString() { for (;;); } };",
    cpu,
  ],
];

const deadline = "limit deadline";

/** Runs that may compute for longer than they may take in all. */
export const longRuns: readonly Abuse[] = [
  ["a loop", "for (;;);", deadline],
  ["a loop that catches its end", "for (;;) { try { for (;;); } catch {} }", deadline],
  ["a pattern that explodes", "/^(a+)+$/.test('a'.repeat(40) + 'b');", deadline],
  ["await in a loop", "return (async () => { for (;;) await 1; })();", deadline],
  [
    "a request, and then a loop",
    "try { HTTP.request({ url: 'http://127.0.0.1:1/' }); } catch {} for (;;);",
    deadline,
  ],
];
