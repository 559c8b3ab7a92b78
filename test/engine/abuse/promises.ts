// Promises, jobs and async functions that never come to an end.
import { type Abuse, cpu, cpuOrMemory, returns } from "./row.ts";

const neverSettles = /^3001 the promise returned by execute never settles/;

/** Ways to keep the host waiting for a promise. */
export const promises: readonly Abuse[] = [
  ["a promise that never settles", "return new Promise(() => {});", neverSettles],
  [
    "an await that never ends",
    "return (async () => { await new Promise(() => {}); })();",
    neverSettles,
  ],
  [
    "a promise that waits for itself",
    "const p = Promise.resolve().then(() => p); return p;",
    /^3001 TypeError/,
  ],
  ["a loop in a job", "return Promise.resolve().then(() => { for (;;); });", cpu],
  ["jobs that breed jobs", "const f = () => Promise.resolve().then(f); return f();", cpuOrMemory],
  [
    "two jobs for each job",
    "const f = () => { Promise.resolve().then(f); Promise.resolve().then(f); }; f(); return new Promise(() => {});",
    cpuOrMemory,
  ],
  ["await in a loop", "return (async () => { for (;;) await 1; })();", cpu],
  [
    "await in a loop that catches",
    "return (async () => { for (;;) { try { await Promise.reject(1); } catch {} } })();",
    cpu,
  ],
  [
    "an async generator",
    "async function* g() { for (;;) yield 1; } return (async () => { for await (const x of g()); })();",
    cpu,
  ],
  [
    "async functions that call each other",
    "const f = async () => { await null; return g(); }, g = async () => f(); return f();",
    cpuOrMemory,
  ],
  [
    "a thenable that answers with thenables",
    "const t = { then(done) { done({ then: t.then }); } }; return t;",
    cpu,
  ],
  ["a thenable that spins", "return { then() { for (;;); } };", cpu],
  ["a thenable that answers never", "return { then() {} };", neverSettles],
  [
    "a thenable that answers twice",
    "return { then(done, fail) { done({ status: 4000 }); done({ status: 2000 }); fail(1); } };",
    "4000 ",
  ],
  [
    "a constructor that lies",
    "const p = Promise.resolve({ status: 2000 }); p.constructor = { [Symbol.species]() { throw 1; } }; return p;",
    /^3001/,
  ],
  [
    "another then of all promises",
    "Promise.prototype.then = () => { for (;;); }; return Promise.resolve({ status: 4000 });",
    "4000 ",
  ],
  ["a rejection with nothing", "return Promise.reject();", /^3001 undefined/],
  [
    "a rejection that nobody handles",
    "Promise.reject(new Error('lost')); got = 'fine';",
    returns("fine"),
  ],
  [
    "a job that is left behind",
    "Promise.resolve().then(() => { for (;;); }); got = 'fine';",
    returns("fine"),
  ],
  [
    "a promise of every element",
    "return Promise.all({ [Symbol.iterator]: () => ({ next: () => ({ value: 1 }) }) });",
    cpuOrMemory,
  ],
  [
    "an async loop over host calls",
    "return (async () => { for (;;) { await 1; CACHE.fetch('k'); } })();",
    "limit host_calls",
  ],
];
