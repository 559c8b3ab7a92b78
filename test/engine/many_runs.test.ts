// Many runs on one instance: the last sees what the first saw, and nothing has grown.
import assert from "node:assert/strict";
import { initialPages } from "../../server/engine/glue.ts";
import { pageBytes } from "../../server/engine/wasm.ts";
import { hostOf, inputOf, type LoadedScript, openInstance } from "./support/instance.ts";
import { heldMemory, megabyte } from "./support/memory.ts";

const rounds = 80_000;
const settled = 10_000;

/** Scripts that leave behind what they can, and show what they found. */
const scripts: readonly string[] = [
  `function (x) {
    const count = (o) => (o.seen = (o.seen ?? 0) + 1);
    const counts = [globalThis, Array.prototype, Object, JSON, java.util.HashMap].map(count);
    globalThis["left" + x] = Array.from({ length: 50 }, (_, i) => x + i);
    Promise.resolve().then(() => { globalThis.late = 1; });
    CACHE.store("k", x);
    return { status: 2000, responsePayload: [counts, typeof late, Math.random(), Object.keys(globalThis).length].join() };
  }`,
  `async function (x) {
    globalThis.n = (globalThis.n ?? 0) + 1;
    Array.prototype.map = Symbol.for(x);
    await null;
    return { status: 2000, responsePayload: [n, typeof seen, typeof late, Math.random()].join() };
  }`,
  `function (x) { globalThis.n = (globalThis.n ?? 0) + 1; throw new Error(n + typeof seen + typeof late); }`,
];

describe("many runs on one instance", () => {
  it(`see the same state ${rounds} times, in memory that does not grow`, async () => {
    const { vm, base, load } = await openInstance();
    const loaded: LoadedScript[] = [];
    for (const script of scripts) loaded.push(await load(script));
    const run = async (index: number): Promise<string> => {
      const { image, execute } = loaded[index % loaded.length] as LoadedScript;
      vm.restore(base, image);
      const text = await vm.run(inputOf("payload"), execute, hostOf());
      return text;
    };
    const first = [await run(0), await run(1), await run(2)];
    assert.match(first[0] ?? "", /"1,1,1,1,1,undefined,0\.\d+,\d+"/);
    assert.match(first[1] ?? "", /"1,undefined,undefined,0\.\d+"/);
    assert.match(first[2] ?? "", /Error: 1undefinedundefined/);
    let early = 0;
    for (let index = 0; index < rounds; index++) {
      const text = await run(index);
      if (text !== first[index % first.length]) assert.equal(text, first[index % first.length]);
      if (index === settled) early = (await heldMemory()).own;
    }
    const grown = (await heldMemory()).own - early;
    assert.ok(grown < 2 * megabyte, `the heap has grown by ${grown} bytes`);
    assert.equal(vm.memory.length, initialPages * pageBytes);
    assert.equal(vm.spent, false);
  }).timeout(60_000);
});
