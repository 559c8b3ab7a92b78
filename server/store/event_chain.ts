// Writing to the chain of events: events go on at its end, and the oldest go for good.
import assert from "node:assert/strict";
import type { Transaction } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import type { DurableTables } from "./schema.ts";

/** An event before it has its place. `body` is JSON text of all of it. */
export interface EventDraft {
  readonly occurredAt: Milliseconds;
  readonly type: string;
  /** The user in lower case. */
  readonly userKey: string | null;
  readonly clientId: string | null;
  readonly transactionId: string | null;
  readonly body: string;
}

/** An event in its place. `seq` counts from 1 without gaps. */
export interface EventRow extends EventDraft {
  readonly seq: number;
  readonly mac: string;
}

/** The two ends of the chain, 0 and "" for none, and the seal over them, "" before the first event. */
export interface SealedEnds {
  readonly lastSeq: number;
  readonly lastMac: string;
  /** The last event that was removed because of its age. */
  readonly removedSeq: number;
  readonly removedMac: string;
  readonly seal: string;
}

/** Makes what proves the chain; handed in, since this room knows no keys. */
export interface ChainMaker {
  mac(previousMac: string, seq: number, body: string): string;
  seal(ends: Omit<SealedEnds, "seal">): string;
}

/** Events that go into the chain together. */
export interface Append {
  readonly events: readonly EventDraft[];
  readonly chain: ChainMaker;
}

type Db = Transaction<DurableTables>;

/** In place of the seal, once the ends were not as they had been written: nothing heals that. */
const brokenSeal = "broken";
const largestInsert = 7;

/** Reads the ends in a statement that makes every other writer of the chain wait until the end. */
async function lockEnds(transaction: Db): Promise<SealedEnds> {
  const row = await transaction
    .updateTable("event_chain")
    .set((column) => ({ last_seq: column.ref("last_seq") }))
    .where("id", "=", 1)
    .returningAll()
    .executeTakeFirst();
  assert(row, "the event chain has lost its ends");
  return endsOfRow(row);
}

/** Gives ends from their row. */
export const endsOfRow = (row: DurableTables["event_chain"]): SealedEnds => ({
  lastSeq: row.last_seq,
  lastMac: row.last_mac,
  removedSeq: row.removed_seq,
  removedMac: row.removed_mac,
  seal: row.seal,
});

/** Tells whether ends are sealed, or those of a chain that has not begun. */
export function isSealed(ends: SealedEnds, chain: Pick<ChainMaker, "seal">): boolean {
  const { lastSeq, lastMac, removedSeq, removedMac, seal } = ends;
  const isNew = seal === "" && lastSeq === 0 && removedSeq === 0 && !lastMac && !removedMac;
  return isNew || seal === chain.seal(ends);
}

/** Gives the row of ends. */
export const rowOfEnds = (ends: SealedEnds) => ({
  last_seq: ends.lastSeq,
  last_mac: ends.lastMac,
  removed_seq: ends.removedSeq,
  removed_mac: ends.removedMac,
  seal: ends.seal,
});

const writeEnds = (transaction: Db, ends: SealedEnds) =>
  transaction.updateTable("event_chain").set(rowOfEnds(ends)).where("id", "=", 1).execute();

// What somebody put farther behind the end than this is passed over, so that places do not run out.
const nearEnd = 1_000_000;

/**
 * Gives the event behind which the next one goes, and whether it is the one that the ends name under
 * their seal. One that somebody put or took away by hand must not keep us from writing, nor be hidden by it.
 */
async function hookOf(transaction: Db, ends: SealedEnds, chain: ChainMaker) {
  const last = await transaction
    .selectFrom("event")
    .select(["seq", "mac"])
    .where("seq", "<=", ends.lastSeq + nearEnd)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  const { seq, mac } = last ?? { seq: ends.removedSeq, mac: ends.removedMac };
  const isIntact = isSealed(ends, chain) && seq === ends.lastSeq && mac === ends.lastMac;
  return { seq: Math.max(seq, ends.lastSeq), mac, isIntact };
}

type Row = DurableTables["event"];

