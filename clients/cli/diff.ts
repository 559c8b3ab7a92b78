// The command `diff`: what applying a set-up file would change.
import { readSetupFile } from "../../proto/setup_file.ts";
import { changePage } from "./changes.ts";
import type { Command } from "./command.ts";
import { exactly } from "./command.ts";

/** Prints what applying a set-up file would change; the exit code tells whether that is anything. */
export const diff: Command = {
  name: "diff",
  usage: "FILE",
  summary: "prints what apply would change, and changes nothing",
  details: ["Exits with 0 when nothing would change, 2 when something would, 1 on an error."],
  async run(args, { admin, print }) {
    const [file] = exactly(args, 1);
    const { changes } = await admin().diffSetup({ setup: readSetupFile(file as string) });
    print(changePage(changes));
    return changes.length === 0 ? 0 : 2;
  },
};
