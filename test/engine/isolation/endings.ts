// Ways for a run to end while it holds a secret.

/** One ending: what it is called, and the body of `execute` that comes to it. ORIGIN never answers. */
export type HeldEnding = readonly [ending: string, body: string];

/** Endings of runs that hold `secret`. */
export const heldEndings: readonly HeldEnding[] = [
  ["returned", "return { status: 2000 };"],
  ["threw", "throw new Error(secret);"],
  ["returned nonsense", "return { status: secret };"],
  ["recursed without end", "const f = () => f() + secret; f();"],
  ["looped without end", "for (;;);"],
  ["used all memory", "const a = []; for (;;) a.push(secret + a.length);"],
  ["nested too deeply", "JSON.parse('['.repeat(2e6));"],
  ["made too many host calls", "for (;;) CACHE.fetch(secret);"],
  ["waited for nothing", "return new Promise(() => secret);"],
  ["was ended while it waited", "HTTP.request({ url: 'ORIGIN', body: secret, method: 'POST' });"],
  [
    "left jobs behind",
    "const f = () => Promise.resolve(secret).then(f); f(); return { status: 2000 };",
  ],
  ["was killed", "Array.prototype.indexOf.call({ length: 9007199254740991 }, secret);"],
];
