// Results that are not what they seem, and odd things that are thrown.
import { type Abuse, returns } from "./row.ts";

const noStatus = /^3004 the script returned no valid status/;
const noPayload = /^3004 .*(is a|cannot be written as JSON)/;
const noUser = /^3004 .*user/;

/** Answers that lie, change while they are read, or cannot be written. */
export const results: readonly Abuse[] = [
  ["no result", "return;", /^3004 .*did not return an object/],
  [
    "a result that looks like ours",
    `return '{"returned":{"status":2000,"user":{"id":"root"}}}';`,
    /^3004/,
  ],
  [
    "a result with our own words",
    "return { returned: { status: 2000, user: { id: 'root' } } };",
    noStatus,
  ],
  [
    "a failure that the script made up",
    "return { failed: { code: 3000, limit: 'deadline' } };",
    noStatus,
  ],
  ["a status that is text", "return { status: '2000', user: { id: 'u' } };", noStatus],
  ["a status that is not a number", "return { status: NaN };", noStatus],
  ["a status without end", "return { status: Infinity };", noStatus],
  ["a negative status", "return { status: -2000 };", noStatus],
  ["a status with a fraction", "return { status: 2000.0000001, user: { id: 'u' } };", noStatus],
  ["a status of the engine's own", "return { status: 3000 };", noStatus],
  ["a big integer as status", "return { status: 2000n };", noStatus],
  ["an object as status", "return { status: Object(2000) };", noStatus],
  ["an array as status", "return { status: [2000] };", noStatus],
  ["a symbol as status", "return { status: Symbol('2000') };", noStatus],
  [
    "a status that changes",
    "let n = 2000; return { get status() { return n++; }, user: { id: 'u' } };",
    returns(),
  ],
  [
    "a status by a prototype",
    "return Object.create({ status: 2000, user: { id: 'u' } });",
    returns(),
  ],
  [
    "a proxy that answers everything",
    "return new Proxy({}, { get: (t, key) => (key === 'status' ? 2000 : undefined) });",
    noUser,
  ],
  [
    "a proxy that was revoked",
    "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy;",
    /^3001 TypeError/,
  ],
  [
    "a function as result",
    "return Object.assign(() => 1, { status: 2000, user: { id: 'u' } });",
    /^3004/,
  ],
  [
    "a payload with a cycle",
    "const a = {}; a.a = a; return { status: 2000, responsePayload: a };",
    noPayload,
  ],
  ["a payload that is a function", "return { status: 2000, responsePayload: () => 1 };", noPayload],
  [
    "a payload that is a symbol",
    "return { status: 2000, responsePayload: Symbol('x') };",
    noPayload,
  ],
  [
    "a payload with a big integer inside",
    "return { status: 2000, responsePayload: { a: 1n } };",
    noPayload,
  ],
  [
    "a payload whose toJSON throws",
    "return { status: 2000, responsePayload: { toJSON() { throw null; } } };",
    noPayload,
  ],
  ["a payload that is a lone surrogate", "got = '\\ud800';", /^3004 .*ill-formed/],
  ["a payload of NUL and line separators", "got = '\\0\\u2028\\u2029';", "2000 \0\u2028\u2029"],
  [
    "a payload of JSON that ends ours",
    `got = '"}},"failed":{"code":3000}}';`,
    returns('"}},"failed":{"code":3000}}'),
  ],
  [
    "a user named __proto__",
    `return { status: 2000, user: JSON.parse('{"__proto__":{"id":"root"}}') };`,
    noUser,
  ],
  [
    "a user by a prototype",
    "return { status: 2000, user: Object.create({ id: 'root' }) };",
    noUser,
  ],
  [
    "a user that is a proxy",
    "return { status: 2000, user: new Proxy({}, { get: () => 'root', ownKeys: () => [] }) };",
    noUser,
  ],
  ["an id with a line feed", "return { status: 2000, user: { id: 'a\\nb' } };", noUser],
  ["an id with a lone surrogate", "return { status: 2000, user: { id: '\\udc00' } };", noUser],
  [
    "a user with 300 levels",
    "let d = {}; for (let i = 0; i < 300; i++) d = { d }; return { status: 2000, user: { id: 'u', d } };",
    noUser,
  ],
  [
    "another user by toJSON",
    "return { status: 2000, user: { id: 'u', toJSON: () => ({ id: 5 }) } };",
    noUser,
  ],
  [
    "a typed array as payload",
    "return { status: 2000, responsePayload: new Uint8Array(3), user: { id: 'u' } };",
    returns('{"0":0,"1":0,"2":0}'),
  ],
  [
    "an error as payload",
    "return { status: 2000, responsePayload: new Error('x'), user: { id: 'u' } };",
    returns("{}"),
  ],
];

/** Things to throw that are hard to describe. */
export const throws: readonly Abuse[] = [
  ["null", "throw null;", "3001 null"],
  ["undefined", "throw undefined;", "3001 undefined"],
  ["a symbol", "throw Symbol('s');", "3001 Symbol(s)"],
  ["a big integer", "throw 1n;", "3001 1"],
  [
    "text like an answer of ours",
    `throw '{"returned":{"status":2000}}';`,
    `3001 {"returned":{"status":2000}}`,
  ],
  [
    "an object like a failure of ours",
    "throw { code: 3000, limit: 'deadline', message: 'no' };",
    /^3001 \{"code":3000/,
  ],
  ["an object without prototype", "throw Object.create(null);", "3001 {}"],
  [
    "a proxy that throws",
    "throw new Proxy({}, { get() { throw 1; } });",
    "3001 an error that cannot be shown",
  ],
  [
    "a proxy that was revoked",
    "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy;",
    /^3001/,
  ],
  ["a proxy of an error", "throw new Proxy(new Error('x'), {});", /^3001/],
  [
    "toString that throws itself",
    "const o = { toJSON() { throw o; }, toString() { throw o; } }; throw o;",
    "3001 an error that cannot be shown",
  ],
  [
    "an error whose message throws",
    "throw Object.defineProperty(new Error(), 'message', { get() { throw 1; } });",
    /^3001/,
  ],
  [
    "an error whose stack throws",
    "throw Object.defineProperty(new Error('x'), 'stack', { get() { throw 1; } });",
    "3001 Error: x",
  ],
  [
    "an error whose name is an object",
    "const e = new Error('x'); e.name = { toString: () => 'N' }; throw e;",
    "3001 N: x",
  ],
  [
    "an error whose stack is an object",
    "const e = new Error('x'); e.stack = { toString: () => 'at a (b:1:2)' }; throw e;",
    "3001 Error: x",
  ],
  [
    "an error with a cause without end",
    "let e = new Error('x'); e.cause = e; throw e;",
    "3001 Error: x",
  ],
  [
    "an aggregate of a thousand errors",
    "throw new AggregateError(Array(1000).fill(new Error('x')), 'all');",
    "3001 AggregateError: all",
  ],
  [
    "an error with line feeds",
    "throw new Error('a\\n    at forged (test.js:1:1)\\nb');",
    "3001 Error: a\n    at forged (test.js:1:1)\nb",
  ],
  ["an error of NUL and lone surrogates", "throw new Error('\\0\\ud800');", "3001 Error: \0\ud800"],
  [
    "a class that pretends to be an error",
    "class E { get [Symbol.toStringTag]() { return 'Error'; } } throw new E();",
    /^3001/,
  ],
  ["the execute function", "throw execute;", /^3001 function execute/],
  ["the global object", "throw globalThis;", /^3001/],
  ["a rejected promise", "throw Promise.reject(1);", /^3001/],
];
