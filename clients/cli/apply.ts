// The command `apply`: a set-up file takes effect.
import { readSetupFile } from "../../proto/setup_file.ts";
import { changePage } from "./changes.ts";
import type { Command } from "./command.ts";
import { exactly } from "./command.ts";

/** Applies a set-up file, all of it or nothing, and prints what changed. */
export const apply: Command = {
  name: "apply",
  usage: "FILE",
  summary: "applies a set-up file and prints what changed",
  details: ["All of it is applied or nothing. What the file does not name stays as it is."],
  async run(args, { admin, print }) {
    const [file] = exactly(args, 1);
    const { changes } = await admin().applySetup({ setup: readSetupFile(file as string) });
    print(changePage(changes));
    return 0;
  },
};
