// The boot self-test: passes on the pinned engine and names the law that something else breaks.
import assert from "node:assert/strict";
import { compileQuickjs } from "../../server/engine/glue.ts";
import { readPrelude } from "../../server/engine/prelude.ts";
import { testSandbox } from "../../server/engine/self_test.ts";

describe("the boot self-test", () => {
  it("passes with the pinned engine", async () => {
    await testSandbox(await compileQuickjs(), readPrelude());
  });

  it("names the law that does not hold", async () => {
    const quickjs = await compileQuickjs();
    const broken = `(() => { const start = ${readPrelude()}; return (host) => {
      const guest = start(() => "{}"); return guest; }; })()`;
    await assert.rejects(testSandbox(quickjs, broken), /self-test: a host call suspends/);
  });

  it("refuses a prelude that does not start, and a build with another stack", async () => {
    const quickjs = await compileQuickjs();
    await assert.rejects(testSandbox(quickjs, "(() => { throw 1 })"), /prelude does not start/);
    await assert.rejects(testSandbox(quickjs, "syntax error"), /prelude cannot be loaded/);
    const moved = { ...quickjs, heapBase: quickjs.heapBase + 65_536 };
    await assert.rejects(testSandbox(moved, readPrelude()));
  });
});
