// Verifies the chain of events, a stretch at a time.
import type { VerifyAuditRequest, VerifyAuditResponse } from "../../../gen/gatewright/v1/audit.ts";
import type { EventRow, SealedEnds } from "../../store/event_chain.ts";
import type { World } from "../world.ts";
import type { Problem } from "./walk.ts";
import { walkFrom } from "./walk.ts";

const pageSize = 500;
const stretchSize = 5_000;
const findingsLimit = 10;

/** What the chain is verified with. */
export interface AuditPorts {
  readonly store: Pick<World["store"], "events">;
  readonly events: Pick<World["events"], "drain">;
  readonly identity: Pick<World["identity"], "auditChain">;
}

/** A stretch of the chain, with its ends before and after it was read. */
interface Stretch {
  readonly before: SealedEnds;
  readonly after: SealedEnds;
  /** The MAC of the event before the first; undefined when that event is not there. */
  readonly previousMac: string | undefined;
  /** Where the stretch begins. */
  readonly first: number;
  readonly rows: readonly EventRow[];
}

/** Reads a stretch. Events may be appended and removed meanwhile; what begins elsewhere by then is read anew. */
async function readStretch({ store }: AuditPorts, wanted: number): Promise<Stretch> {
  for (;;) {
    const before = await store.events.ends();
    const oldest = before.removedSeq + 1;
    const first = Math.min(Math.max(wanted, oldest), before.lastSeq + 1);
    const rows: EventRow[] = [];
    // What is there from before the oldest ought not to be, and is read with it.
    let next = first === oldest ? Number.MIN_SAFE_INTEGER : first;
    let page: readonly EventRow[];
    do {
      page = await store.events.read(next, pageSize);
      rows.push(...page);
      next = (page.at(-1)?.seq ?? 0) + 1;
    } while (page.length === pageSize && rows.length < stretchSize);
    const [beforeFirst] = first === oldest ? [] : await store.events.read(first - 1, 1);
    const previousMac =
      first === oldest
        ? before.removedMac
        : beforeFirst?.seq === first - 1
          ? beforeFirst.mac
          : undefined;
    const after = await store.events.ends();
    if (after.removedSeq === before.removedSeq) return { before, after, previousMac, first, rows };
  }
}

/**
 * Verifies up to 5,000 events from `first` on: that each is as it was written and follows the one before,
 * that the columns say what the text says, and, where the stretch reaches it, that the chain ends where its
 * sealed end says. Checkpoints are held against the event that they name; what they say of events that
 * were removed because of their age cannot be. Source: SEC-77.
 */
export async function verifyAudit(
  world: AuditPorts,
  { first = 0, checkpoints }: VerifyAuditRequest,
): Promise<VerifyAuditResponse> {
  await world.events.drain();
  const chain = world.identity.auditChain;
  const wanted = Math.min(Math.floor(first), Number.MAX_SAFE_INTEGER);
  const { rows, before, after, ...start } = await readStretch(world, wanted);
  const walk = walkFrom(chain, { first: start.first, previousMac: start.previousMac });
  const findings: Problem[] = [];
  for (let at = 0; at < rows.length; at += pageSize) {
    for (const row of rows.slice(at, at + pageSize)) findings.push(...walk.step(row));
    // Proving takes its time, which others need as well.
    await new Promise((resume) => setImmediate(resume));
  }
  const isLast = rows.length < stretchSize;
  if (isLast) findings.push(...walk.end(before, after));
  findings.push(...walk.compare(checkpoints, after, isLast));
  const { verified, lastSeq } = walk;
  return {
    verified,
    first: rows.length === 0 ? 0 : start.first,
    last: rows.length === 0 ? 0 : lastSeq,
    findings: findings.slice(0, findingsLimit),
    next: isLast ? undefined : lastSeq + 1,
    end: after.lastSeq,
    removed: after.removedSeq,
  };
}
