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
    const { core, optional } = readPrelude();
    const text = `(scope) => {
      const { start } = scope;
      scope.start = (host, scope) => start(() => "{}", scope);
    }`;
    const broken = { core: [...core, { file: "broken.js", needs: [], text }], optional };
    await assert.rejects(testSandbox(quickjs, broken), /self-test: a host call suspends/);
  });

  it("refuses a prelude that does not start, and a build with another stack", async () => {
    const quickjs = await compileQuickjs();
    const only = (text: string) => ({ core: [{ file: "a.js", needs: [], text }], optional: [] });
    await assert.rejects(testSandbox(quickjs, only("() => { throw 1 }")), /a\.js fails/);
    await assert.rejects(testSandbox(quickjs, only("syntax error")), /a\.js fails/);
    const moved = { ...quickjs, heapBase: quickjs.heapBase + 65_536 };
    await assert.rejects(testSandbox(moved, readPrelude()));
  });
});
