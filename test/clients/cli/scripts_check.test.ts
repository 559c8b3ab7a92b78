// The command `scripts check` as people run it: real files, no server, its lines and its exit codes.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Said } from "../../checks/check.ts";
import { say } from "../../checks/check.ts";

const main = join(import.meta.dirname, "../../../clients/cli/main.ts");

describe("scripts check", function () {
  // Each run starts a program and an engine.
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "gatewright-check-"));
    mkdirSync(join(folder, "scripts/below"), { recursive: true });
    writeFileSync(join(folder, "good.js"), "const execute = () => ({ status: 2000 });\n");
    writeFileSync(
      join(folder, "scripts/old.js"),
      "function execute(list) {\n  for each (var x in list) {\n    new java.io.File(x);\n  }\n}\n",
    );
    writeFileSync(join(folder, "scripts/below/late.js"), "function execute() { com.acme.Late; }\n");
    writeFileSync(join(folder, "scripts/notes.txt"), "for each\n");
    writeFileSync(join(folder, "binary.js"), Buffer.from([0xff, 0xfe]));
  });
  after(() => rmSync(folder, { recursive: true }));

  const check = (...args: string[]): Promise<Said> =>
    say(folder, process.execPath, [main, "scripts", "check", ...args], {});

  it("exits with 0 when nothing is wrong", async () => {
    assert.deepEqual(await check("good.js"), {
      code: 0,
      stdout: "1 script: 0 errors, 0 warnings\n",
      stderr: "",
    });
  });

  it("lists everything in a folder's scripts with line, column, rewrite and mark, and exits with 1", async () => {
    const { code, stdout } = await check("good.js", "scripts");
    assert.equal(code, 1);
    assert.equal(
      stdout,
      [
        "scripts/below/late.js:1:22: warning: Java class com.acme.Late is not available in the script engine",
        "    function execute() { com.acme.Late; }",
        "                         ^",
        "scripts/old.js:2:7: error: `for each` is not JavaScript",
        "  `for each (x in list)` is written `for (const x of list)`, or `of Object.values(object)`",
        "      for each (var x in list) {",
        "          ^",
        "scripts/old.js:3:9: warning: Java class java.io.File is not available in the script engine",
        "  scripts have no files; PROPERTIES holds what the operator configures",
        "        new java.io.File(x);",
        "            ^",
        "3 scripts: 1 error, 2 warnings",
        "",
      ].join("\n"),
    );
  });

  it("takes a name that may never be reached for a warning, unless it is strict", async () => {
    assert.equal((await check("scripts/below/late.js")).code, 0);
    assert.equal((await check("--strict", "scripts/below/late.js")).code, 1);
    assert.equal((await check("--strict", "good.js")).code, 0);
  });

  it("names what cannot be read, checks the rest, and exits with 1", async () => {
    const { code, stdout } = await check("missing.js", "binary.js", "good.js");
    assert.equal(code, 1);
    assert.match(stdout, /^missing\.js: error: ENOENT/m);
    assert.match(stdout, /^binary\.js: error: it is not UTF-8 text$/m);
    assert.match(stdout, /^1 script: 2 errors, 0 warnings$/m);
  });

  it("says how it is used when no file or an unknown option is given", async () => {
    for (const args of [[], ["--loose", "good.js"]]) {
      const { code, stdout, stderr } = await check(...args);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /npx gatewright scripts check \[--strict\] FILE\.\.\./);
    }
  });
});
