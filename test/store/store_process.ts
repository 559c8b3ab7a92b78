// A process of its own over a store, for tests in which several race or one is killed: told what to
// do by its first argument in JSON, it opens the store, says "ready", waits for a line and says
// what came of it.
import { once } from "node:events";
import { milliseconds, systemClock } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import type { EnrolmentPolicy } from "../../server/store/mobile_enrolments.ts";
import type { Store } from "../../server/store/store.ts";
import { openStore } from "../../server/store/store.ts";
import { chain, drafts } from "../support/audit.ts";
import { newAnswer, newCallback, newEnrolment } from "./laws/mobile_store.ts";
import { start } from "./laws/new_tokens.ts";

/** What such a process is told. */
export interface Task {
  readonly durable: string;
  readonly ephemeral: string;
  readonly work: keyof typeof works;
  /** How many items there are; each process tries all of them. */
  readonly items: number;
  /** Different for each process. */
  readonly me: string;
}

const concurrency = 64;
const minute = milliseconds(60_000);

/** Tries every item, a bounded number at the same time, and gives the answers by item. */
export async function each<T>(items: number, attempt: (item: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = next++; item < items; item = next++) answers[item] = await attempt(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return answers;
}

const enrolEach = (store: Store, { items, me }: Task, policy: EnrolmentPolicy) =>
  each(items, async (item) => {
    const named = `${policy} ${item}`;
    const profile = { clientId: me, profileId: named, userId: named };
    const terms = { session: `${named} ${me}`, applicationId: "app", policy };
    return (await store.mobileEnrolments.put(newEnrolment(profile), terms)).kind;
  });

const works = {
  open: async () => [],
  take: (store: Store, { items }: Task) =>
    each(items, async (item) => (await store.ephemeral.take("jwks", `take ${item}`)) ?? null),
  putIfAbsent: (store: Store, { items, me }: Task) =>
    each(items, (item) => store.ephemeral.putIfAbsent("jwks", `put ${item}`, me, minute)),
  increment: (store: Store, { items }: Task) =>
    each(items, () => store.ephemeral.increment("rate_limit", "hot", minute)),
  claim: (store: Store, { items }: Task) => {
    const now = systemClock.now();
    return each(items, (item) =>
      store.assertionMarks.claim("client", `${item}`, milliseconds(now + minute), now),
    );
  },
  append: (store: Store, { items }: Task) =>
    each(items / 5, (item) =>
      store.events.append({ events: drafts(item * 5, item * 5 + 4), chain }),
    ),
  rotate: (store: Store, { items, me }: Task) => {
    const now = systemClock.now();
    const expiresAt = milliseconds(now + minute);
    const pin = { tokenType: "DEFAULT", onWrong: "count", limit: 5, now } as const;
    return each(items, async (item) => {
      const profile = { clientId: "client", profileId: `profile ${item}` };
      const presented = { ...profile, ...pin, hash: `refresh ${item}` };
      const { outcome } = await store.logins.exchange(presented, () => ({
        successor: { hash: `successor ${item}`, expiresAt },
        access: { hash: `access ${item} ${me}`, scope: "", issuedAt: now, expiresAt },
      }));
      return outcome;
    });
  },
  fetch: (store: Store, { items, me }: Task) =>
    each(items, (item) => {
      const enrolment = { id: me, clientId: me, profileId: me, userId: me };
      return store.mobileTransactions.fetch(`fetch ${item}`, "right", enrolment, start);
    }),
  answer: (store: Store, { items, me }: Task) =>
    each(items, (item) =>
      store.mobileTransactions.answer(
        `answer ${item}`,
        newAnswer("both", {
          end: me === "one" ? "confirmed" : "denied",
          callback: newCallback({ id: `msg_${item}_${me}`, transactionId: `answer ${item}` }),
        }),
      ),
    ),
  // Each process has a device of its own of every user.
  enrolAlone: (store: Store, task: Task) => enrolEach(store, task, "SINGLE_DEVICE"),
  enrolInstead: (store: Store, task: Task) => enrolEach(store, task, "OVERRIDE"),
  claimCallbacks: async ({ callbacks }: Store, { me }: Task) => {
    const claimed: string[] = [];
    // Whoever finds none may have come while the other claimed, and looks again.
    for (let empty = 0; empty < 3; ) {
      const except = me === "one" ? ["https://0.example/"] : [];
      const found = await callbacks.claim(start, { lease: minute, limit: 10, except });
      empty = found.length === 0 ? empty + 1 : 0;
      claimed.push(...found.map(({ id }) => id));
    }
    return claimed;
  },
  makeKey: async ({ openPgpKeys }: Store, { me }: Task) => {
    const key = { fingerprint: me, publicKey: me, sealedPrivate: me, createdAt: start };
    return [(await openPgpKeys.addFirst(key)).fingerprint];
  },
  // Says each claim as soon as it has come back, until it is killed.
  claimForEver: async (store: Store) => {
    const now = systemClock.now();
    const expiresAt = milliseconds(now + 60 * minute);
    return each(Number.POSITIVE_INFINITY, async (item) => {
      await store.assertionMarks.claim("client", `${item}`, expiresAt, now);
      process.stdout.write(`${item}\n`);
    });
  },
};

if (import.meta.main) {
  const task = JSON.parse(process.argv[2]!) as Task;
  const { durable, ephemeral } = task;
  await using store = await openStore({ durable, ephemeral, clock: systemClock, log: silentLog });
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
  process.stdout.write(`${JSON.stringify(await works[task.work](store, task))}\n`);
  process.stdin.destroy();
}
