// Events: appended to a chain, searched by administrators, read in order by whoever verifies them.
import type { Expression, ExpressionBuilder, SqlBool } from "kysely";
import type { Durable } from "./durable.ts";
import type { Append, ChainMaker, EventRow, SealedEnds } from "./event_chain.ts";
import {
  appendIn,
  endsBehind,
  endsOfRow,
  eventOfRow,
  inserts,
  linked,
  pruneIn,
  rowOfEnds,
} from "./event_chain.ts";
import type { DurableTables } from "./schema.ts";
import { padded, Unmet } from "./statement.ts";

/** Which events are meant; an absent member takes all, and so does an empty list. */
export interface EventFilter {
  /** In lower case. */
  readonly userKey?: string | undefined;
  readonly clientId?: string | undefined;
  readonly transactionId?: string | undefined;
  /** Any of these types. */
  readonly types?: readonly string[];
  /** None of these. */
  readonly otherTypes?: readonly string[];
  /** At or after. A whole number. */
  readonly from?: number | undefined;
  /** Before. A whole number. */
  readonly before?: number | undefined;
}

/** The events. Source: D-63, SEC-77. */
export interface Events {
  /**
   * Puts events at the end of the chain in one atomic step, in their order. Any number of processes may
   * at once: they take turns. "broken" as `appendIn` says, and once when the end lies before one that this
   * process wrote already: somebody wound it back under its old seal.
   */
  append(append: Append): Promise<"intact" | "broken">;
  /** Gives events by falling time and then falling place, from `offset` on, and how many match. */
  list(
    filter: EventFilter,
    offset: number,
    limit: number,
  ): Promise<{ readonly total: number; readonly rows: readonly EventRow[] }>;
  /** Gives up to `limit` events from place `first` on, in the order of the chain. */
  read(first: number, limit: number): Promise<readonly EventRow[]>;
  /** Gives the ends of the chain. */
  ends(): Promise<SealedEnds>;
  /** Removes some of the oldest events, as `pruneIn` says, and gives how many. */
  prune(chain: ChainMaker, mayGo: (row: EventRow, previousMac: string) => boolean): Promise<number>;
}

type Where = ExpressionBuilder<DurableTables, "event">;

function conditionsOf(where: Where, filter: EventFilter): Expression<SqlBool>[] {
  const { userKey, clientId, transactionId, types = [], otherTypes = [], from, before } = filter;
  return [
    ...(userKey === undefined ? [] : [where("user_key", "=", userKey)]),
    ...(clientId === undefined ? [] : [where("client_id", "=", clientId)]),
    ...(transactionId === undefined ? [] : [where("transaction_id", "=", transactionId)]),
    ...(types.length === 0 ? [] : [where("type", "in", padded(types))]),
    ...(otherTypes.length === 0 ? [] : [where("type", "not in", padded(otherTypes))]),
    ...(from === undefined ? [] : [where("occurred_at", ">=", from)]),
    ...(before === undefined ? [] : [where("occurred_at", "<", before)]),
  ];
}

/**
 * Gives `append`. As long as nobody else moved the end since the last time it is a unit, which shares a
 * commit with others; else it locks the end and looks. Source: our measurement, a commit of its own for
 * every batch takes up to half of what the other writers have.
 */
function appender(durable: Durable): Events["append"] {
  const { db } = durable;
  let known: SealedEnds | undefined;

  async function appendBehind(ends: SealedEnds, { events, chain }: Append): Promise<boolean> {
    const rows = linked({ seq: ends.lastSeq, mac: ends.lastMac }, events, chain);
    const behind = endsBehind(ends, rows);
    const moved = { ...behind, seal: chain.seal(behind) };
    const move = db
      .updateTable("event_chain")
      .set(rowOfEnds(moved))
      .where((where) => where.and({ id: 1, ...rowOfEnds(ends) }));
    const puts = inserts(rows).map((some) => db.insertInto("event").values(some));
    try {
      await durable.unit([
        { query: move.compile(), expect: 1 },
        ...puts.map((put) => ({ query: put.compile() })),
      ]);
    } catch (error) {
      if (error instanceof Unmet) return false;
      throw error;
    }
    known = moved;
    return true;
  }

  return async (append) => {
    if (append.events.length === 0) return "intact";
    const ends = known;
    known = undefined;
    if (ends && (await appendBehind(ends, append))) return "intact";
    const found = await durable.transaction((transaction) => appendIn(transaction, append));
    known = found;
    const isWoundBack = found && ends && found.lastSeq - append.events.length < ends.lastSeq;
    return found && !isWoundBack ? "intact" : "broken";
  };
}

/** Gives the events in the durable store. */
export function eventsIn(durable: Durable): Events {
  const { db } = durable;
  const matching = (filter: EventFilter) =>
    db.selectFrom("event").where((where) => where.and(conditionsOf(where, filter)));
  return {
    append: appender(durable),
    async list(filter, offset, limit) {
      const count = matching(filter).select(({ fn }) => fn.countAll<number>().as("count"));
      const [counted] = await durable.rows(count.compile());
      const total = Number(counted?.count ?? 0);
      if (offset >= total) return { total, rows: [] };
      // Only places are put in order, for whole events fill the memory: our measurement, a quarter of the time.
      const page = matching(filter)
        .select("seq")
        .orderBy("occurred_at", "desc")
        .orderBy("seq", "desc")
        .limit(limit)
        .offset(offset);
      const query = db
        .selectFrom("event")
        .selectAll()
        .where("seq", "in", page)
        .orderBy("occurred_at", "desc")
        .orderBy("seq", "desc");
      const rows = await durable.rows(query.compile());
      return { total, rows: rows.map(eventOfRow) };
    },
    async read(first, limit) {
      const query = db
        .selectFrom("event")
        .selectAll()
        .where("seq", ">=", first)
        .orderBy("seq")
        .limit(limit);
      return (await durable.rows(query.compile())).map(eventOfRow);
    },
    async ends() {
      const query = db.selectFrom("event_chain").selectAll().where("id", "=", 1);
      const [row] = await durable.rows(query.compile());
      if (!row) throw new Error("the event chain has lost its ends");
      return endsOfRow(row);
    },
    prune: (chain, mayGo) =>
      durable.transaction((transaction) => pruneIn(transaction, chain, mayGo)),
  };
}
