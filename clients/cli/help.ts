// The command `help`: what there is, and how it is used.
import { nearest } from "../../proto/nearest.ts";
import type { Command } from "./command.ts";
import { UsageFault } from "./command.ts";
import words from "./words.json" with { type: "json" };

const entry = (name: string, summary: string): string => `  ${name.padEnd(22)}${summary}`;
const usageOf = ({ name, usage }: Command): string => `${name} ${usage}`.trim();

/** Gives what `help` prints about one command. */
export const commandPage = (command: Command): string =>
  [
    `npx gatewright ${usageOf(command)}`,
    `  ${command.summary}`,
    ...(command.details ?? []).map((line) => `  ${line}`),
  ].join("\n");

/** Gives the fault of a command that does not exist, with the one that was meant, if it is near. */
export function unknownCommand(name: string, commands: readonly Command[]): UsageFault {
  const meant = nearest(name, [...commands.map((command) => command.name), ...Object.keys(words)]);
  const hint = meant ? `did you mean ${meant}?` : "npx gatewright help lists all";
  return new UsageFault(`there is no command ${name}; ${hint}`);
}

/** Prints all commands, or one with its details. */
export const help: Command = {
  name: "help",
  usage: "[COMMAND]",
  summary: "prints this, or all about a command",
  async run([name], { commands, print }) {
    const command = commands.find((candidate) => candidate.name === name);
    if (command) print(commandPage(command));
    else if (name !== undefined) throw unknownCommand(name, commands);
    else print(overview(commands));
    return 0;
  },
};

const overview = (commands: readonly Command[]): string => `npx gatewright COMMAND

administration, of the server at GATEWRIGHT_ADMIN_URL (http://127.0.0.1:8081) as the API client
admin, whose secret is in GATEWRIGHT_ADMIN_SECRET:
${commands.map((command) => entry(usageOf(command), command.summary)).join("\n")}

programs, which npm run starts as well:
${Object.entries(words)
  .map(([word, { summary }]) => entry(word, summary))
  .join("\n")}`;
