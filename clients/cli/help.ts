// The command `help`: what there is, and how it is used.
import { nearest } from "../../proto/nearest.ts";
import type { Command } from "./command.ts";
import { UsageFault } from "./command.ts";
import words from "./words.json" with { type: "json" };

const width = 34;
const entry = (name: string, summary: string): string => `  ${name.padEnd(width)}${summary}`;
const usageOf = ({ name, usage }: Command): string => `${name} ${usage}`.trim();

/** Gives the usage of a command in short: options that have no room are told by its own page. */
function shortUsage(command: Command): string {
  const usage = usageOf(command);
  const short = `${usage.slice(0, usage.indexOf(" [--"))} [...]`;
  return [usage, short].find(({ length }) => length < width) ?? `${command.name} [...]`;
}

/** Gives what `help` prints about one command. */
export const commandPage = (command: Command): string =>
  [
    `npx gatewright ${usageOf(command)}`,
    `  ${command.summary}`,
    ...(command.details ?? []).map((line) => `  ${line}`),
  ].join("\n");

/** Finds the command whose name these words begin with; undefined when there is none. */
export const commandOf = (
  words: readonly string[],
  commands: readonly Command[],
): Command | undefined =>
  commands.find(({ name }) => name.split(" ").every((word, index) => words[index] === word));

/** Gives the fault of a command that does not exist, with the one that was meant, if it is near. */
export function unknownCommand(given: readonly string[], commands: readonly Command[]): UsageFault {
  const [first = ""] = given;
  const seconds = commands.flatMap(({ name }) => {
    const [group, second] = name.split(" ");
    return group === first && second !== undefined ? [second] : [];
  });
  const name = seconds.length > 0 ? given.slice(0, 2).join(" ") : first;
  if (name === first && seconds.length > 0) {
    return new UsageFault(`a second word is missing: ${first} ${seconds.join(", ")}`);
  }
  const meant = nearest(name, [...commands.map((command) => command.name), ...Object.keys(words)]);
  const hint = meant ? `did you mean ${meant}?` : "npx gatewright help lists all";
  return new UsageFault(`there is no command ${name}; ${hint}`);
}

/** Prints all commands, or one with its details. */
export const help: Command = {
  name: "help",
  usage: "[COMMAND]",
  summary: "prints this, or all about a command",
  async run(args, { commands, print }) {
    const group = commands.filter(({ name }) => name.startsWith(`${args.join(" ")} `));
    const command = commandOf(args, commands);
    if (command) print(commandPage(command));
    else if (args.length === 0) print(overview(commands));
    else if (group.length > 0) print(group.map(commandPage).join("\n\n"));
    else throw unknownCommand(args, commands);
    return 0;
  },
};

const isOfPhone = ({ name }: Command): boolean => name.startsWith("phone ");
const listOf = (some: readonly Command[]): string =>
  some.map((command) => entry(shortUsage(command), command.summary)).join("\n");

const overview = (commands: readonly Command[]): string => `npx gatewright COMMAND

administration, of the server at GATEWRIGHT_ADMIN_URL (http://127.0.0.1:8081) as the API client
admin, whose secret is in GATEWRIGHT_ADMIN_SECRET:
${listOf(commands.filter((command) => !isOfPhone(command)))}

a phone in the terminal, with the app GATEWRIGHT_PHONE_APPLICATION of the server whose issuer is
GATEWRIGHT_PHONE_ISSUER (http://127.0.0.1:8080/oauth):
${listOf(commands.filter(isOfPhone))}

programs, which npm run starts as well:
${Object.entries(words)
  .map(([word, { summary }]) => entry(word, summary))
  .join("\n")}`;
