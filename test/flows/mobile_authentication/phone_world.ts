// A world in which a phone takes part: a real store, a clock that is set, an OpenPGP that does what it is told,
// and limits that note what they are told.
import assert from "node:assert/strict";
import type { Clock, Milliseconds } from "../../../server/core/clock.ts";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import { uuid } from "../../../server/core/id.ts";
import { silentLog } from "../../../server/core/log.ts";
import { readConfiguration } from "../../../server/flows/configuration.ts";
import type { NewEvent } from "../../../server/flows/events/event.ts";
import {
  hashOneTimePassword,
  newOneTimePassword,
  oneTimePasswordText,
  sealedMessageOf,
} from "../../../server/flows/mobile_authentication/one_time_password.ts";
import type { World } from "../../../server/flows/world.ts";
import type { OpenPgp } from "../../../server/identity/open_pgp.ts";
import { openStore } from "../../../server/store/store.ts";
import { bareWorld, eventsInto } from "../../support/bare_world.ts";
import { openSqlitePlace } from "../../support/stores.ts";

/** What OpenPGP is told to do; what is not told fails. */
export type Told = Partial<Pick<OpenPgp, "checkKey" | "encrypt" | "decrypt">>;

/** The world, and what happens in it. */
export interface PhoneWorld extends AsyncDisposable {
  readonly world: World;
  readonly events: NewEvent[];
  /** Limits that were spent, and given back. */
  readonly spent: string[];
  /** Transactions that waits were told of. */
  readonly changed: string[];
  /** How often callbacks were waked. */
  wakes(): number;
  /** Says what OpenPGP does from now on. */
  tell(told: Told): void;
  /** Lets time pass. */
  pass(ms: number): void;
  /** Adds a pending transaction that lives for `lifeMs`. */
  start(callbackUri?: string): Promise<{ readonly id: string; readonly otp: string }>;
}

const configuration = readConfiguration(
  1,
  [
    {
      kind: "applications",
      id: "app",
      document: JSON.stringify({ id: "app", scopes: ["read"], mobile_authentication: true }),
      sealed: null,
    },
  ],
  new Map(),
  () => ({}),
);

/** Life of a transaction; short beside that of the access tokens of the tests. */
export const lifeMs = 5_000;

/** The key of the server, which is not used by what is told to do something else. */
const serverKey = { id: "5E", publicKey: "server's public", privateKey: "server's private" };

/** Opens such a world over SQLite. */
export async function openPhoneWorld(): Promise<PhoneWorld> {
  const place = await openSqlitePlace();
  let now = systemClock.now();
  const clock: Clock = { now: () => now };
  const store = await openStore({ ...place, clock, log: silentLog });
  const [events, spent, changed]: [NewEvent[], string[], string[]] = [[], [], []];
  let wakes = 0;
  let told: Told = {};
  const bare = bareWorld(store, configuration);
  const untold = async (): Promise<never> => assert.fail("OpenPGP was not told what to do");
  const openPgp: OpenPgp = {
    ...bare.identity.openPgp,
    checkKey: (armored) => (told.checkKey ?? untold)(armored),
    encrypt: (text, to, from) => (told.encrypt ?? untold)(text, to, from),
    decrypt: (message, to, from) => (told.decrypt ?? untold)(message, to, from),
  };
  const world: World = {
    ...bare,
    clock,
    events: eventsInto(events),
    limits: {
      demand() {},
      spend: (limit, _key, cost = 1) => void spent.push(`${limit} ${cost}`),
    },
    callbacks: {
      wake: () => {
        wakes += 1;
      },
    },
    transactionWaits: { ...bare.transactionWaits, tell: (id) => void changed.push(id) },
    identity: { ...bare.identity, openPgp, openPgpKey: async () => serverKey },
  };
  return {
    world,
    events,
    spent,
    changed,
    wakes: () => wakes,
    tell: (next) => {
      told = next;
    },
    pass: (ms) => {
      now = milliseconds(now + ms);
    },
    async start(callbackUri) {
      const [id, otp] = [uuid(), newOneTimePassword()];
      const at = (ms: number): Milliseconds => milliseconds(now + ms);
      await store.mobileTransactions.add({
        id,
        apiClientId: "bank",
        type: "login",
        method: "OTP",
        callbackUri: callbackUri ?? null,
        otpHash: hashOneTimePassword(otp),
        sealedMessage: world.identity.sealer.seal(sealedMessageOf(id), "Log in?"),
        createdAt: now,
        expiresAt: at(lifeMs),
        keepUntil: at(10 * lifeMs),
      });
      return { id, otp: oneTimePasswordText(id, otp) };
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await place.cleanup();
    },
  };
}
