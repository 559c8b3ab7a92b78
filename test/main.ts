// The command `test`: every static check, then every test; the last line counts both.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChecks } from "./checks/run.ts";
import { checks } from "./checks/table.ts";
import type { Tally } from "./checks/tally.ts";
import { good, lastPage, together } from "./checks/tally.ts";

const root = join(import.meta.dirname, "..");

const everyTest = "test/**/*.test.ts";

/** Runs mocha as package.json sets it up, with further arguments, and gives what it came to. */
async function runMocha(args: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-tally-"));
  const file = join(folder, "tally.json");
  try {
    const reporter = ["--reporter", "test/reporter.ts", "--reporter-option", `tally=${file}`];
    const files = args.some((argument) => argument.endsWith(".test.ts")) ? [] : [everyTest];
    const program = ["node_modules/mocha/bin/mocha.js", ...reporter, ...files, ...args];
    const child = spawn(process.execPath, program, { cwd: root, stdio: "inherit" });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (!existsSync(file))
      return { passed: 0, failed: ["mocha did not come to its end"], skipped: [] };
    const tally = JSON.parse(readFileSync(file, "utf8")) as Tally;
    if (tally.failed.length > 0) return tally;
    if (tally.passed === 0) return { ...tally, failed: ["mocha found no test that ran"] };
    if (code === 0) return tally;
    return { ...tally, failed: [`mocha ended with ${signal ?? code} after its last test`] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

console.log("\n  static checks");
const looked = await runChecks(checks, root, console.log);
const tested = await runMocha(process.argv.slice(2));
const all = together(looked, tested);
console.log(lastPage(all));
process.exitCode = good(all) ? 0 : 1;
