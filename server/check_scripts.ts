// The program behind `gatewright scripts check`: checks files with the engine itself, without a server.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { problemLines } from "./engine/checker/report.ts";
import { type Engine, openEngine } from "./engine/engine.ts";
import { defaultLimits } from "./engine/limits.ts";

/** What was found so far. */
interface Tally {
  files: number;
  errors: number;
  warnings: number;
}

/** The scripts below a folder, in the order of their names; a file is itself. */
const filesIn = (path: string): readonly string[] => {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".js") && !/(?:^|[\\/])node_modules[\\/]/.test(name))
    .toSorted()
    .map((name) => join(path, name));
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What is no text cannot be read, and neither is what is not there; anything else is a fault. */
const unreadable = (path: string, error: unknown, tally: Tally): void => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  tally.errors++;
  const isText = code !== "ERR_ENCODING_INVALID_ENCODED_DATA";
  say(`${path}: error: ${isText ? message : "it is not UTF-8 text"}`);
};

const checkFile = async (engine: Engine, file: string, tally: Tally): Promise<void> => {
  const source = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  tally.files++;
  for (const problem of await engine.check(source, file)) {
    tally[problem.refused ? "errors" : "warnings"]++;
    for (const line of problemLines(file, source, problem)) say(line);
  }
};

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

const { values, positionals } = parseArgs({
  options: { strict: { type: "boolean", default: false } },
  allowPositionals: true,
});
await using engine = await openEngine({
  workerUrl: new URL("./check_worker.ts", import.meta.url),
  workers: 1,
  limits: defaultLimits,
  recording: false,
  properties: new Map(),
  egress: { allow: [] },
});
const tally: Tally = { files: 0, errors: 0, warnings: 0 };
for (const path of positionals) {
  try {
    for (const file of filesIn(path)) {
      await checkFile(engine, file, tally).catch((error) => unreadable(file, error, tally));
    }
  } catch (error) {
    unreadable(path, error, tally);
  }
}
const { files, errors, warnings } = tally;
say(`${counted(files, "script")}: ${counted(errors, "error")}, ${counted(warnings, "warning")}`);
process.exitCode = errors > 0 || files === 0 || (values.strict && warnings > 0) ? 1 : 0;
