// The command `--version`.
import manifest from "../../package.json" with { type: "json" };
import type { Command } from "./command.ts";

/** Prints the version of this command line, and so of the repository that it is part of. */
export const version: Command = {
  name: "--version",
  usage: "",
  summary: "prints the version",
  async run(_, { print }) {
    print(manifest.version);
    return 0;
  },
};
