// A world that callbacks are sent in: a real store, a clock that tests move, a set-up that they change.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import { jsonLog, silentLog } from "../../../server/core/log.ts";
import type { CallbackSender } from "../../../server/flows/callbacks/sender.ts";
import { openCallbackSender } from "../../../server/flows/callbacks/sender.ts";
import { readConfiguration } from "../../../server/flows/configuration.ts";
import type { NewEvent } from "../../../server/flows/events/event.ts";
import type { World } from "../../../server/flows/world.ts";
import { newSigningSecret } from "../../../server/identity/webhook_signature.ts";
import type { Callback } from "../../../server/store/callbacks.ts";
import type { Store } from "../../../server/store/store.ts";
import { openStore } from "../../../server/store/store.ts";
import { bareWorld, eventsInto } from "../../support/bare_world.ts";
import { putCallbacks } from "../../support/outbox.ts";
import { openSqlitePlace } from "../../support/stores.ts";

/** A callback URL as it is set up: its user and its secrets. */
export type Entry = Readonly<Record<string, string>>;

/** What a test can do. */
export interface SenderWorld extends AsyncDisposable {
  readonly world: World;
  readonly store: Store;
  readonly events: NewEvent[];
  /** Lines of the log. */
  readonly log: string[];
  readonly sender: CallbackSender;
  /** Sets callback URLs up in place of the former ones; each has a secret unless it says otherwise. */
  setUp(entries: Readonly<Record<string, Entry>>): void;
  /** Puts callbacks into the outbox and wakes the sender. */
  put(...urls: string[]): ReturnType<typeof putCallbacks>;
  /** Moves the clock and wakes the sender. */
  later(seconds: number): void;
  /** Gives the outbox, the newest first. */
  outbox(): Promise<readonly Callback[]>;
  /** Gives the outbox as soon as it is what it should be; fails after 15 s. */
  settled(isSettled: (outbox: readonly Callback[]) => boolean): Promise<readonly Callback[]>;
}

/** The secret of URLs that say nothing else. */
export const secret = newSigningSecret();

const secretNames = ["password", "signing_secret", "previous_signing_secret"];

/** Gives the configuration of some callback URLs. */
export function configurationOf(revision: number, entries: Readonly<Record<string, Entry>>) {
  const of = (url: string, isSecret: boolean) =>
    Object.entries({ signing_secret: secret, ...entries[url] }).filter(
      ([name]) => secretNames.includes(name) === isSecret,
    );
  const objects = Object.keys(entries).map((url) => ({
    kind: "callbacks",
    id: url,
    document: JSON.stringify({ url, ...Object.fromEntries(of(url, false)) }),
    sealed: "sealed",
  }));
  return readConfiguration(revision, objects, new Map(), ({ id }) =>
    Object.fromEntries(of(id, true)),
  );
}

/** Resolves as soon as something is so; fails after 15 s, saying what is instead. */
export async function until<T>(look: () => T | Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (tries === 1_500) assert.fail(`it is ${JSON.stringify(seen)}`);
    await sleep(10);
  }
}

/** Opens such a world, on a store of its own or on a given one, and a sender in it. */
export async function senderWorld(given?: Store): Promise<SenderWorld> {
  const place = given ? undefined : await openSqlitePlace();
  const store = given ?? (await openStore({ ...place!, clock: systemClock, log: silentLog }));
  const events: NewEvent[] = [];
  const log: string[] = [];
  let moved = 0;
  let revision = 0;
  let configuration = configurationOf(revision, {});
  const world: World = {
    ...bareWorld(store, configuration),
    clock: { now: () => milliseconds(Date.now() + moved) },
    log: jsonLog((line) => log.push(line), systemClock, "debug"),
    events: eventsInto(events),
    configuration: () => configuration,
  };
  const sender = openCallbackSender(world);
  const outbox = () => store.callbacks.list({}, 1_000);
  return {
    world,
    store,
    events,
    log,
    sender,
    setUp(entries) {
      revision += 1;
      configuration = configurationOf(revision, entries);
    },
    async put(...urls) {
      const put = await putCallbacks(store, urls);
      sender.wake();
      return put;
    },
    later(seconds) {
      moved += seconds * 1_000;
      sender.wake();
    },
    outbox,
    settled: (isSettled) => until(outbox, isSettled),
    async [Symbol.asyncDispose]() {
      await sender[Symbol.asyncDispose]();
      if (!place) return;
      await store[Symbol.asyncDispose]();
      await place.cleanup();
    },
  };
}
