// The commands `executions ...`: what scripts did.
import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import type { Divergence, Execution } from "../../gen/gatewright/v1/script_admin.ts";
import { columnLines } from "./columns.ts";
import type { Command } from "./command.ts";
import { exactly, UsageFault } from "./command.ts";
import { executionHeadings, executionPage, executionRow, numberColumns } from "./execution_page.ts";
import { countOf, optionsOf } from "./options.ts";

const filter = { script: { type: "string" }, failed: { type: "boolean" } } as const;
const filterDetails = [
  "--script takes only those of this slot, such as identity_providers/qr/complete, --failed only those",
  "that failed.",
];

/** Lists executions. */
export const executionsList: Command = {
  name: "executions list",
  usage: "[--script SLOT] [--failed] [--limit N]",
  summary: "lists executions of scripts, the newest first",
  details: [...filterDetails, "--limit says how many there are at most; it is 50 otherwise."],
  async run(args, { admin, print }) {
    const { values } = optionsOf(args, 0, { ...filter, limit: { type: "string" } });
    const { script = "", failed = false, limit = "50" } = values;
    const most = countOf("--limit", limit, 10_000);
    const client = admin();
    const found: Execution[] = [];
    let pageToken = "";
    for (let left = most; left > 0; left -= 500) {
      const pageSize = Math.min(left, 500);
      const page = await client.listExecutions({ script, failed, pageSize, pageToken });
      found.push(...page.executions);
      pageToken = page.nextPageToken;
      if (pageToken === "") break;
    }
    const rows = [executionHeadings, ...found.map(executionRow)];
    print(found.length === 0 ? "no executions" : columnLines(rows, numberColumns).join("\n"));
    return 0;
  },
};

/** Shows one execution. */
export const executionsShow: Command = {
  name: "executions show",
  usage: "ID",
  summary: "shows an execution: what came of it, its log, its host calls",
  details: ["ID is that of executions list, or the error_id of a call that failed."],
  async run(args, { admin, print }) {
    const [id = ""] = exactly(args, 1);
    const { execution } = await admin().getExecution({ id });
    if (execution) print(executionPage(execution));
    return 0;
  },
};

const day = 24 * 3_600_000;

/** Shows executions as they end. */
export const executionsTail: Command = {
  name: "executions tail",
  usage: "[--script SLOT] [--failed]",
  summary: "shows executions as they end, until Ctrl-C",
  details: filterDetails,
  async run(args, { admin, print, note }) {
    const { values } = optionsOf(args, 0, filter);
    const { script = "", failed = false } = values;
    const answers = admin().tailExecutions({ script, failed }, { timeoutMs: day });
    let isFirst = true;
    for await (const { execution } of answers) {
      if (isFirst) note("waiting for executions; Ctrl-C ends");
      isFirst = false;
      if (execution) print(`${executionPage(execution)}\n`);
    }
    return 0;
  },
};

function sourceOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageFault(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

const orEnd = (text: string): string => (text === "" ? "nothing more" : text);

function divergenceLines({ call, expected, got }: Divergence): string[] {
  const where = call === 0 ? "in what it logged or what came of it" : `at host call ${call}`;
  const rows = [
    ["  expected", orEnd(expected)],
    ["  got", orEnd(got)],
  ];
  return [styleText("red", `differs ${where}`), ...columnLines(rows)];
}

/** Runs a recorded execution again. */
export const executionsReplay: Command = {
  name: "executions replay",
  usage: "ID [--with FILE]",
  summary: "runs a recorded execution again, and compares",
  details: [
    "The script gets the answers, times and random values that it got then, and reaches nothing outside.",
    "--with runs the script in FILE in place of the version that ran. Exits with 0 when all is identical,",
    "1 when it differs or cannot be replayed.",
  ],
  async run(args, { admin, print }) {
    const { words, values } = optionsOf(args, 1, { with: { type: "string" } });
    const [id = ""] = words;
    const source = values.with === undefined ? undefined : sourceOf(values.with);
    const replay = await admin().replayExecution({ id, source });
    const { identical, divergence, execution, changedProperties } = replay;
    const changed = `it read properties that have other values by now: ${changedProperties.join(", ")}`;
    const lines = [
      ...(identical ? [styleText("green", "identical")] : []),
      ...(divergence ? divergenceLines(divergence) : []),
      ...(changedProperties.length > 0 ? [styleText("yellow", changed)] : []),
      ...(execution && !identical ? ["", "the replay:", executionPage(execution)] : []),
    ];
    print(lines.join("\n"));
    return identical ? 0 : 1;
  },
};
