// The command `check`: every static check; exits with 1 when one fails.
import { join } from "node:path";
import { runChecks } from "./checks/run.ts";
import { checks } from "./checks/table.ts";

const root = join(import.meta.dirname, "..");
const { failed } = await runChecks(checks, root, console.log);
process.exitCode = failed.length > 0 ? 1 : 0;
