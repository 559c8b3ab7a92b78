// Removing records of executions that are too old or too many.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { compileOnce } from "./statement.ts";

/** How many records a step deletes at most: they are large, and nobody is to wait for them. */
const deletedAtOnce = 100;
/** How many ids a step counts at most. */
const countedAtOnce = 1_000;

/** Gives `sweep` of the executions. Source: SEC-85. */
export function sweepExecutionsIn(
  durable: Durable,
): (now: Milliseconds, age: Milliseconds, kept: number) => Promise<number> {
  const statements = statementsOf(durable);
  const repeat = async (step: () => Promise<number>): Promise<number> => {
    for (let swept = 0; ; ) {
      const found = await step();
      swept += found;
      if (found < deletedAtOnce) return swept;
    }
  };
  return async (now, age, kept) => {
    const until = (now - age) as Milliseconds;
    const old = await repeat(() => durable.touched(statements.deleteUntil({ until })));
    const last = await oldestKept(durable, statements, kept);
    if (last === undefined) return old;
    return old + (await repeat(() => durable.touched(statements.deleteBelow({ id: last }))));
  };
}

/** Gives the id of record number `kept` from the newest, undefined when there are fewer. */
async function oldestKept(
  durable: Durable,
  { skip }: ReturnType<typeof statementsOf>,
  kept: number,
): Promise<string | undefined> {
  // Above every id in whatever collation, since those are hexadecimal.
  let id = "g";
  for (let left = kept; left > 0; left -= countedAtOnce) {
    const offset = Math.min(left, countedAtOnce) - 1;
    const [row] = await durable.rows(skip({ below: id, offset }));
    if (!row) return undefined;
    id = row.id;
  }
  return id;
}

const statementsOf = ({ db, skipsLocked }: Durable) => ({
  deleteUntil: compileOnce<{ until: number }>((slots) =>
    db.deleteFrom("execution").where("id", "in", (nested) =>
      nested
        .selectFrom("execution as old")
        .select("old.id")
        .where("old.recorded_at", "<=", slots.until)
        .orderBy("old.recorded_at")
        .limit(deletedAtOnce)
        .$if(skipsLocked, (query) => query.forUpdate().skipLocked()),
    ),
  ),
  deleteBelow: compileOnce<{ id: string }>((slots) =>
    db.deleteFrom("execution").where("id", "in", (nested) =>
      nested
        .selectFrom("execution as old")
        .select("old.id")
        .where("old.id", "<", slots.id)
        .orderBy("old.id")
        .limit(deletedAtOnce)
        .$if(skipsLocked, (query) => query.forUpdate().skipLocked()),
    ),
  ),
  skip: compileOnce<{ below: string; offset: number }, { id: string }>((slots) =>
    db
      .selectFrom("execution")
      .select("id")
      .where("id", "<", slots.below)
      .orderBy("id", "desc")
      .limit(1)
      .offset(slots.offset),
  ),
});
