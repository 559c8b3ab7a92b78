// Patterns and texts that cost more than they look.
import { type Abuse, cpu, cpuOrMemory, killed, memory, returns } from "./row.ts";

/** Big integers have a bound of their own, which some sums reach before any limit. */
const bigCpu = /^(3001 RangeError: BigInt|limit cpu)/;

/** Regular expressions that explode; the interpreter polls while it matches. */
export const patterns: readonly Abuse[] = [
  ["nested quantifiers", "/^(a+)+$/.test('a'.repeat(40) + 'b');", cpu],
  ["overlapping alternatives", "/^(a|a)*$/.test('a'.repeat(40) + 'b');", cpu],
  ["nested stars", "/^((a*)*)*$/.test('a'.repeat(40) + 'b');", cpu],
  [
    "many optional letters",
    "new RegExp('a?'.repeat(40) + 'a'.repeat(40)).test('a'.repeat(39) + 'b');",
    cpu,
  ],
  ["a quadratic trim", "/\\s+$/.test(' '.repeat(200000) + 'x');", cpu],
  ["three stars in a row", "/^.*.*.*x$/.test('a'.repeat(3000));", cpu],
  ["look-ahead", "/(?=(a+)+$)b/.test('a'.repeat(40) + 'c');", cpu],
  ["look-behind", "/(?<=x(a+)+)b/.test('a'.repeat(40) + 'b');", cpu],
  ["back-references", "/^(a+)\\1*(a+)\\2*$/.test('a'.repeat(4000) + 'b');", cpu],
  ["named groups", "/^(?<x>(?:a+)+)\\k<x>$/.test('a'.repeat(41));", cpu],
  ["lazy quantifiers", "/^(?:.*?,){20}x/.test('1,'.repeat(60));", cpu],
  ["Unicode classes", "/^(\\p{L}+)+$/u.test('a'.repeat(40) + '1');", cpu],
  [
    "counted groups",
    "new RegExp('(?:'.repeat(8) + 'a{50}' + '){50}'.repeat(8)).test('a'.repeat(1e5));",
    cpuOrMemory,
  ],
  ["split by such a pattern", "('a'.repeat(40) + 'b').split(/(a+)+$/);", cpu],
  ["replace with such a pattern", "('a'.repeat(40) + 'b').replace(/(a+)+$/, '');", cpu],
  ["matches() of Java", "('a'.repeat(40) + 'b').matches('(a+)+');", cpu],
  [
    "groups without number",
    "new RegExp('('.repeat(1e5) + ')'.repeat(1e5));",
    /^3001 SyntaxError: too many captures/,
  ],
  [
    "a deeply nested pattern",
    "new RegExp('(?:'.repeat(2e5) + ')'.repeat(2e5));",
    /^(3001 \w+Error: |limit stack)/,
  ],
  [
    "a huge class",
    "new RegExp('[' + '\\\\u{1F600}-\\\\u{1F64F}'.repeat(50000) + ']', 'u'); got = 'read';",
    returns("read"),
  ],
  [
    "an exec that never moves on",
    "const r = /a/g; r.exec = () => ({ index: 0, 0: '', length: 1 }); 'a'.replace(r, '');",
    cpuOrMemory,
  ],
  [
    "an exec with 2^53 groups",
    "const r = /a/; r.exec = () => ({ length: 2 ** 53 - 1, index: 0 }); 'a'.replace(r, '$1');",
    cpuOrMemory,
  ],
  [
    "a replacement that doubles",
    "let s = 'aa'; for (;;) s = s.replaceAll('a', '$&$&');",
    cpuOrMemory,
  ],
];

/** Single calls of the engine that take long in themselves. */
export const slowCalls: readonly Abuse[] = [
  ["a quadratic search", "'a'.repeat(5e6).indexOf('a'.repeat(25e5) + 'b');", killed],
  ["a quadratic replaceAll", "'a'.repeat(5e6).replaceAll('a'.repeat(25e5) + 'b', '');", killed],
  ["a quadratic split", "'a'.repeat(5e6).split('a'.repeat(25e5) + 'b');", killed],
  ["a quadratic normalize", "('a' + '\\u0301\\u0323'.repeat(5e5)).normalize('NFC');", cpu],
  ["big integers as text", "(3n ** 500000n).toString();", cpu],
  ["text as big integer", "BigInt('9'.repeat(3e5));", bigCpu],
  ["a power of big integers", "3n ** 5000000n;", bigCpu],
];

/** Calls on texts of millions of characters, which end or run into a limit, but do no harm. */
export const hugeTexts: readonly Abuse[] = [
  ["toUpperCase of 8 MB", "'a'.repeat(8e6).toUpperCase();", /^(2000|limit cpu)/],
  ["toUpperCase of letters that grow", "'\\u00df'.repeat(2e6).toUpperCase();", /^(2000|limit cpu)/],
  // The interpreter forgets to say "out of memory" here: what is caught is no value at all.
  ["normalize of a million marks", "'\\u0344'.repeat(1e6).normalize('NFD');", /^(3001|limit)/],
  ["localeCompare of 8 MB", "const s = 'a'.repeat(8e6); s.localeCompare(s + 'b');", cpuOrMemory],
  ["split of 5 MB by a comma", "'a,'.repeat(25e5).split(',');", cpuOrMemory],
  ["split of 5 MB in letters", "'a'.repeat(5e6).split('');", cpuOrMemory],
  [
    "a number of 8 million digits",
    "got = String(Number('9'.repeat(8e6)));",
    /^(2000 Infinity|limit cpu)/,
  ],
  [
    "a date of 8 MB",
    "got = String(Date.parse('2020-01-01T00:00:00.' + '0'.repeat(8e6)));",
    /^(2000 \w+|limit)/,
  ],
  [
    "URL encoding of a million signs",
    "encodeURIComponent('\\u20ac'.repeat(1e6));",
    /^(2000|limit)/,
  ],
  ["String.format with a huge width", "java.lang.String.format('%1000000000d', 1);", memory],
  ["getBytes of 8 MB", "'a'.repeat(8e6).getBytes();", cpuOrMemory],
  ["a million words joined", "Array(1e6).fill('words').join(' and ');", cpuOrMemory],
];
