// Whole sources: what a script may do while it is loaded, and texts that are hard to read.
import { type Abuse, cpu, memory } from "./row.ts";

const execute = 'function execute() { return { status: 2000, user: { id: "u" } }; }';
const harmless = "2000 ";
const syntax = /^3001 SyntaxError/;
const limitBytes = 256 * 1024;

const filled = (bytes: number): string => `${execute}//${"x".repeat(bytes - execute.length - 2)}`;

/** Sources as they are saved, with everything outside of `execute` as well. */
export const sources: readonly Abuse[] = [
  ["an endless loop while loading", `for (;;); ${execute}`, cpu],
  [
    "a loop of promises while loading",
    `const f = () => Promise.resolve().then(f); f(); ${execute}`,
    harmless,
  ],
  [
    "a hoard while loading",
    `const a = []; for (;;) a.push(new Uint8Array(65536)); ${execute}`,
    memory,
  ],
  ["recursion while loading", `(function f() { f(); })(); ${execute}`, "limit stack"],
  ["host calls while loading", `for (;;) CACHE.fetch("k"); ${execute}`, "limit host_calls"],
  [
    "requests while loading",
    `for (;;) { try { HTTP.request({ url: "http://refused.example/" }); } catch {} } ${execute}`,
    "limit egress",
  ],
  ["a throw while loading", `throw new Error("at once"); ${execute}`, "3001 Error: at once"],
  ["a throw of nothing while loading", `throw undefined; ${execute}`, "3001 undefined"],
  [
    "half of the memory kept while loading",
    `const keep = new Uint8Array(6000000).fill(1); ${execute}`,
    harmless,
  ],
  [
    "tampering while loading",
    `Object.prototype.toJSON = () => 1; JSON.stringify = null; ${execute}`,
    /^3004 .*user id/,
  ],
  [
    "an execute that is a getter",
    "Object.defineProperty(globalThis, 'execute', { get() { for (;;); } });",
    cpu,
  ],
  [
    "an execute that is a proxy",
    "var execute = new Proxy(function () {}, { apply() { for (;;); } });",
    cpu,
  ],
  ["an execute that is a class", "class execute {}", /^3001 TypeError/],
  ["an execute that is a generator", "function* execute() { for (;;) yield 1; }", /^3004/],
  ["an execute that is a text", 'var execute = "return 1";', /^3002/],
  ["no execute", "", /^3002/],
  ["a return outside of a function", `return 1; ${execute}`, syntax],
  ["an await outside of a function", `await new Promise(() => {}); ${execute}`, syntax],
  ["an import", `import fs from "node:fs"; ${execute}`, syntax],
  ["an export", `export ${execute}`, syntax],
  ["an unended text", `var x = "; ${execute}`, syntax],
  ["an unended comment", `/* ${execute}`, syntax],
  ["an unended template", `\`\${ ${execute}`, syntax],
  ["a NUL character in a text", `var x = "a\0b"; ${execute}`, harmless],
  ["a NUL character between words", `var\0x; ${execute}`, syntax],
  ["line separators in a text", `var x = "\u2028\u2029"; ${execute}`, harmless],
  ["a lone surrogate in a text", `var x = "\ud800"; ${execute}`, harmless],
  ["a byte order mark", `\ufeff${execute}`, harmless],
  ["a hashbang", `#!/usr/bin/env node\n${execute}`, harmless],
  ["letters that change direction", `var \u0430 = "\u202e"; ${execute}`, harmless],
  ["escapes in names", `var \\u{61}b = 1; ${execute}`, harmless],
  ["a name of 100,000 letters", `var ${"a".repeat(100_000)} = 1; ${execute}`, harmless],
  ["a number of 100,000 digits", `var x = ${"9".repeat(100_000)}; ${execute}`, harmless],
  ["100,000 lines", `${"\n".repeat(100_000)}${execute}`, harmless],
  [
    "20,000 variables",
    `${Array.from({ length: 20_000 }, (_, i) => `var v${i};`).join("")}${execute}`,
    /^(2000 |limit cpu)/,
  ],
  [
    "10,000 functions",
    `${Array.from({ length: 10_000 }, (_, i) => `function f${i}(){}`).join("")}${execute}`,
    /^(2000 |limit (cpu|memory))/,
  ],
  [
    "70,000 arguments",
    `function f(){} f(${Array(70_000).fill("0").join()}); ${execute}`,
    /^(3001 |2000 |limit)/,
  ],
  [
    "70,000 parameters",
    `function f(${Array.from({ length: 40_000 }, (_, i) => `a${i}`).join()}){} ${execute}`,
    /^(3001 |2000 |limit)/,
  ],
  [
    "brackets in brackets",
    `${"(".repeat(50_000)}1${")".repeat(50_000)}; ${execute}`,
    /^(3001 SyntaxError: stack overflow|limit (stack|cpu))/,
  ],
  [
    "a chain of 15,000 else",
    `${"if (0); else ".repeat(15_000)} 1; ${execute}`,
    /^(2000 |3001 SyntaxError: stack overflow|limit (stack|cpu))/,
  ],
  ["a sum of 60,000", `var x = ${"1+".repeat(60_000)}1; ${execute}`, /^(2000 |limit (stack|cpu))/],
  [
    "a pattern that explodes while loading",
    `/^(a+)+$/.test("a".repeat(40) + "b"); ${execute}`,
    cpu,
  ],
  ["exactly as many bytes as a source may have", filled(limitBytes), harmless],
  ["strict mode and eval", `"use strict"; eval("var execute = 1"); ${execute}`, harmless],
  ["a hoard by comments", `${"/**/".repeat(60_000)}${execute}`, harmless],
];

/** Sources that are not saved at all, and why. */
export const refusedSources: readonly (readonly [attempt: string, text: string, code: string])[] = [
  ["one byte more than a source may have", filled(limitBytes + 1), "too_large"],
  ["few characters of many bytes", `${execute}//${"\u20ac".repeat(limitBytes / 3)}`, "too_large"],
  ["an endless loop", `for (;;); ${execute}`, "load"],
  ["a hoard", `const a = []; for (;;) a.push(new Uint8Array(65536)); ${execute}`, "load"],
  ["recursion", `(function f() { f(); })(); ${execute}`, "load"],
  ["brackets in brackets", `${"(".repeat(50_000)}1${")".repeat(50_000)}; ${execute}`, "load"],
  ["a native loop", `[].indexOf.call({ length: 9007199254740991 }, 1); ${execute}`, "load"],
  [
    "an execute that is a getter",
    "Object.defineProperty(globalThis, 'execute', { get() { for (;;); } });",
    "load",
  ],
  ["modules", `import fs from "node:fs"; ${execute}`, "syntax"],
];
