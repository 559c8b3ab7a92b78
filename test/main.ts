// The command `test`: every static check, then every test; the last line counts both.
import { join } from "node:path";
import type { Lane } from "./checks/lane.ts";
import { runLane } from "./checks/lane.ts";
import { runChecks } from "./checks/run.ts";
import { checks } from "./checks/table.ts";
import type { Tally } from "./checks/tally.ts";
import { good, lastPage, together } from "./checks/tally.ts";

const root = join(import.meta.dirname, "..");

const everyTest = "test/**/*.test.ts";
// What looks at the time that scripts take has the machine to itself.
const alone = ["test/engine/**/*.test.ts", "test/bench/**/*.test.ts"];
// Mostly waits for the servers that it starts, so that there is room for another lane beside it.
const journeys = ["test/journeys/**/*.test.ts"];
const ignored = [...alone, ...journeys].flatMap((pattern) => ["--ignore", pattern]);

const lanes = {
  alone: { name: "engine and benches", args: alone },
  journeys: { name: "journeys", args: journeys },
  others: { name: "all other tests", args: [everyTest, ...ignored] },
} satisfies Record<string, Lane>;

/** Runs every test, in lanes that do not disturb each other. */
async function runEveryTest(): Promise<Tally[]> {
  const first = await runLane(lanes.alone, root);
  const beside = runLane(lanes.others, root, (text) => process.stdout.write(text));
  return [first, ...(await Promise.all([runLane(lanes.journeys, root), beside]))];
}

/** Runs the tests that the arguments name, files or options of mocha. */
async function runNamedTests(args: readonly string[]): Promise<Tally[]> {
  const files = args.some((argument) => argument.endsWith(".test.ts")) ? [] : [everyTest];
  return [await runLane({ name: "named tests", args: [...files, ...args] }, root)];
}

console.log("\n  static checks");
const looked = await runChecks(checks, root, console.log);
const args = process.argv.slice(2);
const tested = await (args.length === 0 ? runEveryTest() : runNamedTests(args));
const all = together(looked, ...tested);
console.log(lastPage(all));
process.exitCode = good(all) ? 0 : 1;
