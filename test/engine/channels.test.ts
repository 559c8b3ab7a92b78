// Channels between runs: what one run writes, no later run reads, whatever way it was written or ended.
import assert from "node:assert/strict";
import type { Engine } from "../../server/engine/engine.ts";
import { type Channel, channels, oracles } from "./isolation/channels.ts";
import { callOf, returned, scriptOf, testEngine } from "./support/engine.ts";

/** A script that reads, after it has written when its payload is "write". It lets jobs run between. */
const sourceOf = ([, loaded, write, read]: Channel, before = ""): string => `${before}
${loaded}
async function execute(payload) {
  if (payload === "write") { ${write} }
  for (let turn = 0; turn < 3; turn++) await null;
  return { status: 2000, responsePayload: String(${read}) };
}`;

describe("channels between runs (D-29, SEC-68)", () => {
  let engine: Engine;
  before(async () => {
    engine = await testEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const read = async (source: string, payload = "read", name = "channel.js") =>
    returned(await engine.run(scriptOf(source, name), callOf({ requestPayload: payload })))
      .responsePayload;

  const modes: readonly [mode: string, before: string][] = [
    ["kept as an image", ""],
    ["loaded in every run", "var loadedAt = Date.now();"],
  ];
  for (const [mode, before] of modes) {
    for (const channel of channels) {
      it(`carry nothing by ${channel[0]}, of a script that is ${mode}`, async () => {
        const source = sourceOf(channel, before);
        const stranger = sourceOf(channel, `${before} // another script`);
        const clean = await read(source);
        assert.equal(await read(stranger, "read", "stranger.js"), clean);
        for (let round = 0; round < 2; round++) {
          assert.notEqual(await read(source, "write"), clean, "a run sees what it wrote itself");
          assert.equal(await read(source), clean);
          assert.equal(await read(stranger, "read", "stranger.js"), clean);
        }
      });
    }
  }

  const heavy: readonly string[] = [
    "globalThis.a = Array.from({ length: 20000 }, (_, i) => ({ i }));",
    "const f = (n) => n && f(n - 1); f(500);",
    "globalThis.a = 'x'.repeat(3e6) + 'y'; a.indexOf('z');",
    "for (const k of Reflect.ownKeys(Array.prototype)) Array.prototype[k].left = 1;",
  ];
  for (const [oracle, expression] of oracles) {
    it(`tell nobody ${oracle} in another way than before`, async () => {
      const source = sourceOf(["", "", "", expression]);
      const clean = await read(source);
      for (const write of heavy) {
        await read(sourceOf(["", "", write, "1"]), "write", "heavy.js");
        assert.equal(await read(source), clean, write);
      }
    });
  }
});
