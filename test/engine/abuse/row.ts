// What a row of the abuse tables is, and how the end of a run is written in one line.
import type { ScriptRun } from "../../../server/engine/script.ts";

/**
 * One script that means harm: what it tries, its text, and the line that `endingOf` gives for its
 * end, or a pattern of it. The text is the body of `execute`, which may leave something to show in
 * `got`; in the table of sources it is the whole source.
 */
export type Abuse = readonly [attempt: string, text: string, ends: string | RegExp];

/** Ends by the limit of processor time: by itself, or with its worker when one step takes long. */
export const cpu = /^limit cpu/;

/** Ends with its worker, because nothing inside of the interpreter can stop it. */
export const killed = "limit cpu, worker ended";

/** Ends at its limit of time or of memory, whichever this machine reaches first. */
export const cpuOrMemory = /^limit (cpu|memory)/;

/** Ends with the limit of memory, as an error of the script or by the host. */
export const memory = "limit memory";

/** Ends with the limit of the stack. */
export const stack = "limit stack";

/** Does no harm and returns what it left in `got`. */
export const returns = (got = ""): string => `2000 ${got}`;

/** The source of a row: `execute` with the body, and a valid result after it. */
export const sourceOf = (body: string): string => `function execute(payload, user, data, params) {
  let got = "";
  ${body}
  return { status: 2000, responsePayload: got, user: { id: "u" } };
}`;

/** The end of a run in one line: its limit, its code and message, or its status and payload. */
export const endingOf = ({ outcome }: ScriptRun): string => {
  if (outcome.kind === "returned") return `${outcome.status} ${outcome.responsePayload ?? ""}`;
  const { limit, code, message } = outcome;
  if (limit === undefined) return `${code} ${message}`;
  return `limit ${limit}${message.endsWith("its worker was ended") ? ", worker ended" : ""}`;
};
