// Memory: everything that grows without end or asks for too much at once.
import { type Abuse, cpuOrMemory, memory, returns } from "./row.ts";

const tooLong = /^(3001 (RangeError|TypeError): |limit (memory|cpu))/;

/** Runs with plenty of time and little memory. */
export const hoards: readonly Abuse[] = [
  ["objects", "const a = []; for (;;) a.push({}, {}, {}, {});", memory],
  ["closures", "let f = () => 0; for (;;) { const g = f; f = () => g; }", memory],
  ["a linked list", "let o = null; for (;;) o = { o };", memory],
  [
    "text that doubles",
    "let s = 'ab'; for (;;) s += s;",
    /^(3001 InternalError: string too long|limit memory)/,
  ],
  [
    "text that doubles, caught",
    "let s = 'ab'; for (;;) { try { for (;;) s += s; } catch { s = [s, s].join('x').slice(0, 6e6); globalThis.k = [globalThis.k, s + '1']; } }",
    memory,
  ],
  ["repeat(1e9)", "'x'.repeat(1e9);", tooLong],
  ["repeat(2 ** 28)", "'x'.repeat(2 ** 28);", memory],
  ["padStart(2 ** 28)", "'x'.padStart(2 ** 28, 'ab');", memory],
  ["buffers", "const a = []; for (;;) a.push(new Uint8Array(4096));", memory],
  [
    "buffers, caught and begun again",
    "for (;;) { const a = []; try { for (;;) a.push(new Uint8Array(4096)); } catch {} }",
    memory,
  ],
  [
    "buffers, caught and given up",
    "const a = []; try { for (;;) a.push(new Uint8Array(65536)); } catch {} got = 'survived';",
    memory,
  ],
  ["one huge typed array", "new Float64Array(2 ** 27);", tooLong],
  ["one huge ArrayBuffer", "new ArrayBuffer(2 ** 31 - 1);", tooLong],
  ["a buffer of 2^53 bytes", "new ArrayBuffer(2 ** 53 - 1);", tooLong],
  [
    "a DataView beyond its buffer",
    "new DataView(new ArrayBuffer(8)).setFloat64(2 ** 31, 1);",
    /^3001 RangeError/,
  ],
  ["an array that is pushed to itself", "let a = [1]; for (;;) a = a.concat(a);", memory],
  ["Array(1e9).fill()", "Array(1e9).fill();", memory],
  ["Array.from of a length", "Array.from({ length: 1e9 });", memory],
  ["spread of a huge array", "Math.max(...Array(1e9));", memory],
  ["a map", "const m = new Map(); for (let i = 0; ; i++) m.set(i, i);", memory],
  ["a set of texts", "const s = new Set(); for (let i = 0; ; i++) s.add('key ' + i);", memory],
  [
    "a weak map with living keys",
    "const w = new WeakMap(), a = []; for (;;) { const k = {}; a.push(k); w.set(k, k); }",
    memory,
  ],
  ["properties", "const o = {}; for (let i = 0; ; i++) o['k' + i] = i;", memory],
  ["symbols", "const a = []; for (let i = 0; ; i++) a.push(Symbol(i));", memory],
  [
    "big integers that square themselves",
    "let a = 3n; for (;;) a *= a;",
    /^(3001 RangeError: BigInt|limit)/,
  ],
  ["2n ** (2n ** 30n)", "2n ** (2n ** 30n);", /^3001 RangeError: BigInt/],
  ["1n << 2n ** 40n", "1n << (2n ** 40n);", /^3001 RangeError: BigInt/],
  [
    "BigInt.asUintN of 2^53 bits",
    "got = typeof BigInt.asUintN(2 ** 53 - 1, -1n);",
    /^(2000 bigint|3001 RangeError|limit)/,
  ],
  ["JSON that doubles", "let o = [1]; for (;;) o = JSON.parse(JSON.stringify([o, o]));", memory],
  [
    "JSON of one array many times",
    "let a = ['x'.repeat(1000)]; for (let i = 0; i < 40; i++) a = [a, a]; JSON.stringify(a);",
    memory,
  ],
  [
    "JSON of an array of holes",
    "const a = []; a.length = 2 ** 32 - 1; JSON.stringify(a);",
    cpuOrMemory,
  ],
  [
    "JSON with a huge indent",
    "let a = 1; for (let i = 0; i < 400; i++) a = Array(100).fill(a).slice(0, 1).concat(a); JSON.stringify(a, null, 10);",
    cpuOrMemory,
  ],
  [
    "functions by text",
    "const a = []; for (let i = 0; ; i++) a.push(new Function('return ' + i));",
    memory,
  ],
  ["an eval of 2 MB", "const s = '[' + '{a:1},'.repeat(300000) + ']'; eval(s);", cpuOrMemory],
  [
    "generators that wait",
    "function* g() { const b = new Uint8Array(1000); yield b; } const a = []; for (;;) { const i = g(); i.next(); a.push(i); }",
    memory,
  ],
  ["promises that wait", "const a = []; for (;;) a.push(new Promise(() => {}));", memory],
  [
    "arguments without end",
    "const a = Array(60000).fill(0); const f = (...x) => f(...x); f(...a);",
    /^limit (stack|memory)/,
  ],
  [
    "Object.groupBy without end",
    "Object.groupBy({ [Symbol.iterator]: () => ({ next: () => ({ value: 1 }) }) }, (x) => x);",
    memory,
  ],
  [
    "toArray of an iterator without end",
    "Iterator.from({ next: () => ({ value: 1 }) }).toArray();",
    memory,
  ],
  [
    "keys of a proxy of length 2^53",
    "Object.keys(new Proxy({}, { ownKeys: () => ({ length: 2 ** 53 - 1 }) }));",
    memory,
  ],
  ["matchAll of everything", "[...'a'.repeat(5e6).matchAll(/a/g)];", memory],
  [
    "a StringBuilder",
    "const b = new java.lang.StringBuilder('x'); for (;;) b.append(b.toString());",
    memory,
  ],
  [
    "a list of Java",
    "const l = new java.util.ArrayList(); for (;;) l.add('x'.repeat(100) + l.size());",
    memory,
  ],
  ["an array of Java bytes", "new (Java.type('byte[]'))(2 ** 30);", tooLong],
  ["error objects", "const a = []; for (;;) { try { null.x; } catch (e) { a.push(e); } }", memory],
  ["one huge result", "return { status: 2000, responsePayload: 'x'.repeat(2 ** 24) };", memory],
  [
    "what is freed at once",
    "for (let i = 0; i < 300; i++) new Uint8Array(1000000); got = 'fine';",
    returns("fine"),
  ],
];
