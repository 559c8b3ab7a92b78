// The command `export`: what is set up, as a set-up file.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Setup } from "../../gen/gatewright/v1/setup.ts";
import { writeSetup } from "../../proto/setup_file.ts";
import type { Command } from "./command.ts";
import { UsageFault } from "./command.ts";

/** Prints everything that is set up as YAML that `apply` takes, or writes it into a file. */
export const exportSetup: Command = {
  name: "export",
  usage: "[--out FILE]",
  summary: "prints what is set up as a set-up file, or writes it into FILE",
  details: ["Secrets are left out. Applying the file again leaves those as they are."],
  async run(args, { admin, print }) {
    const { out } = optionsOf(args);
    const { setup } = await admin().exportSetup({});
    const text = writeSetup(setup ?? Setup.fromPartial({}));
    if (out === undefined) print(text.trimEnd());
    else writeFileSync(out, text);
    return 0;
  },
};

function optionsOf(args: readonly string[]): { out?: string | undefined } {
  try {
    return parseArgs({ args: [...args], options: { out: { type: "string", short: "o" } } }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message, { cause: error });
  }
}
