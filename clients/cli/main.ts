// The command line: `npx gatewright COMMAND`. Exits with what the command gives, and with 1 on an error.
import { adminClient, adminUrl } from "./admin.ts";
import { UsageFault } from "./command.ts";
import { commandOf, commandPage, unknownCommand } from "./help.ts";
import { commands } from "./table.ts";
import { troubleOf } from "./trouble.ts";

// Whoever reads the output may have read enough of it.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const aliases: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "-v": "--version",
};

const [given = "help", ...rest] = process.argv.slice(2);
const words = [(Object.hasOwn(aliases, given) && aliases[given]) || given, ...rest];
const command = commandOf(words, commands);
const name = command?.name ?? words[0];
const args = words.slice(command?.name.split(" ").length ?? 1);
try {
  if (!command) throw unknownCommand(words, commands);
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const note = (text: string) => process.stderr.write(`${text}\n`);
  const environment = process.env;
  const admin = () => adminClient(environment);
  process.exitCode = await command.run(args, { admin, print, note, environment, commands });
} catch (error) {
  const trouble = troubleOf(error, adminUrl(process.env), args[0]);
  if (trouble === undefined) throw error;
  console.error(`gatewright ${name}: ${trouble}`);
  if (command && error instanceof UsageFault) console.error(`\n${commandPage(command)}`);
  process.exitCode = 1;
}
