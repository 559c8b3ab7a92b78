// A lane of tests ends as its tests did, and never better: shown with the real mocha on small files.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runLane } from "./lane.ts";

const root = join(import.meta.dirname, "../..");

describe("runLane", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "gatewright-lane-"));
  after(() => rmSync(folder, { recursive: true }));

  /** Runs a file of tests as a lane of its own; gives what it came to and what it printed. */
  async function run(text: string, ...more: string[]) {
    const file = join(folder, "some.test.ts");
    writeFileSync(file, text);
    const printed: string[] = [];
    const args = ["--reporter-option", "grace=100", file, ...more];
    const tally = await runLane({ name: "some", args }, root, (piece) => printed.push(piece));
    return { tally, printed };
  }

  it("counts, and gives what was printed as a whole", async () => {
    const text = `
      it("is good", () => console.log("out"));
      it("is bad", () => { console.error("err"); throw new Error("why"); });
      it.skip("is left out", () => {});`;
    const { tally, printed } = await run(text);
    assert.deepEqual(tally, { passed: 1, failed: ["is bad: why"], skipped: ["is left out"] });
    assert.equal(printed.length, 1);
    assert.match(printed[0] ?? "", /out[\s\S]*err|err[\s\S]*out/);
  });

  const bad: readonly (readonly [what: string, text: string, failed: RegExp])[] = [
    ["dies", 'it("a", () => process.kill(process.pid, "SIGKILL"))', /come to its end \(SIGKILL\)/],
    ["ends in the middle", 'it("a", () => process.exit(0))', /did not come to its end \(0\)/],
    ["cannot be read", "it(", /did not come to its end \(1\)/],
    ["has no test", "", /found no test that ran/],
    ["skips all", 'it.skip("a", () => {})', /found no test that ran/],
    [
      "leaves something open",
      'import { createServer } from "node:net"; it("a", () => void createServer().listen(0))',
      /still open after the last test: .*TCPServerWrap/,
    ],
    [
      "ends badly behind its last test",
      'it("a", () => {}); after(() => void process.on("exit", () => process.reallyExit(7)))',
      /ended with 7 after its last test/,
    ],
  ];
  for (const [what, text, failed] of bad) {
    it(`has failed when it ${what}`, async () => {
      const { tally } = await run(text);
      assert.equal(tally.failed.length, 1);
      assert.match(tally.failed[0] ?? "", failed);
    });
  }

  it("lets what does not hold the process be", async () => {
    const { tally } = await run('it("a", () => void setTimeout(() => {}, 99_999).unref())');
    assert.deepEqual(tally, { passed: 1, failed: [], skipped: [] });
  });
});
