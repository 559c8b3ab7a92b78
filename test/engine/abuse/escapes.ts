// Ways out: to the host's function, to other code's frames, to what is not there, and odd host calls.
import { type Abuse, returns } from "./row.ts";

const refused =
  /^3001 (\S*IllegalArgumentException|\S*NoSuchAlgorithmException|TypeError|RangeError)/;
const none = (count: number): string => returns(Array(count).fill("undefined").join());

/** Escapes from the sandbox, as they worked elsewhere. */
export const escapes: readonly Abuse[] = [
  [
    "the caller of a function",
    "function f() { return typeof f.caller + typeof arguments.callee.caller; } got = f();",
    returns("undefinedundefined"),
  ],
  [
    "arguments of the prelude",
    "const seen = []; CACHE.fetch({ toString() { seen.push(typeof arguments.callee.caller); return 'k'; } }); got = seen.join();",
    /^(2000 undefined|3001 TypeError)/,
  ],
  [
    "prepareStackTrace",
    "let sites; Error.prepareStackTrace = (e, s) => { sites = s; return ''; }; try { CACHE.fetch({ toString() { throw new Error('x'); } }); } catch (e) { e.stack; } got = String((sites ?? []).some((site) => typeof site.getThis === 'function'));",
    returns("false"),
  ],
  [
    "the host's function in a stack",
    "try { CACHE.fetch({ toString() { throw new Error('x'); } }); } catch (e) { got = e.stack; }",
    /^2000 (?!.*(file:|node:|\/engine\/|wasm))/s,
  ],
  [
    "constructors of constructors",
    "got = LOG.info.constructor.constructor('return typeof process + typeof require + typeof hostFunction')();",
    none(1).replace("undefined", "undefinedundefinedundefined"),
  ],
  [
    "the constructor of an answer",
    "CACHE.store('k', 'v'); got = typeof CACHE.fetch('k').constructor.constructor('return this.process')();",
    none(1),
  ],
  [
    "the constructor of an exception of the host",
    "try { HTTP.request({ url: 'x' }); } catch (e) { got = typeof e.constructor.constructor('return this.process')(); }",
    none(1),
  ],
  [
    "the constructor of the custom parameters",
    "got = typeof params.constructor.constructor('return this.process')();",
    none(1),
  ],
  [
    "the constructor of an internal error",
    "const f = () => f(); try { f(); } catch (e) { got = typeof e.constructor.constructor('return this.process')(); }",
    none(1),
  ],
  [
    "a proxy around a binding",
    "const p = new Proxy(CACHE, { get: (t, k) => t[k] }); p.store('k', 'v'); got = p.fetch('k');",
    /^(2000 v|3001 TypeError)/,
  ],
  [
    "symbols of node",
    "got = [Symbol.for('nodejs.util.inspect.custom'), Symbol.for('nodejs.util.promisify.custom')].map((s) => typeof globalThis[s]).join();",
    none(2),
  ],
  ["modules", "return import('node:fs');", /^3001/],
  ["import.meta", "eval('import.meta');", /^3001 SyntaxError/],
  ["dynamic imports of data", "return import('data:text/javascript,1');", /^3001/],
  ["load of a file", "load('/etc/passwd');", /^3003 .*passwd/],
  ["load of a URL", "load('http://127.0.0.1/x.js');", /^3003 .*127/],
  [
    "WebAssembly, Atomics, shared memory",
    "got = [typeof WebAssembly, typeof Atomics, typeof SharedArrayBuffer].join();",
    none(3),
  ],
  [
    "weak references and finalizers",
    "got = [typeof WeakRef, typeof FinalizationRegistry, typeof gc].join();",
    none(3),
  ],
  [
    "resizable buffers",
    "const b = new ArrayBuffer(8, { maxByteLength: 16 }); got = [typeof b.resize, typeof b.transfer, typeof b.transferToFixedLength].join();",
    none(3),
  ],
  [
    "timers and threads",
    "got = [typeof setTimeout, typeof Worker, typeof postMessage].join();",
    none(3),
  ],
  ["Atomics.wait", "Atomics.wait(new Int32Array(4), 0, 0);", /^3001 ReferenceError/],
  [
    "the shell of QuickJS",
    "got = [typeof std, typeof os, typeof scriptArgs, typeof print].join();",
    returns("undefined,undefined,undefined,function"),
  ],
  ["bytecode", "got = [typeof bjson, typeof Bytecode, typeof evalScript].join();", none(3)],
  ["threads of Java", "new java.lang.Thread(() => 1).start();", /^3003 .*java\.lang\.Thread/],
  [
    "a process of Java",
    "java.lang.Runtime.getRuntime().exec('id');",
    /^3003 .*java\.lang\.Runtime/,
  ],
  ["reflection of Java", "java.lang.Class.forName('java.lang.Runtime');", /^3003/],
  ["the class loader of Java", "''.getClass().getClassLoader();", /^3001/],
  ["script engines of Java", "new javax.script.ScriptEngineManager();", /^3003/],
  ["files of Java", "java.nio.file.Files.readAllBytes('x');", /^3003/],
  ["sockets of Java", "new java.net.Socket('127.0.0.1', 22);", /^3003/],
  [
    "properties that are no ids",
    "got = [PROPERTIES.__proto__, PROPERTIES.constructor, PROPERTIES.toJSON].map(String).join();",
    /^2000 (null|undefined)?,?/,
  ],
  [
    "writes to properties",
    "try { PROPERTIES.x = 1; } catch {} got = String(PROPERTIES.x);",
    returns("null"),
  ],
  [
    "all properties",
    "got = JSON.stringify([Object.keys(PROPERTIES), Reflect.ownKeys(PROPERTIES)]);",
    returns("[[],[]]"),
  ],
];

