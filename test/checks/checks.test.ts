// The static checks can fail, and the runner counts what they say.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "./check.ts";
import { differences } from "./contract.ts";
import { packageFaults } from "./packages.ts";
import { runChecks } from "./run.ts";
import { good, lastPage, together } from "./tally.ts";

describe("runChecks", () => {
  it("counts each verdict once, prints in the order of the table, and a throw is a failure", async () => {
    const rows: Check[] = [
      { name: "slow", run: () => new Promise((done) => setTimeout(done, 30, { kind: "passed" })) },
      { name: "bad", run: async () => ({ kind: "failed", output: "line 1\nline 2" }) },
      { name: "broken", run: async () => Promise.reject(new Error("no such program")) },
      { name: "absent", run: async () => ({ kind: "skipped", reason: "not here" }) },
    ];
    const lines: string[] = [];
    const tally = await runChecks(rows, "/", (text) => lines.push(text));
    assert.deepEqual(tally, {
      passed: 1,
      failed: ["bad", "broken"],
      skipped: ["absent: not here"],
    });
    assert.deepEqual(
      lines.map((line) => /. (\w+) \(\d+\.\d s\)/.exec(line)?.[1]),
      ["slow", "bad", "broken", "absent"],
    );
    assert.match(lines[2] ?? "", /no such program/);
  });
});

describe("the last page", () => {
  const none = { passed: 0, failed: [], skipped: [] };
  const last = (page: string) => page.split("\n").at(-1);

  it("ends with the counts alone on a line", () => {
    assert.equal(last(lastPage({ ...none, passed: 3 })), "3 passed, 0 failed");
    const all = together({ passed: 1, failed: ["a"], skipped: ["b: why"] }, { ...none, passed: 2 });
    assert.equal(last(lastPage(all)), "3 passed, 1 failed, 1 skipped");
    assert.match(lastPage(all), /Skipped:\n {2}b: why\n/);
  });

  it("is good only when something ran and nothing failed", () => {
    assert.equal(good(none), false);
    assert.equal(good({ ...none, passed: 1 }), true);
    assert.equal(good({ ...none, passed: 1, failed: ["x"] }), false);
  });
});

describe("the check of the packages", () => {
  const lock = (packages: object) => ({
    packages: { "": { dependencies: { a: "1.0.0" } }, ...packages },
  });
  const manifest = { dependencies: { a: "1.0.0" } };

  it("accepts exact versions without scripts", () => {
    assert.deepEqual(
      packageFaults(manifest, lock({ "node_modules/a": { integrity: "sha512-" } })),
      [],
    );
  });

  it("finds ranges, a lock of another time, scripts, and packages without a hash", () => {
    const ranges = packageFaults({ dependencies: { a: "^1.0.0" } }, lock({}));
    assert.equal(ranges.length, 2);
    assert.match(ranges.join(), /not one version.*as package.json asks/);
    assert.match(
      packageFaults(
        manifest,
        lock({ "node_modules/x": { integrity: "s", hasInstallScript: true } }),
      ).join(),
      /node_modules\/x wants to run a script/,
    );
    assert.match(packageFaults(manifest, lock({ "node_modules/x": {} })).join(), /no integrity/);
  });
});

describe("the check of gen", () => {
  it("names files that differ, that are missing and that are too many", () => {
    const folder = mkdtempSync(join(tmpdir(), "gatewright-differences-"));
    const write = (path: string, text: string) => {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    try {
      for (const [path, text] of Object.entries({
        "one/same": "1",
        "other/same": "1",
        "one/deep/differs": "1",
        "other/deep/differs": "2",
        "one/more": "",
        "other/else": "",
      })) {
        write(path, text);
      }
      const found = differences(join(folder, "one"), join(folder, "other"));
      assert.deepEqual(found, ["deep/differs", "else", "more"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
