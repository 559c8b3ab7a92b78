// A walk along the chain of events: what each step proves, and what does not hold.
import type { AuditChain } from "../../identity/audit_chain.ts";
import type { EventRow, SealedEnds } from "../../store/event_chain.ts";
import { isSealed } from "../../store/event_chain.ts";
import { columnsOf, readBody } from "./event_body.ts";

/** A place at which the chain does not hold. */
export interface Problem {
  readonly at: number;
  readonly problem: "changed" | "missing" | "end_wrong" | "checkpoint_wrong";
  /** For people. */
  readonly detail: string;
}

/** Where a walk begins: at which event, and behind which MAC; undefined when that is not to be had. */
export interface WalkStart {
  readonly first: number;
  readonly previousMac: string | undefined;
}

/** A walk. Its steps are to be in the order of the events. */
export interface Walk {
  /** Events so far that are as they were written. */
  readonly verified: number;
  /** The last event so far, or the place before the first. */
  readonly lastSeq: number;
  /** Verifies the next event that there is. */
  step(row: EventRow): readonly Problem[];
  /** Verifies the end, from the ends before and after the events were read. */
  end(before: SealedEnds, after: SealedEnds): readonly Problem[];
  /** Holds checkpoints against what was walked; with `isLast` also those that name nothing that is there. */
  compare(checkpoints: readonly string[], ends: SealedEnds, isLast: boolean): readonly Problem[];
}

const changed = (at: number, detail: string): Problem => ({ at, problem: "changed", detail });
const missing = (at: number, until: number): Problem => ({
  at,
  problem: "missing",
  detail: at === until ? "the event is not there" : `events ${at} to ${until} are not there`,
});
const endWrong = (at: number, detail: string): Problem => ({ at, problem: "end_wrong", detail });

/** Names the first column that does not say what the text says; undefined when all do. */
export function differingColumn(row: EventRow): string | undefined {
  const body = readBody(row.body);
  if (!body) return "body";
  const columns = Object.entries(columnsOf(body));
  return columns.find(([name, value]) => row[name as keyof EventRow] !== value)?.[0];
}

/** Begins a walk. Source: SEC-77. */
export function walkFrom(chain: AuditChain, start: WalkStart): Walk {
  const macs = new Map<number, string>();
  let { previousMac } = start;
  let lastSeq = start.first - 1;
  let verified = 0;
  // Not there: then nothing can be said of the event behind it, beyond its own text and columns.
  const problems: Problem[] = previousMac === undefined ? [missing(lastSeq, lastSeq)] : [];
  if (previousMac !== undefined) macs.set(lastSeq, previousMac);

  function step(row: EventRow): Problem[] {
    const found = problems.splice(0);
    if (row.seq <= lastSeq)
      return [...found, changed(row.seq, "an event that was removed is back")];
    if (row.seq > lastSeq + 1) {
      found.push(missing(lastSeq + 1, row.seq - 1));
      previousMac = undefined;
    }
    const isProved =
      previousMac === undefined || chain.mac(previousMac, row.seq, row.body) === row.mac;
    const column = differingColumn(row);
    if (!isProved) found.push(changed(row.seq, "its text, its place or its proof was changed"));
    else if (column) found.push(changed(row.seq, `${column} is not what it was`));
    else if (previousMac !== undefined) verified += 1;
    lastSeq = row.seq;
    previousMac = row.mac;
    macs.set(row.seq, row.mac);
    return found;
  }

  function end(before: SealedEnds, after: SealedEnds): Problem[] {
    const found = problems.splice(0);
    if (lastSeq < before.lastSeq) found.push(missing(lastSeq + 1, before.lastSeq));
    if (lastSeq > after.lastSeq) found.push(endWrong(after.lastSeq, "events go on behind the end"));
    for (const ends of [before, after]) {
      const mac = macs.get(ends.lastSeq);
      const isOther = mac !== undefined && mac !== ends.lastMac;
      if (isOther || !isSealed(ends, chain)) {
        found.push(endWrong(ends.lastSeq, "the end is not as it was written"));
        break;
      }
    }
    return found;
  }

  function compareOne(text: string, ends: SealedEnds, isLast: boolean): Problem | undefined {
    const wrong = (at: number, detail: string): Problem => ({
      at,
      problem: "checkpoint_wrong",
      detail,
    });
    const said = chain.readCheckpoint(text);
    if (!said) return isLast ? wrong(0, "this server did not sign the checkpoint") : undefined;
    const { seq, mac } = said;
    const when = new Date(said.at).toISOString();
    const found = macs.get(seq);
    if (found !== undefined && found !== mac) {
      return wrong(seq, `the event is not the one of the checkpoint of ${when}`);
    }
    if (isLast && seq > ends.lastSeq) return wrong(seq, `the chain ended here already at ${when}`);
    return undefined;
  }

  return {
    get verified() {
      return verified;
    },
    get lastSeq() {
      return lastSeq;
    },
    step,
    end,
    compare: (checkpoints, ends, isLast) =>
      checkpoints.map((text) => compareOne(text, ends, isLast)).filter((one) => one !== undefined),
  };
}
