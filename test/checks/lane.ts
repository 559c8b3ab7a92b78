// A lane of tests: one mocha, from its start to the tally of what it came to.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tally } from "./tally.ts";

/** A lane: what it is called in failures, and the arguments of its mocha, files or patterns among them. */
export interface Lane {
  readonly name: string;
  readonly args: readonly string[];
}

const readTally = (file: string): Tally | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Tally;
  } catch {
    // Missing, or cut off: mocha died before or while it wrote.
    return undefined;
  }
};

/** Gives what a mocha came to that wrote `tally`, if any, and ended with `end`, its code or signal. */
function settled(name: string, tally: Tally | undefined, end: number | string): Tally {
  const { passed, failed, skipped } = tally ?? { passed: 0, failed: [], skipped: [] };
  const more = (title: string): Tally => ({ passed, failed: [...failed, title], skipped });
  if (!tally) return more(`${name}: mocha did not come to its end (${end})`);
  if (failed.length > 0) return tally;
  if (passed === 0) return more(`${name}: mocha found no test that ran`);
  return end === 0 ? tally : more(`${name}: mocha ended with ${end} after its last test`);
}

/**
 * Runs a lane in the folder `root`, as package.json sets mocha up. What it prints goes to this process's
 * streams; with `print`, it is given to that as a whole when the lane has ended. A lane that dies, finds
 * no test, or has something open after its last test has failed.
 */
export async function runLane(
  { name, args }: Lane,
  root: string,
  print?: (text: string) => void,
): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-tally-"));
  const file = join(folder, "tally.json");
  try {
    const reporter = ["--reporter", "test/reporter.ts", "--reporter-option", `tally=${file}`];
    const program = ["node_modules/mocha/bin/mocha.js", ...reporter, ...args];
    const stdio = print ? "pipe" : "inherit";
    const child = spawn(process.execPath, program, { cwd: root, stdio: ["ignore", stdio, stdio] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    }
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    print?.(text);
    return settled(name, readTally(file), signal ?? code ?? 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
