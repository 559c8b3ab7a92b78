// Marks of client assertions that were used, so that none is accepted twice.
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { compileOnce } from "./statement.ts";
import { sweepStep } from "./sweep.ts";

/** The marks. */
export interface AssertionMarks {
  /**
   * Claims the assertion `jti` of a client until `expiresAt`; true for exactly one of all callers,
   * in this process or another, before and after a restart. A mark that expired may be claimed
   * again. A claim that ends before it begins would let a replay in and is a fault. One atomic
   * insert.
   * Source: RFC 7523 section 3, D-04, SEC-06.
   */
  claim(
    clientId: string,
    jti: string,
    expiresAt: Milliseconds,
    now: Milliseconds,
  ): Promise<boolean>;
  /** Deletes up to 500 expired marks and gives how many. Source: SEC-85. */
  sweepStep(now: Milliseconds): Promise<number>;
}

/** Gives the marks in the durable store. */
export function assertionMarksIn(durable: Durable): AssertionMarks {
  const claim = compileOnce<{ id: string; expiresAt: number; now: number }>((slots) =>
    durable.db
      .insertInto("assertion_mark")
      .values({ id: slots.id, expires_at: slots.expiresAt })
      .onConflict((conflict) =>
        conflict
          .column("id")
          .doUpdateSet((row) => ({ expires_at: row.ref("excluded.expires_at") }))
          .where("assertion_mark.expires_at", "<=", slots.now),
      ),
  );
  const sweep = compileOnce<{ now: number }>((slots) =>
    durable.db.deleteFrom("assertion_mark").where("id", "in", (nested) =>
      nested
        .selectFrom("assertion_mark as old")
        .select("old.id")
        .where("old.expires_at", "<=", slots.now)
        .limit(sweepStep)
        .$if(durable.skipsLocked, (query) => query.forUpdate().skipLocked()),
    ),
  );
  return {
    async claim(clientId, jti, expiresAt, now) {
      assert(expiresAt > now, "a mark outlives the moment of its claim");
      const id = hash("sha256", `${clientId}\0${jti}`, "base64url");
      return (await durable.touched(claim({ id, expiresAt: Math.ceil(expiresAt), now }))) === 1;
    },
    sweepStep: (now) => durable.touched(sweep({ now })),
  };
}
