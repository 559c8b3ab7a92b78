// The outbox of callbacks: each is written with what it tells of, and stays until it was delivered.
import type { CompiledQuery, ExpressionBuilder } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import { claimIn } from "./callback_claim.ts";
import { callbackStatementsOf } from "./callback_statements.ts";
import type { Durable } from "./durable.ts";
import type { CallbackTable, DurableTables } from "./schema.ts";
import { compileOnce, padded } from "./statement.ts";
import { sweepStep } from "./sweep.ts";

/** A callback that is to be sent at once. */
export interface NewCallback {
  /** What `webhook-id` says at every try; it has no dot. */
  readonly id: string;
  readonly url: string;
  readonly transactionId: string;
  readonly body: string;
  readonly createdAt: Milliseconds;
}

/** A callback that was not delivered yet. */
export interface Callback extends NewCallback {
  readonly state: "waiting" | "dead";
  /** Tries that were begun. */
  readonly attempts: number;
  /** When it is tried next; null when it was given up. */
  readonly nextAt: Milliseconds | null;
  readonly lastError: string | null;
}

/** How callbacks are claimed. */
export interface Claim {
  /** For this long nobody else gets them; what is not settled then is claimed anew. */
  readonly lease: Milliseconds;
  readonly limit: number;
  /** URLs whose callbacks are left. */
  readonly except: readonly string[];
}

/** Which callbacks are listed, and behind which. */
export interface CallbackFilter {
  readonly state?: Callback["state"] | undefined;
  readonly url?: string | undefined;
  readonly after?: Mark | undefined;
}

/** A place in the order of creation. */
export interface Mark {
  readonly createdAt: Milliseconds;
  readonly id: string;
}

/** The outbox. Callbacks are put by `answer` of the mobile transactions. Source: D-56, SEC-61. */
export interface Callbacks {
  /**
   * Claims callbacks that are due, those due the longest before others: of several processes one gets each.
   * While others claim, it may find fewer than there are. Their `attempts` counts this try already, and tells
   * it from every other since they were put or resent.
   */
  claim(now: Milliseconds, claim: Claim): Promise<readonly Callback[]>;
  /** Drops a callback that was delivered at this try; false when somebody else has claimed it since. */
  delivered(id: string, attempt: number): Promise<boolean>;
  /** Notes that this try failed; `nextAt` null gives it up. False when somebody else has claimed it since. */
  failed(id: string, attempt: number, error: string, nextAt: Milliseconds | null): Promise<boolean>;
  /** Gives callbacks, the newest first. */
  list(filter: CallbackFilter, limit: number): Promise<readonly Callback[]>;
  /**
   * Makes a callback due now with all its tries before it; false when there is none of this id. A try that is
   * under way may then be taken for the first of these, which at worst sends it once more.
   */
  resend(id: string, now: Milliseconds): Promise<boolean>;
  /** Does so with all that were given up, perhaps only those to one URL, and gives how many. */
  resendDead(url: string | undefined, now: Milliseconds): Promise<number>;
  /**
   * Deletes a bounded number of callbacks that were given up, the lease of whose last try ended at `until` or
   * before, and gives how many.
   */
  sweepStep(until: Milliseconds): Promise<number>;
}

/** Gives the statement that puts a callback, due at once. */
export const putCallbackIn = ({
  db,
}: Durable): ((callback: NewCallback) => CompiledQuery<unknown>) =>
  compileOnce<NewCallback>((slots) =>
    db.insertInto("callback").values({
      id: slots.id,
      url: slots.url,
      transaction_id: slots.transactionId,
      body: slots.body,
      attempts: 0,
      next_at: slots.createdAt,
      given_up_at: null,
      last_error: null,
      created_at: slots.createdAt,
    }),
  );

/** Gives the outbox in the durable store. */
export function callbacksIn(durable: Durable): Callbacks {
  const statement = callbackStatementsOf(durable);
  const claim = claimIn(durable);
  const once = async (query: CompiledQuery<unknown>) => (await durable.touched(query)) === 1;
  return {
    async claim(now, { lease, limit, except }) {
      const nextAt = (now + lease) as Milliseconds;
      const claimed = await claim({ now, nextAt, limit, except });
      return claimed.map(callbackOf).sort((one, other) => one.createdAt - other.createdAt);
    },
    delivered: (id, attempt) => once(statement.delivered({ id, attempt })),
    failed: (id, attempt, error, nextAt) =>
      once(
        nextAt === null
          ? statement.givenUp({ id, attempt, error })
          : statement.failed({ id, attempt, error, nextAt }),
      ),
    async list({ state, url, after }, limit) {
      const query = durable.db
        .selectFrom("callback")
        .selectAll()
        .$if(state !== undefined, (rows) =>
          rows.where("next_at", state === "dead" ? "is" : "is not", null),
        )
        .$if(url !== undefined, (rows) => rows.where("url", "=", url as string))
        .$if(after !== undefined, (rows) => rows.where(behind("<", after as Mark)))
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(limit);
      return (await durable.rows(query.compile())).map(callbackOf);
    },
    resend: (id, now) => once(statement.resend({ id, now })),
    async resendDead(url, now) {
      let resent = 0;
      for (let mark: Mark | undefined; ; ) {
        const dead = await durable.rows(deadBehind(durable, mark, url));
        const last = dead.at(-1);
        if (!last) return resent;
        // What ends in a deadlock with another caller is done anew.
        const ids = padded(dead.map(({ id }) => id));
        const [done] = await durable.unit([{ query: resendAll(durable, ids, now) }]);
        resent += Number(done?.numAffectedRows ?? 0n);
        mark = { createdAt: last.created_at as Milliseconds, id: last.id };
      }
    },
    sweepStep: (until) => durable.touched(statement.sweep({ until })),
  };
}

const callbackOf = (row: CallbackTable): Callback => ({
  id: row.id,
  url: row.url,
  transactionId: row.transaction_id,
  body: row.body,
  createdAt: row.created_at as Milliseconds,
  state: row.next_at === null ? "dead" : "waiting",
  attempts: row.attempts,
  nextAt: row.next_at as Milliseconds | null,
  lastError: row.last_error,
});

const behind =
  (order: "<" | ">", { createdAt, id }: Mark) =>
  (row: ExpressionBuilder<DurableTables, "callback">) =>
    row(row.refTuple("created_at", "id"), order, row.tuple(createdAt as number, id));

// Behind a mark, so that one which is given up again meanwhile is not met again.
const deadBehind = ({ db }: Durable, mark: Mark | undefined, url: string | undefined) =>
  db
    .selectFrom("callback")
    .select(["created_at", "id"])
    .where("next_at", "is", null)
    .$if(url !== undefined, (rows) => rows.where("url", "=", url as string))
    .$if(mark !== undefined, (rows) => rows.where(behind(">", mark as Mark)))
    .orderBy("created_at")
    .orderBy("id")
    .limit(sweepStep)
    .compile();

const resendAll = ({ db }: Durable, ids: readonly string[], now: Milliseconds) =>
  db
    .updateTable("callback")
    .set({ next_at: now, given_up_at: null, attempts: 0 })
    .where("id", "in", ids)
    .where("next_at", "is", null)
    .compile();
