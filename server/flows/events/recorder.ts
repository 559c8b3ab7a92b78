// Writes events behind the calls that caused them, in batches as large as they become by themselves.
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { Refusal } from "../../core/refusal.ts";
import type { ChainMaker, EventDraft } from "../../store/event_chain.ts";
import type { Events as StoredEvents } from "../../store/events.ts";
import { addressKey } from "../limits.ts";
import type { Origin } from "../origin.ts";
import { ownOrigin } from "../origin.ts";
import type { Events, NewEvent } from "./event.ts";
import { draftOf } from "./event_body.ts";
import type { EventType } from "./event_types.ts";

/** Records events. Disposing writes what waits; while the store is down it gives that up. */
export interface EventRecorder extends Events, AsyncDisposable {}

/** The bounds of a recorder. */
export interface EventBounds {
  /** How many events are written together at most. */
  readonly batch: number;
  /** How many may wait. */
  readonly waiting: number;
  /** How long a store that failed is left alone, in milliseconds. */
  readonly pauseMs: number;
}

/** What a recorder stands on. */
export interface EventRecorderOptions {
  readonly events: Pick<StoredEvents, "append">;
  readonly chain: ChainMaker;
  readonly clock: Clock;
  readonly log: Log;
  /** Types that are not kept. */
  readonly excluded?: ReadonlySet<EventType>;
  readonly bounds?: Partial<EventBounds>;
}

const usual: EventBounds = { batch: 500, waiting: 10_000, pauseMs: 1_000 };

/**
 * Opens a recorder. What is noted is written at the end of the same turn of the loop; while one batch is
 * being written the next one gathers. While the store is down events wait, within bounds; beyond those the
 * newest go, so that no stranger can push out what happened before, and EVENTS_LOST says how many as soon
 * as the store is back. An event whose writing was answered by nobody may be there twice, with one
 * identifier. Source: SEC-77.
 */
export function openEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { events, chain, clock, log, excluded } = options;
  const bounds = { ...usual, ...options.bounds };
  const queue: EventDraft[] = [];
  let accepted = 0;
  let settled = 0;
  let skipped = 0;
  let lost = 0;
  let writing: Promise<boolean> | undefined;
  let pause: NodeJS.Timeout | undefined;
  let isArmed = false;
  let isBroken = false;

  const put = (event: NewEvent, origin: Origin): void => {
    queue.push(draftOf(event, origin, clock.now()));
    accepted += 1;
  };

  async function append(batch: readonly EventDraft[]): Promise<void> {
    const end = await events.append({ events: batch, chain });
    if (end === "broken" && !isBroken) log.error("audit chain is not as it was written");
    isBroken = end === "broken";
  }

  /** Writes a batch; false when the store is down. One that cannot be written keeps no other from it. */
  async function write(batch: readonly EventDraft[]): Promise<boolean> {
    try {
      await append(batch);
    } catch (error) {
      if (error instanceof Refusal) {
        log.warn("events wait for the store", { waiting: queue.length, error });
        return false;
      }
      if (batch.length > 1) {
        for (const one of batch) if (!(await write([one]))) return false;
        return true;
      }
      log.error("event not recorded", { type: batch[0]?.type, error });
      lost += 1;
    }
    queue.splice(0, batch.length);
    settled += batch.length;
    return true;
  }

  function tellLost(): void {
    if (lost === 0) return;
    log.error("events lost", { lost });
    put({ type: "EVENTS_LOST", details: { lost } }, ownOrigin);
    lost = 0;
  }

  /** Writes the next batch, or joins who is at it. */
  function writeNext(): Promise<boolean> {
    clearTimeout(pause);
    pause = undefined;
    writing ??= write(queue.slice(0, bounds.batch)).then((isWritten) => {
      writing = undefined;
      if (isWritten) tellLost();
      if (isWritten) arm();
      else pause = setTimeout(() => void writeNext(), bounds.pauseMs).unref();
      return isWritten;
    });
    return writing;
  }

  function arm(): void {
    if (isArmed || writing || pause || queue.length === 0) return;
    isArmed = true;
    setImmediate(() => {
      isArmed = false;
      if (queue.length > 0) void writeNext();
    });
  }

  function add(event: NewEvent, origin: Origin): void {
    if (excluded?.has(event.type)) return;
    if (queue.length >= bounds.waiting) {
      lost += 1;
      return;
    }
    put(event, origin);
    log.debug("event", { type: event.type, client_id: event.clientId });
    arm();
  }

  return {
    add,
    addFailure(event, origin, limits) {
      const key = [addressKey({ origin })];
      // Half of the room is for what strangers do not cause.
      if (queue.length >= bounds.waiting / 2) {
        skipped += 1;
        return;
      }
      try {
        limits.demand("failure_events", key);
      } catch (error) {
        if (!(error instanceof Refusal)) log.error("event not recorded", { error });
        skipped += 1;
        return;
      }
      limits.spend("failure_events", key);
      add(skipped === 0 ? event : { ...event, details: { ...event.details, skipped } }, origin);
      skipped = 0;
    },
    carried: (event, origin) => ({
      events: excluded?.has(event.type) ? [] : [draftOf(event, origin, clock.now())],
      chain,
    }),
    async drain() {
      const until = accepted;
      while (settled < until) {
        if (!(await writeNext())) throw new Refusal("UNAVAILABLE", {}, { cause: "events wait" });
      }
    },
    async [Symbol.asyncDispose]() {
      await writing;
      while (queue.length > 0) if (!(await writeNext())) break;
      clearTimeout(pause);
      if (queue.length + lost > 0) log.error("events lost", { lost: queue.length + lost });
    },
  };
}
