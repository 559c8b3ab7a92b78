// Residue: after a restore the memory of an instance holds nothing of what ran in it before.
import assert from "node:assert/strict";
import { Breach, breachOf } from "../../server/engine/breach.ts";
import { compileQuickjs } from "../../server/engine/glue.ts";
import type { GuestHost } from "../../server/engine/guest_host.ts";
import { defaultLimits } from "../../server/engine/limits.ts";
import { readPrelude } from "../../server/engine/prelude.ts";
import { openSandbox } from "../../server/engine/sandbox.ts";
import { copiesOf, hostOf, inputOf, openInstance, watchMemories } from "./support/instance.ts";

const secret = `S3CR3T-${"ZQXJ".repeat(8)}`;
const answered = JSON.stringify({ value: secret });
const soon = (): Promise<string> => new Promise((done) => setImmediate(done, answered));

/** What a run does with the secret; x is it, when it comes as the payload. */
const carriers: readonly [where: string, body: string, call?: GuestHost["call"]][] = [
  ["in its arguments", "return { status: 2000 };"],
  ["in its result", "return { status: 2000, responsePayload: x };"],
  [
    "in 20,000 texts and 3 MB of bytes, used and freed",
    `let all = []; for (let i = 0; i < 20000; i++) all.push((x + i).toUpperCase());
     new Uint8Array(3000000).fill(0xaa); all = null; return { status: 2000 };`,
  ],
  [
    "in 20,000 texts that are kept",
    "globalThis.all = []; for (let i = 0; i < 20000; i++) all.push(x + i); return { status: 2000 };",
  ],
  [
    "on the stack, behind frames of any depth",
    `function deep(n) { const y = (x + n).toUpperCase(); return n ? deep(n - 1) + y.length : 0; }
     try { deep(1e6); } catch {} return { status: 2000 };`,
  ],
  [
    "on the stack, behind a frame with a hole of 160 KiB",
    `const leaf = (n) => n && leaf(n - 1);
     const wide = new Function("leaf", "if (leaf(3)) leaf(" + Array(20000).fill("0").join() + ")");
     wide(leaf); return { status: 2000, responsePayload: x };`,
  ],
  ["in names of properties", "globalThis[x] = { [x + 1]: 1 }; return { status: 2000 };"],
  ["in symbols", "globalThis.s = [Symbol(x), Symbol.for(x)]; return { status: 2000 };"],
  ["in patterns", "globalThis.p = new RegExp(x).exec(x); return { status: 2000 };"],
  [
    "in code",
    "globalThis.f = new Function('return ' + JSON.stringify(x)); f(); return { status: 2000 };",
  ],
  [
    "in names of code",
    "eval('var ' + x.replaceAll('-', '_') + ' = ' + JSON.stringify(x)); return { status: 2000 };",
  ],
  [
    "in bytes",
    "globalThis.b = Array.from({ length: 500 }, () => Uint8Array.from(x, (c) => c.charCodeAt(0))); return { status: 2000 };",
  ],
  [
    "in wide texts",
    "globalThis.w = Array.from({ length: 500 }, (_, i) => x + '\\u20ac' + i); return { status: 2000 };",
  ],
  ["in maps and sets", "globalThis.m = new Map([[x, new Set([x + 1])]]); return { status: 2000 };"],
  [
    "in JSON",
    "globalThis.j = JSON.parse(JSON.stringify(Array(1000).fill({ a: x }))); return { status: 2000 };",
  ],
  ["in what it threw", "throw new Error(x);"],
  [
    "in what it threw deep down",
    "const f = (n) => { if (n) f(n - 1); else throw new Error(x); }; f(500);",
  ],
  [
    "in closures, generators and promises",
    "globalThis.k = [() => x, (function* () { yield x; })(), Promise.resolve(x).then((y) => y + 1)]; k[1].next(); return { status: 2000 };",
  ],
  [
    "in jobs that wait",
    "for (let i = 0; i < 100; i++) Promise.resolve(x + i).then((y) => y); return { status: 2000 };",
  ],
  [
    "in Java's classes",
    "java.util.UUID.left = x; globalThis.h = new java.util.HashMap({ a: x }); return { status: 2000 };",
  ],
  [
    "in a property of the deployment",
    "return { status: 2000, responsePayload: PROPERTIES.apiKey };",
    () => answered,
  ],
  [
    "in an answer that came later",
    "return { status: 2000, responsePayload: CACHE.fetch('k') };",
    soon,
  ],
  ["in a log line", "LOG.info('{} and {}', x, [x]); return { status: 2000 };"],
];

