// A world in which a portal asks a phone: a real store that a second process shares, and a clock that is set.
import assert from "node:assert/strict";
import type {
  StartMobileAuthenticationRequest,
  StartMobileAuthenticationResponse,
} from "../../../gen/gatewright/v1/mobile_auth.ts";
import type { Clock, Milliseconds } from "../../../server/core/clock.ts";
import { milliseconds } from "../../../server/core/clock.ts";
import { uuid } from "../../../server/core/id.ts";
import { silentLog } from "../../../server/core/log.ts";
import type { Credentials } from "../../../server/flows/authenticate.ts";
import { readConfiguration } from "../../../server/flows/configuration.ts";
import type { NewEvent } from "../../../server/flows/events/event.ts";
import { hashOneTimePassword } from "../../../server/flows/mobile_authentication/one_time_password.ts";
import { startMobileAuthentication } from "../../../server/flows/mobile_authentication/start.ts";
import type { TransactionWaits } from "../../../server/flows/mobile_authentication/waits.ts";
import { openTransactionWaits } from "../../../server/flows/mobile_authentication/waits.ts";
import type { World } from "../../../server/flows/world.ts";
import { hashToken } from "../../../server/identity/opaque_token.ts";
import { hashSecret } from "../../../server/identity/secret.ts";
import type { MobileEnd } from "../../../server/store/mobile_transactions.ts";
import type { Store } from "../../../server/store/store.ts";
import { openStore } from "../../../server/store/store.ts";
import { bareWorld, eventsInto, pepper } from "../../support/bare_world.ts";
import { openSqlitePlace } from "../../support/stores.ts";

const secret = "bank-secret-90b1";
const holder = { clientId: uuid(), profileId: "PORTAL", userId: "ann" };

/** The world, and what happens in it. */
export interface PortalWorld extends AsyncDisposable {
  readonly world: World;
  readonly waits: TransactionWaits;
  readonly events: NewEvent[];
  /** Credentials of a portal. */
  readonly bank: Credentials;
  /** Those of another one. */
  readonly shop: Credentials;
  /** Lets time pass. */
  pass(ms: number): void;
  /** Starts a transaction of the type `login`, and gives the answer. */
  start(
    fields?: Partial<StartMobileAuthenticationRequest>,
  ): Promise<StartMobileAuthenticationResponse>;
  /** Has the phone fetch a transaction; another process serves it. */
  fetch(started: StartMobileAuthenticationResponse): Promise<void>;
  /** Has the phone end it; another process serves it. */
  answer(started: StartMobileAuthenticationResponse, end: MobileEnd): Promise<void>;
  /** Drops from the store what nobody needs any more at this moment. */
  sweep(): Promise<void>;
}

async function configured() {
  const secretHash = await hashSecret(secret, pepper);
  const stored = (kind: string, id: string, document: object) => ({
    kind,
    id,
    document: JSON.stringify(document),
    sealed: kind === "clients" ? "sealed" : null,
  });
  const api_scopes = ["onegini_api_mobile_authentication"];
  const messages = { en: "Log in?" };
  return readConfiguration(
    1,
    [
      ...["bank", "shop"].map((id) => stored("clients", id, { id, kind: "api", api_scopes })),
      stored("types", "login", {
        name: "login",
        method: "OTP",
        messages,
        callback_required: false,
        expires_in: "60s",
      }),
    ],
    new Map(),
    () => ({ secret: secretHash }),
  );
}

/** Gives the holder a profile with a login, and enrols it. */
async function enrol(store: Store, now: Milliseconds) {
  const family = {
    id: uuid(),
    ...holder,
    identityProvider: "qr",
    tokenType: "DEFAULT",
    scope: "read",
    amr: ["qr"],
    userDetails: null,
    authTime: now,
    createdAt: now,
  };
  const refresh = { hash: hashToken("any"), createdAt: now, expiresAt: milliseconds(now + 1e9) };
  const issued = await store.tokens.issue({
    profile: "registers",
    family: family as never,
    refresh,
  });
  assert.equal(issued, "issued");
  const enrolment = { id: uuid(), ...holder, publicKey: "key", fingerprint: "AB", createdAt: now };
  const terms = { session: family.id, applicationId: "app", policy: "MULTIPLE_DEVICES" } as const;
  assert.equal((await store.mobileEnrolments.put(enrolment, terms)).kind, "kept");
  return enrolment;
}

/** Opens such a world over SQLite. */
export async function openPortalWorld(): Promise<PortalWorld> {
  const place = await openSqlitePlace();
  let now = 1_800_000_000_000 as Milliseconds;
  const clock: Clock = { now: () => now };
  const opening = { ...place, clock, log: silentLog };
  const store = await openStore(opening);
  const other = await openStore(opening);
  await store.installations.add({
    clientId: holder.clientId,
    applicationId: "app",
    softwareVersion: "1.0",
    jwks: "{}",
    deviceName: null,
    devicePlatform: null,
    deviceModel: null,
    deviceOsVersion: null,
    createdAt: now,
    lastSeenAt: null,
  });
  const enrolment = await enrol(store, now);
  const waits = openTransactionWaits(store.mobileTransactions, clock);
  const events: NewEvent[] = [];
  const world: World = {
    ...bareWorld(store, await configured()),
    clock,
    events: eventsInto(events),
    transactionWaits: waits,
  };
  const as = (clientId: string): Credentials => ({
    authorization: undefined,
    clientId,
    clientSecret: secret,
  });
  return {
    world,
    waits,
    events,
    bank: as("bank"),
    shop: as("shop"),
    pass(ms) {
      now = milliseconds(now + ms);
    },
    start: (fields = {}) =>
      startMobileAuthentication(world, { type: "login", ...fields }, as("bank")),
    async fetch({ transactionId, otp = "" }) {
      const { otp: password } = JSON.parse(Buffer.from(otp, "base64").toString());
      const hash = hashOneTimePassword(password);
      const transactions = other.mobileTransactions;
      assert.ok(await transactions.fetch(transactionId, hash, enrolment, clock.now()));
    },
    async answer({ transactionId }, end) {
      const keepUntil = milliseconds(now + world.policy.resultAge);
      const answer = { enrolmentId: enrolment.id, end, now, keepUntil, callback: undefined };
      assert.ok(await other.mobileTransactions.answer(transactionId, answer));
    },
    sweep: async () => void (await store.mobileTransactions.sweepStep(clock.now())),
    async [Symbol.asyncDispose]() {
      await waits[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await place.cleanup();
    },
  };
}