/** Gives events their places and proofs behind one that is there. */
export function linked(
  behind: { readonly seq: number; readonly mac: string },
  events: readonly EventDraft[],
  chain: ChainMaker,
): readonly Row[] {
  let { seq, mac } = behind;
  return events.map((event) => {
    seq += 1;
    mac = chain.mac(mac, seq, event.body);
    return {
      seq,
      occurred_at: event.occurredAt,
      type: event.type,
      user_key: event.userKey,
      client_id: event.clientId,
      transaction_id: event.transactionId,
      body: event.body,
      mac,
    };
  });
}

/** Parts rows into those of single statements: powers of two, so that there are few to prepare. */
export function inserts(rows: readonly Row[]): readonly (readonly Row[])[] {
  const parts: (readonly Row[])[] = [];
  for (let at = 0; at < rows.length; at += parts.at(-1)?.length ?? 0) {
    const size = 2 ** Math.min(largestInsert, Math.floor(Math.log2(rows.length - at)));
    parts.push(rows.slice(at, at + size));
  }
  return parts;
}

/** Gives the ends of a chain that goes on with rows. */
export function endsBehind(ends: SealedEnds, rows: readonly Row[]): SealedEnds {
  const { seq, mac } = rows.at(-1) ?? { seq: ends.lastSeq, mac: ends.lastMac };
  return { ...ends, lastSeq: seq, lastMac: mac };
}

/**
 * Appends events within a transaction: they are there if it commits. It holds back all other writers of
 * the chain until then, so it comes last, and after the configuration where both are locked. Gives
 * the new ends, undefined when the chain's end is not as it was written; the events are there all the same,
 * and the seal stays broken for ever. Source: SEC-77.
 */
export async function appendIn(
  transaction: Db,
  { events, chain }: Append,
): Promise<SealedEnds | undefined> {
  if (events.length === 0) return undefined;
  const ends = await lockEnds(transaction);
  const { isIntact, ...hook } = await hookOf(transaction, ends, chain);
  const rows = linked(hook, events, chain);
  for (const some of inserts(rows)) await transaction.insertInto("event").values(some).execute();
  const behind = endsBehind(ends, rows);
  const moved = { ...behind, seal: isIntact ? chain.seal(behind) : brokenSeal };
  await writeEnds(transaction, moved);
  return isIntact ? moved : undefined;
}

/** How many events a step of pruning removes at most. */
export const prunedAtOnce = 200;

/**
 * Removes events from the old end of the chain, at most 200, as long as each follows the one before and
 * `mayGo` agrees, and gives how many. The ends keep their place in the chain. The last event of all stays.
 * Source: our decision.
 */
export async function pruneIn(
  transaction: Db,
  chain: ChainMaker,
  mayGo: (row: EventRow, previousMac: string) => boolean,
): Promise<number> {
  const ends = await lockEnds(transaction);
  const rows = await transaction
    .selectFrom("event")
    .selectAll()
    .where("seq", ">", ends.removedSeq)
    .where("seq", "<", ends.lastSeq)
    .orderBy("seq")
    .limit(prunedAtOnce)
    .execute();
  let { removedSeq, removedMac } = ends;
  for (const row of rows.map(eventOfRow)) {
    if (row.seq !== removedSeq + 1 || !mayGo(row, removedMac)) break;
    removedSeq = row.seq;
    removedMac = row.mac;
  }
  const removed = removedSeq - ends.removedSeq;
  if (removed === 0) return 0;
  await transaction.deleteFrom("event").where("seq", "<=", removedSeq).execute();
  const moved = { ...ends, removedSeq, removedMac };
  const seal = isSealed(ends, chain) ? chain.seal(moved) : brokenSeal;
  await writeEnds(transaction, { ...moved, seal });
  return removed;
}

/** Gives an event from its row. */
export const eventOfRow = (row: DurableTables["event"]): EventRow => ({
  seq: row.seq,
  occurredAt: row.occurred_at as Milliseconds,
  type: row.type,
  userKey: row.user_key,
  clientId: row.client_id,
  transactionId: row.transaction_id,
  body: row.body,
  mac: row.mac,
});