describe("restored memory (SEC-68)", () => {
  for (const [where, body, call] of carriers) {
    it(`is the image byte for byte and zero elsewhere, whatever a run left ${where}`, async () => {
      const { vm, base, load } = await openInstance();
      const { image, execute } = await load(`function (x) { ${body} }`);
      vm.restore(base, image);
      const fresh = Buffer.from(vm.memory);
      await vm.run(inputOf(secret), execute, hostOf(call));
      assert.ok(copiesOf(secret, vm.memory) > 0, "the run left something to look for");
      vm.restore(base, image);
      assert.equal(copiesOf(secret, vm.memory), 0);
      assert.equal(Buffer.compare(fresh, vm.memory), 0);
      assert.equal(vm.spent, false);
    });
  }

  it("is that of another script, with nothing of the one that ran before", async () => {
    const { vm, base, load } = await openInstance();
    const other = await load("function () { return { status: 2000 }; }");
    vm.restore(base, other.image);
    const fresh = Buffer.from(vm.memory);
    const own = await load(
      `function () { return { status: 2000, responsePayload: "${secret}" }; }`,
    );
    vm.restore(base, own.image);
    await vm.run(inputOf(null), own.execute, hostOf());
    assert.ok(copiesOf(secret, vm.memory) > 0);
    vm.restore(base, other.image);
    assert.equal(copiesOf(secret, vm.memory), 0);
    assert.equal(Buffer.compare(fresh, vm.memory), 0);
  });

  it("is never that of a run which was ended while it waited: its instance is spent", async () => {
    const { vm, base, load } = await openInstance();
    const { image, execute } = await load("function (x) { return CACHE.fetch(x); }");
    vm.restore(base, image);
    const withdrawal = new AbortController();
    const silent = hostOf(() => new Promise(() => {}), withdrawal.signal);
    const run = vm.run(inputOf(secret), execute, silent);
    setImmediate(() => withdrawal.abort(breachOf("deadline")));
    await assert.rejects(run, Breach);
    assert.equal(vm.spent, true);
  });

  it("is clean in every instance of a sandbox while the next run goes on", async () => {
    await watchMemories(async (memories) => {
      const sandbox = await openSandbox(await compileQuickjs(), defaultLimits, readPrelude());
      const seen: number[] = [];
      const run = (source: string, payload: string | null, answer: string) => {
        const script = { name: "s.js", version: 1, source, sha256: source };
        const call = (): string => {
          seen.push(
            memories.reduce((sum, { buffer }) => sum + copiesOf(secret, new Uint8Array(buffer)), 0),
          );
          return answer;
        };
        return sandbox.execute(script, inputOf(payload), hostOf(call));
      };
      const asks =
        'function execute(x) { CACHE.fetch("k"); return { status: 2000, responsePayload: String(CACHE.fetch("k")) }; }';
      const loads = `var drawn = Math.random(); ${asks}`;
      for (const source of [asks, loads, asks, loads]) {
        await run(source, secret, answered);
        await run(source, null, '{"value":[1,2,3,4]}');
      }
      const counts = { own: seen.filter((copies) => copies > 0).length, all: seen.length };
      assert.ok(memories.length >= 2, "the sandbox made its instances here");
      assert.deepEqual(counts, { own: 8, all: 20 }, seen.join());
    });
  });
});
