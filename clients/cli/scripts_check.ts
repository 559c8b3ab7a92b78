// The command `scripts check`: what is wrong with scripts, found without a server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Command } from "./command.ts";
import { UsageFault } from "./command.ts";

const program = fileURLToPath(new URL("../../server/check_scripts.ts", import.meta.url));

/** Checks scripts as the server would at save, and lists all that is wrong with each of them. */
export const scriptsCheck: Command = {
  name: "scripts check",
  usage: "[--strict] FILE...",
  summary: "lists, without a server, what will not run in scripts",
  details: [
    "Needs no server. A folder stands for all *.js below it. Each problem is FILE:LINE:COLUMN, with",
    "what to write instead where that is known. An error is what the server would refuse; a Java",
    "class that is not available inside of a function is a warning, since it fails only when it is",
    "reached. Exits with 0 when there are no errors, with --strict when there are no warnings either,",
    "and with 1 otherwise. Methods of objects are not checked, since nothing tells their types.",
  ],
  async run(args) {
    requireFiles(args);
    const child = spawn(process.execPath, [program, ...args], { stdio: "inherit" });
    const [code] = await once(child, "exit");
    return typeof code === "number" ? code : 1;
  },
};

function requireFiles(args: readonly string[]): void {
  try {
    const options = { strict: { type: "boolean" } } as const;
    const { positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.length > 0) return;
  } catch (error) {
    throw new UsageFault((error as Error).message, { cause: error });
  }
  throw new UsageFault("an argument is missing");
}
