// Claiming callbacks that are due, so that of several processes one sends each.
import type { CompiledQuery } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { CallbackTable } from "./schema.ts";
import { compileOnce } from "./statement.ts";

// How many URLs a claim looks at; set-ups have few.
const urlsAtOnce = 100;

/** Which callbacks are claimed, and until when. */
interface Claiming {
  readonly now: Milliseconds;
  readonly nextAt: Milliseconds;
  readonly limit: number;
  readonly except: readonly string[];
}

/**
 * Gives what claims callbacks, and gives their rows in no order. It looks at the first of each URL, those
 * due the longest before others, and so costs no more when a slow receiver has a hundred thousand.
 */
export function claimIn(
  durable: Durable,
): (claiming: Claiming) => Promise<readonly CallbackTable[]> {
  const due = dueUrlsIn(durable);
  return async ({ except, ...values }) => {
    const found = await durable.rows(due({ now: values.now, limit: urlsAtOnce + except.length }));
    const urls = found.map(({ url }) => url).filter((url) => !except.includes(url));
    if (urls.length === 0 || values.limit <= 0) return [];
    return durable.rows(claimOf(durable, urls.slice(0, urlsAtOnce), values));
  };
}

// Steps from URL to URL over the index; the one that has been due the longest comes first.
const dueUrlsIn = ({ db }: Durable) =>
  compileOnce<{ now: number; limit: number }, { url: string }>((slots) =>
    db
      .withRecursive("waiting", (cte) =>
        cte
          .selectFrom("callback")
          .select(({ fn }) => fn.min<string | null>("url").as("url"))
          .where("next_at", "is not", null)
          .unionAll(
            cte
              .selectFrom("waiting")
              .select(({ selectFrom }) =>
                selectFrom("callback")
                  .select(({ fn }) => fn.min<string | null>("callback.url").as("url"))
                  .where("callback.next_at", "is not", null)
                  .whereRef("callback.url", ">", "waiting.url")
                  .as("url"),
              )
              .where("waiting.url", "is not", null),
          ),
      )
      .with("head", (cte) =>
        cte
          .selectFrom("waiting")
          .select("waiting.url")
          .select(({ selectFrom }) =>
            selectFrom("callback")
              .select(({ fn }) => fn.min<number>("callback.next_at").as("next_at"))
              .where("callback.next_at", "is not", null)
              .whereRef("callback.url", "=", "waiting.url")
              .as("next_at"),
          ),
      )
      .selectFrom("head")
      .select("url")
      .$narrowType<{ url: string }>()
      .where("next_at", "<=", slots.now)
      .orderBy("next_at")
      .limit(slots.limit),
  );

function claimOf(
  { db, skipsLocked }: Durable,
  urls: readonly string[],
  { now, nextAt, limit }: Omit<Claiming, "except">,
): CompiledQuery<CallbackTable> {
  const ofUrl = (url: string) =>
    db
      .selectFrom(
        db
          .selectFrom("callback")
          .select(["id", "next_at"])
          .where("url", "=", url)
          .where("next_at", "is not", null)
          .where("next_at", "<=", now)
          .orderBy("next_at")
          .orderBy("id")
          .limit(limit)
          .$if(skipsLocked, (query) => query.forUpdate().skipLocked())
          .as("due"),
      )
      .select(["due.id", "due.next_at"]);
  const [first, ...others] = urls as [string, ...string[]];
  const due = others.reduce((all, url) => all.unionAll(ofUrl(url)), ofUrl(first));
  // In a table of its own: a subquery might be run again, and find others once its first are claimed.
  return db
    .with("claimed", (cte) =>
      cte.selectFrom(due.as("due")).select("due.id").orderBy("due.next_at").limit(limit),
    )
    .updateTable("callback")
    .set((row) => ({ next_at: nextAt, attempts: row("attempts", "+", 1) }))
    .where("id", "in", (nested) => nested.selectFrom("claimed").select("claimed.id"))
    .returningAll()
    .compile();
}
