// The commands `scripts ...`: the saved versions of scripts.
import type { ScriptVersion } from "../../gen/gatewright/v1/script_admin.ts";
import type { Cell } from "./columns.ts";
import { columnLines } from "./columns.ts";
import type { Command } from "./command.ts";
import { exactly } from "./command.ts";
import { countOf } from "./options.ts";
import { slotOf } from "./slot.ts";

const mostVersions = 2_147_483_647;
const timeOf = (time: Date | undefined): string => time?.toISOString() ?? "";
const heading = (...names: string[]): Cell[] => names.map((name): Cell => [name, "bold"]);
const hashLength = 10;

function versionRow({ version, live, createdAt, author, sha256, message }: ScriptVersion): Cell[] {
  const mark: Cell = live ? ["live", "green"] : "";
  const sum: Cell = [sha256.slice(0, hashLength), "dim"];
  return [String(version), mark, timeOf(createdAt), author, sum, message];
}

/** Lists the live version of every script. */
export const scriptsList: Command = {
  name: "scripts list",
  usage: "",
  summary: "lists all scripts with their live versions",
  async run(args, { admin, print }) {
    exactly(args, 0);
    const { scripts } = await admin().listScripts({});
    const rows = scripts.map(({ script, version, createdAt, author, message }): Cell[] => [
      script,
      String(version),
      timeOf(createdAt),
      author,
      message,
    ]);
    const lines = columnLines([heading("SLOT", "VERSION", "SAVED", "BY"), ...rows], [1]);
    print(rows.length === 0 ? "no scripts" : lines.join("\n"));
    return 0;
  },
};

/** Lists all versions of a script. */
export const scriptsVersions: Command = {
  name: "scripts versions",
  usage: "SLOT",
  summary: "lists all versions of a script, the newest first",
  details: ["SLOT is such as identity_providers/qr/complete; scripts list names all."],
  async run(args, { admin, print }) {
    const [slot = ""] = exactly(args, 1);
    const { versions } = await admin().listScriptVersions(slotOf(slot));
    const rows = [heading("VERSION", "", "SAVED", "BY", "SHA-256"), ...versions.map(versionRow)];
    print(columnLines(rows, [0]).join("\n"));
    return 0;
  },
};

/** Prints the source of a version. */
export const scriptsShow: Command = {
  name: "scripts show",
  usage: "SLOT VERSION",
  summary: "prints the source of a version, and nothing else",
  async run(args, { admin, print }) {
    const [slot = "", number = ""] = exactly(args, 2);
    const version = countOf("VERSION", number, mostVersions);
    const { source } = await admin().getScriptVersion({ ...slotOf(slot), version });
    // One line feed at the end is added by printing.
    print(source.endsWith("\n") ? source.slice(0, -1) : source);
    return 0;
  },
};

/** Makes a version live. */
export const scriptsActivate: Command = {
  name: "scripts activate",
  usage: "SLOT VERSION",
  summary: "makes a version live, which is also the way back to an older one",
  details: ["Runs that begin afterwards use it, also those of transactions under way."],
  async run(args, { admin, print }) {
    const [slot = "", number = ""] = exactly(args, 2);
    const version = countOf("VERSION", number, mostVersions);
    const { version: active } = await admin().activateScriptVersion({ ...slotOf(slot), version });
    const saved = `saved ${timeOf(active?.createdAt)} by ${active?.author ?? ""}`;
    print(`${slot}@${version} is live (${saved})`);
    return 0;
  },
};
