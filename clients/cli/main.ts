// The command line: `npx gatewright COMMAND`. Exits with what the command gives, and with 1 on an error.
import { adminClient, adminUrl } from "./admin.ts";
import { UsageFault } from "./command.ts";
import { commandPage, unknownCommand } from "./help.ts";
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

const [given = "help", ...args] = process.argv.slice(2);
const name = (Object.hasOwn(aliases, given) && aliases[given]) || given;
const command = commands.find((candidate) => candidate.name === name);
try {
  if (!command) throw unknownCommand(name, commands);
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const admin = () => adminClient(process.env);
  process.exitCode = await command.run(args, { admin, print, commands });
} catch (error) {
  const trouble = troubleOf(error, adminUrl(process.env), args[0]);
  if (trouble === undefined) throw error;
  console.error(`gatewright ${name}: ${trouble}`);
  if (command && error instanceof UsageFault) console.error(`\n${commandPage(command)}`);
  process.exitCode = 1;
}
