// Mocha's spec reporter that also writes down what the run came to, for test/main.ts.
import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import type { Tally } from "./checks/tally.ts";

const usualGraceMs = 10_000;

/** What an error says, on one line and as far as a list has room for it. */
const onOneLine = (message: unknown): string => String(message).replace(/\s+/g, " ").slice(0, 300);

/** Ends the process with 1. Mocha, whose tests all passed, sets its own code when it ends. */
function fail(): void {
  process.on("exit", () => {
    process.exitCode = 1;
  });
  process.exit(1);
}

/**
 * Prints as mocha's spec reporter does, and writes a `Tally` in JSON into the file that the reporter
 * option `tally` names. A run that is still alive 10 s after its last test, or as many milliseconds as
 * the option `grace` says, has failed and names what keeps it so: whatever a test opens it closes.
 */
class TallyingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const given = (options.reporterOptions ?? {}) as { tally?: string; grace?: string };
    const failed: string[] = [];
    const skipped: string[] = [];
    let passed = 0;
    const write = (): void => {
      if (!given.tally) return;
      writeFileSync(given.tally, JSON.stringify({ passed, failed, skipped } satisfies Tally));
    };
    runner.on("pass", () => {
      passed += 1;
    });
    runner.on("fail", (test, { message }) => {
      failed.push(`${test.fullTitle()}: ${onOneLine(message)}`);
    });
    runner.on("pending", (test) => skipped.push(test.fullTitle()));
    runner.on("end", () => {
      write();
      const late = () => {
        const open = process.getActiveResourcesInfo().join(", ");
        console.error(`Still open after the last test: ${open}`);
        failed.push(`still open after the last test: ${open}`);
        write();
        fail();
      };
      setTimeout(late, Number(given.grace ?? usualGraceMs)).unref();
    });
  }
}

export default TallyingReporter;
