// The statements of mobile transactions.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { MobileTransactionTable } from "./schema.ts";
import { compileOnce } from "./statement.ts";
import { sweepStep } from "./sweep.ts";

// What a step deletes of messages before it stops.
const messageBytes = 4 << 20;

/** A transaction without its message, which only few need. */
export type TransactionRow = Omit<MobileTransactionTable, "sealed_message">;

/** Gives the statements, compiled. */
export const mobileTransactionStatementsOf = (durable: Durable) => ({
  ...findingIn(durable),
  ...changingIn(durable),
  sweep: sweepIn(durable),
});

function findingIn({ db }: Durable) {
  return {
    find: compileOnce<{ id: string }, TransactionRow>((slots) =>
      db
        .selectFrom("mobile_transaction")
        .select(["id", "api_client_id", "type", "method", "callback_uri", "otp_hash", "state"])
        .select(["client_id", "profile_id", "user_id", "enrolment_id"])
        .select(["created_at", "expires_at", "keep_until", "answered_at"])
        .where("id", "=", slots.id),
    ),
    sealedMessage: compileOnce<{ id: string }, { sealed_message: string | null }>((slots) =>
      db
        .selectFrom("mobile_transaction")
        .select("sealed_message")
        .where("id", "=", slots.id)
        .where("state", "=", "pending"),
    ),
  };
}

interface Fetch {
  readonly id: string;
  readonly otpHash: string;
  readonly clientId: string;
  readonly profileId: string;
  readonly userId: string;
  readonly enrolmentId: string;
  readonly now: Milliseconds;
}

interface Answer {
  readonly id: string;
  readonly enrolmentId: string;
  readonly end: MobileTransactionTable["state"];
  readonly now: Milliseconds;
  readonly keepUntil: Milliseconds;
}

function changingIn({ db }: Durable) {
  return {
    add: compileOnce<MobileTransactionTable>((slots) =>
      db.insertInto("mobile_transaction").values({
        id: slots.id,
        api_client_id: slots.api_client_id,
        type: slots.type,
        method: slots.method,
        callback_uri: slots.callback_uri,
        otp_hash: slots.otp_hash,
        state: slots.state,
        client_id: slots.client_id,
        profile_id: slots.profile_id,
        user_id: slots.user_id,
        enrolment_id: slots.enrolment_id,
        created_at: slots.created_at,
        expires_at: slots.expires_at,
        keep_until: slots.keep_until,
        answered_at: slots.answered_at,
        sealed_message: slots.sealed_message,
      }),
    ),
    fetch: compileOnce<Fetch>((slots) =>
      db
        .updateTable("mobile_transaction")
        .set({
          state: "fetched",
          client_id: slots.clientId,
          profile_id: slots.profileId,
          user_id: slots.userId,
          enrolment_id: slots.enrolmentId,
          sealed_message: null,
        })
        .where("id", "=", slots.id)
        .where("otp_hash", "=", slots.otpHash)
        .where("state", "=", "pending")
        .where("expires_at", ">", slots.now)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom("mobile_enrolment as enrolment")
              .select("enrolment.id")
              .where("enrolment.revoked_at", "is", null)
              .where("enrolment.client_id", "=", slots.clientId)
              .where("enrolment.profile_id", "=", slots.profileId)
              .where("enrolment.user_id", "=", slots.userId)
              .where("enrolment.id", "=", slots.enrolmentId),
          ),
        ),
    ),
    answer: compileOnce<Answer>((slots) =>
      db
        .updateTable("mobile_transaction")
        .set({ state: slots.end, answered_at: slots.now, keep_until: slots.keepUntil })
        .where("id", "=", slots.id)
        .where("state", "=", "fetched")
        .where("enrolment_id", "=", slots.enrolmentId)
        .where("expires_at", ">", slots.now)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom("mobile_enrolment as enrolment")
              .select("enrolment.id")
              .where("enrolment.revoked_at", "is", null)
              .whereRef("enrolment.client_id", "=", "mobile_transaction.client_id")
              .whereRef("enrolment.profile_id", "=", "mobile_transaction.profile_id")
              .where("enrolment.id", "=", slots.enrolmentId),
          ),
        ),
    ),
  };
}

/**
 * Gives the statement that deletes some of the transactions that may go, at least one of them: no more than
 * a step, and none behind messages of some megabytes, for the pages of those are freed one by one.
 */
function sweepIn({ db, skipsLocked }: Durable) {
  const old = (now: Milliseconds) =>
    db
      .selectFrom("mobile_transaction")
      .select(["id", "keep_until"])
      .select(({ fn, lit }) =>
        fn.coalesce(fn<number | null>("octet_length", ["sealed_message"]), lit(0)).as("size"),
      )
      .where("keep_until", "<=", now)
      .orderBy("keep_until")
      .orderBy("id")
      .limit(sweepStep)
      .$if(skipsLocked, (query) => query.forUpdate().skipLocked())
      .as("old");
  return compileOnce<{ now: Milliseconds }>((slots) =>
    db.deleteFrom("mobile_transaction").where("id", "in", (nested) =>
      nested
        .selectFrom(
          nested
            .selectFrom(old(slots.now))
            .select(["old.id", "old.size"])
            .select(({ fn }) =>
              fn
                .sum<number>("old.size")
                .over((over) => over.orderBy("old.keep_until").orderBy("old.id"))
                .as("with_size"),
            )
            .as("summed"),
        )
        .select("summed.id")
        .where((row) =>
          row(row("summed.with_size", "-", row.ref("summed.size")), "<", messageBytes),
        ),
    ),
  );
}