/** Host calls with values that only a script can think of. */
export const oddCalls: readonly Abuse[] = [
  [
    "a lifetime that is no number and no text",
    "CACHE.store('k', 'v', { toString: 1, valueOf: 1 });",
    /^3001 \S*IllegalArgumentException/,
  ],
  [
    "a log line that is no text",
    "Array.prototype.toJSON = () => ['info', { toString: 1, valueOf: 1 }]; LOG.info('x');",
    /^3001 \S*IllegalArgumentException/,
  ],
  ["no key", "got = String(CACHE.fetch());", returns("null")],
  ["a key that is a symbol", "got = String(CACHE.fetch(Symbol('k')));", returns("null")],
  ["a key that throws", "CACHE.fetch({ toString() { throw new TypeError('k'); } });", refused],
  [
    "a key of NUL",
    "CACHE.store('\\0', 'a'); CACHE.store('\\0b', 'b'); got = CACHE.fetch('\\0') + CACHE.fetch('\\0b');",
    returns("ab"),
  ],
  [
    "a key of a lone surrogate",
    "CACHE.store('\\ud800', 'a'); got = String(CACHE.fetch('\\udc00'));",
    returns("null"),
  ],
  [
    "a key named __proto__",
    "CACHE.store('__proto__', 'a'); got = CACHE.fetch('__proto__') + ({}).a;",
    returns("aundefined"),
  ],
  ["a value with a cycle", "const a = {}; a.a = a; CACHE.store('k', a);", refused],
  ["a value that is a big integer", "CACHE.store('k', 1n); got = CACHE.fetch('k');", returns("1")],
  [
    "a life that is text",
    "CACHE.store('k', 'v', 'abc'); got = 'answered';",
    /^(2000 answered|3001 \S*IllegalArgument)/,
  ],
  [
    "a life without end",
    "CACHE.store('k', 'v', Infinity); got = 'answered';",
    /^(2000 answered|3001 \S*IllegalArgument)/,
  ],
  [
    "a negative life",
    "CACHE.store('k', 'v', -1); got = String(CACHE.fetch('k'));",
    /^(2000 null|3001 \S*IllegalArgument)/,
  ],
  ["a life that is a big integer", "CACHE.store('k', 'v', 60n);", refused],
  ["a request without anything", "HTTP.request();", refused],
  [
    "a request with a method that is an object",
    "HTTP.request({ method: { toString: () => 'GET /x HTTP/1.1\\r\\nX: ' }, url: 'http://127.0.0.1:1/' });",
    /^3001 \S*ResourceAccess.*method is not allowed/s,
  ],
  [
    "a request with a URL that is an object",
    "HTTP.request({ url: { toString: () => 'file:///etc/passwd' } });",
    /^3001 \S*ResourceAccess/,
  ],
  [
    "headers that are a text",
    "HTTP.request({ url: 'http://127.0.0.1:1/', headers: 'Host: x' });",
    /^3001/,
  ],
  [
    "headers that split",
    "HTTP.request({ url: 'http://127.0.0.1:1/', headers: { x: 'a\\r\\nHost: evil' } });",
    /^3001 .*forbidden character/,
  ],
  [
    "headers named __proto__",
    "HTTP.request({ url: 'http://127.0.0.1:1/', headers: JSON.parse('{\"__proto__\":\"x\"}') });",
    /^3001/,
  ],
  ["a hash that does not exist", "java.security.MessageDigest.getInstance('__proto__');", refused],
  [
    "a MAC with a key that is no key",
    "javax.crypto.Mac.getInstance('HmacSHA256').init({});",
    /^3001/,
  ],
  [
    "other arguments by toJSON of arrays",
    "Array.prototype.toJSON = () => ({ length: 3 }); CACHE.fetch('k');",
    /^3001/,
  ],
  [
    "no arguments by toJSON of arrays",
    "Array.prototype.toJSON = () => undefined; CACHE.fetch('k');",
    /^3001/,
  ],
  [
    "arguments that are too many",
    "got = String(CACHE.fetch('k', ...Array(10000).fill('x')));",
    returns("null"),
  ],
];
