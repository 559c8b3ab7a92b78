// Portals that wait for transactions, told by this process at once and by others soon.
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/refusal.ts";
import type { MobileTransactions } from "../../store/mobile_transactions.ts";

/** What is waited for, and by whom. */
export interface TransactionWait {
  /** Of the transaction. */
  readonly id: string;
  /** In which it was seen. */
  readonly state: string;
  /** Milliseconds since the epoch at which the wait ends in any case. */
  readonly until: number;
  /** The API client that waits. */
  readonly caller: string;
}

/** Where portals wait for a change of a transaction. Source: D-57. */
export interface TransactionWaits extends AsyncDisposable {
  /**
   * Resolves when a transaction is no more in the state of the wait, when its `until` has come, or when the
   * signal aborts; sometimes before: whoever waits looks for himself. A change by this process is known at
   * once, one by another within half a second. Throws RATE_LIMITED when too many wait, of all or of this
   * caller, and UNAVAILABLE when the store fails or the server stops.
   */
  change(wait: TransactionWait, signal: AbortSignal): Promise<void>;
  /** Says that a transaction has changed. */
  tell(id: string): void;
}

const pollMs = 500;
/** How many wait at most, of all and of one caller. Source: our decision. */
const waitsLimit = 10_000;
const callerLimit = 1_000;

/** A wait under way. */
interface Waiting extends TransactionWait {
  end(): void;
  fail(error: unknown): void;
}

/** Waits under way by some name of theirs, without names that have none. */
function openIndex(nameOf: (wait: TransactionWait) => string) {
  const named = new Map<string, Set<Waiting>>();
  return {
    named,
    add(waiting: Waiting): void {
      const name = nameOf(waiting);
      const those = named.get(name) ?? new Set();
      named.set(name, those.add(waiting));
    },
    delete(waiting: Waiting): void {
      const name = nameOf(waiting);
      const those = named.get(name);
      if (those?.delete(waiting) && those.size === 0) named.delete(name);
    },
  };
}

/** All waits under way, found by transaction and bounded by caller. */
function openPlaces() {
  const all = new Set<Waiting>();
  const byTransaction = openIndex(({ id }) => id);
  const byCaller = openIndex(({ caller }) => caller);
  const places = [all, byTransaction, byCaller];
  return {
    all,
    ids: () => [...byTransaction.named.keys()],
    of: (id: string): Iterable<Waiting> => byTransaction.named.get(id) ?? [],
    /** Throws RATE_LIMITED when there is no place for one more. */
    add(waiting: Waiting): void {
      const own = byCaller.named.get(waiting.caller)?.size ?? 0;
      if (all.size >= waitsLimit || own >= callerLimit) {
        throw new Refusal("RATE_LIMITED", { retry_after: "1" });
      }
      for (const place of places) place.add(waiting);
    },
    delete(waiting: Waiting): void {
      for (const place of places) place.delete(waiting);
    },
  };
}

type Places = ReturnType<typeof openPlaces>;

/** Looks once at the transactions that are waited for, and ends the waits for those that have changed. */
async function look(transactions: Pick<MobileTransactions, "states">, places: Places) {
  const asked = [...places.all];
  try {
    const states = await transactions.states(places.ids());
    for (const waiting of asked) if (states.get(waiting.id) !== waiting.state) waiting.end();
  } catch (error) {
    for (const waiting of asked) waiting.fail(error);
  }
}

/**
 * Opens the place where portals wait. The store is asked only while somebody waits, for all at once.
 * Disposing ends all waits, with UNAVAILABLE.
 */
export function openTransactionWaits(
  transactions: Pick<MobileTransactions, "states">,
  clock: Clock,
): TransactionWaits {
  const places = openPlaces();
  const closing = new AbortController();
  let polling: Promise<void> | undefined;

  async function poll(): Promise<void> {
    while (places.all.size > 0) {
      await sleep(pollMs, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      if (closing.signal.aborted) return;
      if (places.all.size > 0) await look(transactions, places);
    }
    polling = undefined;
  }

  return {
    async change(wait, signal) {
      if (closing.signal.aborted) throw new Refusal("UNAVAILABLE");
      if (signal.aborted) return;
      const { promise, resolve, reject: fail } = Promise.withResolvers<void>();
      const end = (): void => resolve();
      const waiting = { ...wait, end, fail };
      places.add(waiting);
      polling ??= poll();
      const timer = setTimeout(end, Math.max(0, wait.until - clock.now())).unref();
      signal.addEventListener("abort", end, { once: true });
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        places.delete(waiting);
      }
    },
    tell(id) {
      for (const waiting of places.of(id)) waiting.end();
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      for (const waiting of places.all) waiting.fail(new Refusal("UNAVAILABLE"));
      await polling;
    },
  };
}
