// An execution as a page for people.
import { styleText } from "node:util";
import type {
  Execution,
  ExecutionHostCall,
  ExecutionLogLine,
  Position,
} from "../../gen/gatewright/v1/script_admin.ts";
import type { Cell } from "./columns.ts";
import { columnLines } from "./columns.ts";
import { printable } from "./printable.ts";

type Style = Parameters<typeof styleText>[0];

const milliseconds = (count: number): string => `${count.toFixed(count < 100 ? 2 : 0)} ms`;
const placeOf = (file: string, position: Position | undefined): string =>
  position ? `${file}:${position.line}:${position.column}` : "";

const statusStyle = (status: number): Style =>
  status < 3000 ? "green" : status < 5000 ? "yellow" : "red";

/** Gives what came of an execution: a status, or why there is none. */
function resultOf({ status, failure }: Execution): Cell {
  if (!failure) return status === undefined ? "" : [String(status), statusStyle(status)];
  const limit = failure.limit === "" ? "" : ` ${failure.limit}`;
  return [`failed ${failure.code}${limit}`, "red"];
}

/** Gives the slot of an execution with the version that ran. */
const scriptOf = ({ script, version }: Execution): string =>
  version === 0 ? script : `${script}@${version}`;

/** The headings of `executionRow`. */
export const executionHeadings: readonly Cell[] = [
  "STARTED",
  "SCRIPT",
  "RESULT",
  "TOOK",
  "CPU",
  "LOG",
  "CALLS",
  "ID",
].map((name): Cell => [name, "bold"]);
/** Which columns of `executionRow` hold numbers. */
export const numberColumns: readonly number[] = [3, 4, 5, 6];

/** Gives an execution as a row. */
export const executionRow = (execution: Execution): Cell[] => [
  execution.startedAt?.toISOString() ?? "",
  scriptOf(execution),
  resultOf(execution),
  milliseconds(execution.durationMs),
  milliseconds(execution.cpuMs),
  String(execution.logLines),
  String(execution.hostCallCount),
  execution.id,
];

const indented = (text: string, by: string): string =>
  printable(text)
    .split("\n")
    .map((line) => by + line)
    .join("\n");

function failureLines({ failure, file }: Execution): string[] {
  if (!failure) return [];
  const place = placeOf(file, failure.position);
  const stack = failure.stack.trimEnd();
  return [
    "",
    styleText("red", indented(failure.message, "  ")),
    ...(place === "" ? [] : [`  at ${place}`]),
    ...(stack === "" ? [] : [styleText("dim", indented(stack, "    "))]),
  ];
}

function inputLines({ input }: Execution): string[] {
  const given = Object.entries({
    requestPayload: input?.requestPayload,
    userIdentifier: input?.userIdentifier,
    registrationData: input?.registrationData,
    hookContextCustomParams: input?.hookContextCustomParams,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, JSON.stringify(value)]]));
  return given.length === 0 ? [] : ["", ...columnLines(given).map((line) => `  ${line}`)];
}

const levelStyles: Readonly<Record<string, Style>> = { warn: "yellow", error: "red" };

interface Moment {
  readonly ms: number;
  readonly cells: readonly Cell[];
  /** What the cells have no room for. */
  readonly below: readonly string[];
}

function logMoment(line: ExecutionLogLine, file: string): Moment {
  const [first = "", ...below] = line.text.split("\n");
  const level: Cell = [line.level, levelStyles[line.level] ?? "dim"];
  const place: Cell = [placeOf(file, line.position), "dim"];
  return {
    ms: line.loggedMs,
    cells: [level, first, place],
    below,
  };
}

function callMoment({
  name,
  startedMs,
  durationMs,
  arguments: given,
  answer,
}: ExecutionHostCall): Moment {
  const below = [
    ...(given === undefined ? [] : [`given  ${given}`]),
    ...(answer === undefined ? [] : [`answer ${answer}`]),
  ];
  const took: Cell = [milliseconds(durationMs), "dim"];
  return { ms: startedMs, cells: [["call", "cyan"], name, took], below };
}

/** Gives log and host calls in the order of time. */
function timeline({ log, hostCalls, file }: Execution): string[] {
  const moments = [...log.map((line) => logMoment(line, file)), ...hostCalls.map(callMoment)].sort(
    (a, b) => a.ms - b.ms,
  );
  if (moments.length === 0) return [];
  const rows = moments.map(({ ms, cells }): Cell[] => [[`+${milliseconds(ms)}`, "dim"], ...cells]);
  const lines = columnLines(rows, [0]);
  return [
    "",
    ...moments.flatMap(({ below }, index) => [
      `  ${lines[index]}`,
      ...below.map((line) => indented(line, "      ")),
    ]),
  ];
}

/** Gives an execution with everything that is known of it. */
export function executionPage(execution: Execution): string {
  const { startedAt, durationMs, cpuMs, file, recorded } = execution;
  const result = resultOf(execution);
  const shown = typeof result === "string" ? result : styleText(result[1], result[0]);
  const times = `${milliseconds(durationMs)}, ${milliseconds(cpuMs)} of it in the script`;
  return [
    [startedAt?.toISOString() ?? "", styleText("bold", scriptOf(execution)), shown].join("  "),
    `  ${[file, times, ...(recorded ? ["recorded"] : []), execution.id].filter(Boolean).join(", ")}`,
    ...failureLines(execution),
    ...inputLines(execution),
    ...timeline(execution),
  ].join("\n");
}
