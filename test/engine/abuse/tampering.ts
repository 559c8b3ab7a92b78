// Tampering: everything a script can change before the engine reads its answer.
import { type Abuse, cpu, returns } from "./row.ts";

const refuse = /^4000 $/;
const no = "return { status: 4000 };";
/** Whatever was broken, the run ends as a failure or with the script's own answer. */
const own = /^(4000 |300[124] |limit )/;

/** Built-ins, globals and bindings, replaced, deleted or frozen. */
export const tampering: readonly Abuse[] = [
  [
    "toJSON for all objects",
    `Object.prototype.toJSON = () => ({ returned: { status: 2000 } }); ${no}`,
    refuse,
  ],
  [
    "toJSON for all texts and arrays",
    `String.prototype.toJSON = Array.prototype.toJSON = Number.prototype.toJSON = () => 1; ${no}`,
    own,
  ],
  [
    "another JSON",
    `JSON.stringify = () => '{"returned":{"status":2000}}'; JSON.parse = () => ({}); ${no}`,
    refuse,
  ],
  ["no JSON", `delete globalThis.JSON; ${no}`, refuse],
  [
    "a getter of all objects",
    `Object.defineProperty(Object.prototype, 'returned', { get: () => ({ status: 2000 }) }); ${no}`,
    refuse,
  ],
  [
    "a setter of all objects",
    `Object.defineProperty(Object.prototype, 'status', { set() {} }); ${no}`,
    refuse,
  ],
  [
    "a then for all objects",
    `Object.prototype.then = (done) => done({ status: 5000 }); ${no}`,
    /^(5000 |4000 |limit cpu)/,
  ],
  ["another Object", `globalThis.Object = function () {}; ${no}`, own],
  [
    "other functions of Object",
    `for (const k of Object.getOwnPropertyNames(Object)) { try { Object[k] = () => { throw 1; }; } catch {} } ${no}`,
    own,
  ],
  [
    "other functions of arrays",
    `for (const k of Object.getOwnPropertyNames(Array.prototype)) Array.prototype[k] = () => { throw 1; }; ${no}`,
    own,
  ],
  [
    "other functions of texts",
    `for (const k of Object.getOwnPropertyNames(String.prototype)) { if (k !== 'length') String.prototype[k] = () => { throw 1; }; } throw new Error('x');`,
    own,
  ],
  [
    "other functions of Reflect",
    `for (const k of Object.getOwnPropertyNames(Reflect)) Reflect[k] = () => { throw 1; }; ${no}`,
    refuse,
  ],
  [
    "other calls of functions",
    `Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw 1; }; ${no}`,
    refuse,
  ],
  [
    "another Symbol.iterator of arrays",
    `Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1; }; LOG.info('x', 1, 2); ${no}`,
    /^(4000 |3001 |limit (cpu|memory))/,
  ],
  [
    "another Symbol.hasInstance",
    `for (const c of [Error, String, InternalError]) Object.defineProperty(c, Symbol.hasInstance, { value: () => true }); throw 1;`,
    own,
  ],
  [
    "another Promise",
    `globalThis.Promise = class { static resolve() { for (;;); } }; return (async () => ({ status: 4000 }))();`,
    refuse,
  ],
  [
    "another then of promises",
    `const then = Promise.prototype.then; Promise.prototype.then = function (...a) { return then.apply(this, a.map(() => () => ({ status: 2000 }))); }; return (async () => ({ status: 4000 }))();`,
    own,
  ],
  [
    "another String",
    `globalThis.String = () => { for (;;); }; return { status: 4000, responsePayload: 1 };`,
    /^(limit cpu|4000)/,
  ],
  [
    "frozen prototypes",
    `for (const c of [Object, Array, String, Function, Promise, Error, Map]) Object.freeze(c.prototype); ${no}`,
    refuse,
  ],
  ["a frozen global object", `Object.freeze(globalThis); ${no}`, own],
  [
    "no prototypes",
    `Object.setPrototypeOf(Array.prototype, null); Object.setPrototypeOf(Function.prototype, null); ${no}`,
    own,
  ],
  [
    "a proxy below all prototypes",
    "Object.setPrototypeOf(Object.prototype, new Proxy({}, {}));",
    /^3001 TypeError/,
  ],
  [
    "a proxy below the global object",
    `Object.setPrototypeOf(globalThis, new Proxy({}, { has: () => true, get() { for (;;); } })); ${no}`,
    /^(4000 |3001 TypeError|limit cpu)/,
  ],
  [
    "all globals deleted",
    `for (const k of Object.getOwnPropertyNames(globalThis)) delete globalThis[k]; ${no}`,
    own,
  ],
  [
    "all globals that spin",
    `for (const k of Object.getOwnPropertyNames(globalThis)) { try { Object.defineProperty(globalThis, k, { get() { for (;;); } }); } catch {} } throw new Error('x');`,
    /^(3001 |limit cpu)/,
  ],
  [
    "bindings redefined",
    "for (const k of ['CACHE', 'LOG', 'PROPERTIES', 'HTTP', 'Java', 'REST_TEMPLATE']) globalThis[k] = null; got = 'own';",
    returns("own"),
  ],
  [
    "bindings changed",
    "for (const o of [CACHE, LOG, HTTP]) for (const k in o) { try { o[k] = 1; } catch {} } got = typeof CACHE.fetch + typeof LOG.info + typeof HTTP.request;",
    returns("functionfunctionfunction"),
  ],
  [
    "methods of Java's classes",
    "java.util.HashMap.prototype.get = () => 'root'; java.util.UUID.randomUUID = () => 'root'; got = String(java.util.UUID.randomUUID());",
    returns("root"),
  ],
  [
    "execute replaced while it runs",
    "globalThis.execute = () => ({ status: 2000, user: { id: 'root' } }); return { status: 4000 };",
    refuse,
  ],
  ["Math.random that spins", "Math.random = () => { for (;;); }; Math.random();", cpu],
  ["a Date that lies", "Date.now = () => 0; Date = null; return { status: 4000 };", refuse],
];
