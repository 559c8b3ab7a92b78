// The commands `audit ...`: whether the record of what happened is whole.
import { styleText } from "node:util";
import type { AuditFinding } from "../../gen/gatewright/v1/audit.ts";
import { columnLines } from "./columns.ts";
import type { Command } from "./command.ts";
import { exactly } from "./command.ts";
import { optionsOf } from "./options.ts";

const findingsLimit = 10;

const findingLines = (findings: readonly AuditFinding[]): readonly string[] =>
  columnLines(
    findings.map(({ at, problem, detail }) => [[problem, "red"] as const, String(at), detail]),
    [1],
  );

/** Verifies the whole chain of events. */
export const auditVerify: Command = {
  name: "audit verify",
  usage: "[--checkpoint TEXT]...",
  summary: "verifies that no event was changed, dropped or moved",
  details: [
    "--checkpoint takes what audit checkpoint printed earlier, or an hourly line of the log, and may be",
    "given more than once: without one, nobody can tell whether the newest events were cut off.",
    "Exits with 0 when all is well, 1 when it is not.",
  ],
  async run(args, { admin, print, note }) {
    const { values } = optionsOf(args, 0, { checkpoint: { type: "string", multiple: true } });
    const client = admin();
    const findings: AuditFinding[] = [];
    let verified = 0;
    let first = 0;
    let last = 0;
    for (let next: number | undefined = 0; next !== undefined; ) {
      const request = { first: next, checkpoints: values.checkpoint ?? [] };
      const stretch = await client.verifyAudit(request);
      findings.push(...stretch.findings);
      verified += stretch.verified;
      first ||= stretch.first;
      last = stretch.last || last;
      next = findings.length < findingsLimit ? stretch.next : undefined;
      if (next !== undefined && process.stderr.isTTY) note(`${verified} of ${stretch.end} events`);
    }
    const range = verified === 0 ? "" : `, seq ${first} to ${last}`;
    print(`${verified} events verified${range}`);
    if (findings.length === 0) return 0;
    print(findingLines(findings.slice(0, findingsLimit)).join("\n"));
    print(styleText("red", "the chain of events does not hold"));
    return 1;
  },
};

/** Prints a checkpoint. */
export const auditCheckpoint: Command = {
  name: "audit checkpoint",
  usage: "",
  summary: "prints a signed statement of where the events end",
  details: ["Kept elsewhere, and given to audit verify, it shows that nothing was cut off since."],
  async run(args, { admin, print }) {
    exactly(args, 0);
    const { checkpoint } = await admin().getAuditCheckpoint({});
    print(checkpoint);
    return 0;
  },
};
