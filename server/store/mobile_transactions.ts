// Mobile authentications under way, and their results: each goes one way, decided by one atomic step.
import type { Milliseconds } from "../core/clock.ts";
import type { NewCallback } from "./callbacks.ts";
import { putCallbackIn } from "./callbacks.ts";
import type { Durable } from "./durable.ts";
import type { MobileEnrolment } from "./mobile_enrolments.ts";
import type { TransactionRow } from "./mobile_transaction_statements.ts";
import { mobileTransactionStatementsOf } from "./mobile_transaction_statements.ts";
import type { MobileTransactionTable } from "./schema.ts";
import { padded, Unmet } from "./statement.ts";

/** How a transaction ended. */
export type MobileEnd = "confirmed" | "denied" | "invalid";

/** Where a transaction stands: pending, then fetched, then one of the ends. Source: SEC-45. */
export type MobileState = "pending" | "fetched" | MobileEnd;

/** A transaction that a portal starts. */
export interface NewMobileTransaction {
  /** UUID. */
  readonly id: string;
  /** The API client that started it, which alone may read of it. */
  readonly apiClientId: string;
  /** The name of the type. */
  readonly type: string;
  /** The method of the type then, such as `OTP`. */
  readonly method: string;
  readonly callbackUri: string | null;
  /** SHA-256 of the one-time password, base64url. */
  readonly otpHash: string;
  /** What the phone shows, sealed; dropped when it was fetched. */
  readonly sealedMessage: string;
  readonly createdAt: Milliseconds;
  /** From this instant on it can be neither fetched nor answered. */
  readonly expiresAt: Milliseconds;
  /** From this instant on it may be swept. */
  readonly keepUntil: Milliseconds;
}

/** A transaction as it stands; who fetched is null before. */
export interface MobileTransaction extends Omit<NewMobileTransaction, "sealedMessage"> {
  readonly state: MobileState;
  readonly clientId: string | null;
  readonly profileId: string | null;
  readonly userId: string | null;
  /** The enrolment for whose key the message was encrypted. */
  readonly enrolmentId: string | null;
  readonly answeredAt: Milliseconds | null;
}

/** How a transaction is to end. */
export interface MobileAnswer {
  /** Of the one who fetched. */
  readonly enrolmentId: string;
  readonly end: MobileEnd;
  readonly now: Milliseconds;
  readonly keepUntil: Milliseconds;
  /** Written with the end. */
  readonly callback: NewCallback | undefined;
}

/** The transactions. */
export interface MobileTransactions {
  /** Adds a pending one. */
  add(transaction: NewMobileTransaction): Promise<void>;
  /** Gives a transaction, an expired one too until it was swept. */
  find(id: string): Promise<MobileTransaction | undefined>;
  /** Gives the sealed message of a pending transaction. */
  sealedMessage(id: string): Promise<string | undefined>;
  /**
   * Takes a pending transaction for an enrolment that stands, and drops its message: true for exactly one
   * caller, with the right one-time password, before it expires.
   */
  fetch(
    id: string,
    otpHash: string,
    enrolment: Pick<MobileEnrolment, "id" | "clientId" | "profileId" | "userId">,
    now: Milliseconds,
  ): Promise<boolean>;
  /**
   * Ends a fetched transaction, with its callback: true for exactly one caller, whose enrolment is the one that
   * fetched and stands, before it expires. Source: SEC-45, D-56.
   */
  answer(id: string, answer: MobileAnswer): Promise<boolean>;
  /** Gives the states of transactions by id; those that are not there are left out. */
  states(ids: readonly string[]): Promise<ReadonlyMap<string, MobileState>>;
  /** Deletes a bounded number of transactions that nobody needs any more, and gives how many. */
  sweepStep(now: Milliseconds): Promise<number>;
}

/** Gives the transactions in the durable store. */
export function mobileTransactionsIn(durable: Durable): MobileTransactions {
  const statement = mobileTransactionStatementsOf(durable);
  const put = putCallbackIn(durable);
  return {
    async add(transaction) {
      await durable.touched(statement.add(rowOf(transaction)));
    },
    async find(id) {
      const [row] = await durable.rows(statement.find({ id }));
      return row && transactionOf(row);
    },
    async sealedMessage(id) {
      const [row] = await durable.rows(statement.sealedMessage({ id }));
      return row?.sealed_message ?? undefined;
    },
    async fetch(id, otpHash, enrolment, now) {
      const { id: enrolmentId, ...holder } = enrolment;
      const fetch = statement.fetch({ ...holder, id, otpHash, enrolmentId, now });
      return (await durable.touched(fetch)) === 1;
    },
    async answer(id, { callback, ...answer }) {
      try {
        await durable.unit([
          { query: statement.answer({ ...answer, id }), expect: 1 },
          ...(callback ? [{ query: put(callback) }] : []),
        ]);
        return true;
      } catch (error) {
        if (error instanceof Unmet) return false;
        throw error;
      }
    },
    states: statesIn(durable),
    sweepStep: (now) => durable.touched(statement.sweep({ now })),
  };
}

// How many ids are looked up at once.
const idsAtOnce = 256;

function statesIn(durable: Durable): MobileTransactions["states"] {
  return async (ids) => {
    const found = new Map<string, MobileState>();
    for (let first = 0; first < ids.length; first += idsAtOnce) {
      const query = durable.db
        .selectFrom("mobile_transaction")
        .select(["id", "state"])
        .where("id", "in", padded(ids.slice(first, first + idsAtOnce)));
      for (const { id, state } of await durable.rows(query.compile())) found.set(id, state);
    }
    return found;
  };
}

const rowOf = (transaction: NewMobileTransaction): MobileTransactionTable => ({
  id: transaction.id,
  api_client_id: transaction.apiClientId,
  type: transaction.type,
  method: transaction.method,
  callback_uri: transaction.callbackUri,
  otp_hash: transaction.otpHash,
  state: "pending",
  client_id: null,
  profile_id: null,
  user_id: null,
  enrolment_id: null,
  created_at: transaction.createdAt,
  expires_at: transaction.expiresAt,
  keep_until: transaction.keepUntil,
  answered_at: null,
  sealed_message: transaction.sealedMessage,
});

const transactionOf = (row: TransactionRow): MobileTransaction => ({
  id: row.id,
  apiClientId: row.api_client_id,
  type: row.type,
  method: row.method,
  callbackUri: row.callback_uri,
  otpHash: row.otp_hash,
  state: row.state,
  clientId: row.client_id,
  profileId: row.profile_id,
  userId: row.user_id,
  enrolmentId: row.enrolment_id,
  createdAt: row.created_at as Milliseconds,
  expiresAt: row.expires_at as Milliseconds,
  keepUntil: row.keep_until as Milliseconds,
  answeredAt: row.answered_at as Milliseconds | null,
});
