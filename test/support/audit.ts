// The chain of events as tests write and verify it, under a key of their own.
import type { VerifyAuditResponse } from "../../gen/gatewright/v1/audit.ts";
import { milliseconds } from "../../server/core/clock.ts";
import { noEvents } from "../../server/flows/events/event.ts";
import { draftOf } from "../../server/flows/events/event_body.ts";
import { verifyAudit } from "../../server/flows/events/verify_audit.ts";
import { auditChain } from "../../server/identity/audit_chain.ts";
import { derive, masterKey } from "../../server/identity/master_key.ts";
import type { EventDraft } from "../../server/store/event_chain.ts";
import type { Store } from "../../server/store/store.ts";

/** When the first event of a test occurs. */
export const start = 1_800_000_000_000;

/** The chain's proofs under a key that every process of a test has. */
export const chain = auditChain(derive(masterKey(new Uint8Array(32).fill(7)), "audit_chain"));

/** Gives event number `number`, which occurs that many milliseconds after the first. */
export const draft = (number: number, userId = `User ${number % 3}`): EventDraft =>
  draftOf(
    {
      type: number % 2 === 0 ? "DYNAMIC_REG_SUCCESS" : "ID_TOKEN_CREATED",
      clientId: `client ${number % 5}`,
      userId,
      transactionId: `transaction ${Math.floor(number / 4)}`,
      details: { number },
    },
    { address: "192.0.2.1", userAgent: "a test" },
    milliseconds(start + number),
  );

/** Gives events from one number to another. */
export const drafts = (first: number, last: number): EventDraft[] =>
  Array.from({ length: last - first + 1 }, (_, index) => draft(first + index));

/** What a whole walk found. */
export interface Verified {
  readonly verified: number;
  /** As `problem at`. */
  readonly problems: readonly string[];
  readonly last: VerifyAuditResponse;
}

/** Walks the chain from end to end. */
export async function verified(
  store: Pick<Store, "events">,
  checkpoints: readonly string[] = [],
): Promise<Verified> {
  const problems: string[] = [];
  let count = 0;
  for (let first = 0; ; ) {
    const ports = { store, events: noEvents, identity: { auditChain: chain } };
    const last = await verifyAudit(ports, { first, checkpoints: [...checkpoints] });
    count += last.verified;
    problems.push(...last.findings.map(({ problem, at }) => `${problem} ${at}`));
    if (last.next === undefined) return { verified: count, problems, last };
    first = last.next;
  }
}
