// The statements that settle, resend and sweep callbacks.
import type { Durable } from "./durable.ts";
import { compileOnce } from "./statement.ts";
import { sweepStep } from "./sweep.ts";

interface Try {
  readonly id: string;
  readonly attempt: number;
}

/** Gives the statements, compiled. */
export function callbackStatementsOf({ db, skipsLocked }: Durable) {
  return {
    delivered: compileOnce<Try>((slots) =>
      db.deleteFrom("callback").where("id", "=", slots.id).where("attempts", "=", slots.attempt),
    ),
    failed: compileOnce<Try & { error: string; nextAt: number }>((slots) =>
      db
        .updateTable("callback")
        .set({ next_at: slots.nextAt, given_up_at: null, last_error: slots.error })
        .where("id", "=", slots.id)
        .where("attempts", "=", slots.attempt),
    ),
    givenUp: compileOnce<Try & { error: string }>((slots) =>
      db
        .updateTable("callback")
        .set((row) => ({
          next_at: null,
          given_up_at: row.fn.coalesce("next_at", "given_up_at"),
          last_error: slots.error,
        }))
        .where("id", "=", slots.id)
        .where("attempts", "=", slots.attempt),
    ),
    resend: compileOnce<{ id: string; now: number }>((slots) =>
      db
        .updateTable("callback")
        .set({ next_at: slots.now, given_up_at: null, attempts: 0 })
        .where("id", "=", slots.id),
    ),
    sweep: compileOnce<{ until: number }>((slots) =>
      db.deleteFrom("callback").where("id", "in", (nested) =>
        nested
          .selectFrom("callback as old")
          .select("old.id")
          .where("old.given_up_at", "<=", slots.until)
          .orderBy("old.given_up_at")
          .limit(sweepStep)
          .$if(skipsLocked, (query) => query.forUpdate().skipLocked()),
      ),
    ),
  };
}
