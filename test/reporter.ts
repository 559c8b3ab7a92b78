// Mocha's spec reporter that also writes down what the run came to, for test/main.ts.
import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import type { Tally } from "./checks/tally.ts";

const graceMs = 10_000;

/**
 * Prints as mocha's spec reporter does, and writes a `Tally` in JSON into the file that the reporter
 * option `tally` names. A run that is still alive 10 s after its last test names what keeps it so and
 * ends with 1: whatever a test opens it closes.
 */
class TallyingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const { tally: file } = (options.reporterOptions ?? {}) as { tally?: string };
    const failed: string[] = [];
    const skipped: string[] = [];
    let passed = 0;
    runner.on("pass", () => {
      passed += 1;
    });
    runner.on("fail", (test) => failed.push(test.fullTitle()));
    runner.on("pending", (test) => skipped.push(test.fullTitle()));
    runner.on("end", () => {
      if (file) writeFileSync(file, JSON.stringify({ passed, failed, skipped } satisfies Tally));
      const late = () => {
        console.error(
          `Still open after the last test: ${process.getActiveResourcesInfo().join(", ")}`,
        );
        process.exit(1);
      };
      setTimeout(late, graceMs).unref();
    });
  }
}

export default TallyingReporter;
