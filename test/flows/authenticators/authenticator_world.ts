// A world for the flows of authenticators: a real store and real keys, an engine that does what it is
// told, and limits and events that note what they are told.
import assert from "node:assert/strict";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import { randomId } from "../../../server/core/id.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import type { Engine } from "../../../server/engine/engine.ts";
import type { ScriptCall, ScriptOutcome, ScriptRun } from "../../../server/engine/script.ts";
import { readConfiguration } from "../../../server/flows/configuration.ts";
import type { NewEvent } from "../../../server/flows/events/event.ts";
import type { World } from "../../../server/flows/world.ts";
import { hashToken, tokenSource } from "../../../server/identity/opaque_token.ts";
import type { Store } from "../../../server/store/store.ts";
import type { ClientKey, Signer } from "../../support/assertions.ts";
import { newKey } from "../../support/assertions.ts";
import { bareWorld, eventsInto, issuer } from "../../support/bare_world.ts";

/** What the engine does at one run: an outcome of the script, or why it could not run. */
export type Turn = ScriptOutcome | Refusal;

/** Gives the outcome of a script that returned. */
export const returned = (status: number, more: object = {}): ScriptOutcome => ({
  kind: "returned",
  status,
  ...more,
});

/** A world, and what was done in it. */
export interface Observed {
  readonly world: World;
  readonly events: NewEvent[];
  /** Calls of the limits: the verb, the limit, the key. */
  readonly limited: string[][];
  readonly calls: ScriptCall[];
}

const script = { name: "voice.js", version: 3, source: "", sha256: "digest" };

const object = (kind: string, id: string, document: object) => ({
  kind,
  id,
  document: JSON.stringify({ id, ...document }),
  sealed: null,
});

const configuration = readConfiguration(
  1,
  [
    object("applications", "app", {
      name: "The app",
      scopes: ["read"],
      fresh_authentication: "40s",
      custom_authenticators: ["voice", "muted"],
    }),
    object("authenticators", "voice", {}),
    object("authenticators", "muted", { enabled: false }),
  ],
  new Map(
    ["registration", "authentication"].map((step) => [`authenticators/voice/${step}`, script]),
  ),
  () => ({}),
);

/** Gives a world whose engine takes these turns one after the other; `spent` limits refuse. */
export function observe(store: Store, turns: readonly Turn[], spent = false): Observed {
  const left = [...turns];
  const events: NewEvent[] = [];
  const limited: string[][] = [];
  const calls: ScriptCall[] = [];
  const engine: Engine = {
    async run(_, call): Promise<ScriptRun> {
      calls.push(call);
      const turn = left.shift();
      assert(turn, "the script runs more often than it may");
      if (turn instanceof Refusal) throw turn;
      const { executionId } = call;
      const facts = { executionId, startedAt: 0, durationMs: 1, cpuMs: 1, log: [], hostCalls: [] };
      return { ...facts, outcome: turn };
    },
    replay: () => assert.fail("nothing is replayed here"),
    check: async () => [],
    configure: () => {},
    ping: () => true,
    async [Symbol.asyncDispose]() {},
  };
  const world: World = {
    ...bareWorld(store, configuration),
    engine,
    recorder: { add() {}, waiting: () => undefined, async [Symbol.asyncDispose]() {} },
    events: eventsInto(events),
    limits: {
      demand(limit, key) {
        limited.push(["demand", limit, ...key]);
        if (spent) throw new Refusal("RATE_LIMITED", { retry_after: "1" });
      },
      spend: (limit, key, cost = 1) => void limited.push(["spend", limit, ...key, String(cost)]),
    },
  };
  return { world, events, limited, calls };
}

/** The user of a profile on an app installation. */
export interface TestUser {
  readonly signer: Signer;
  readonly profileId: string;
  /** The Authorization header with a fresh access token. */
  readonly authorization: string;
}

let key: Promise<ClientKey> | undefined;

/** Adds an app installation with a profile of alice, who has just registered. */
export async function addUser(store: Store): Promise<TestUser> {
  key ??= newKey();
  const clientKey = await key;
  const [clientId, profileId] = [randomId(), "W8DUJ2"];
  const now = systemClock.now();
  await store.installations.add({
    clientId,
    applicationId: "app",
    softwareVersion: "1.0",
    jwks: JSON.stringify({ keys: [clientKey.publicJwk] }),
    deviceName: null,
    devicePlatform: null,
    deviceModel: null,
    deviceOsVersion: null,
    createdAt: now,
    lastSeenAt: null,
  });
  const token = tokenSource()();
  await store.tokens.issue({
    profile: "registers",
    family: {
      id: randomId(),
      clientId,
      userId: "alice",
      profileId,
      identityProvider: "qr",
      tokenType: "DEFAULT",
      scope: "read",
      amr: [],
      userDetails: null,
      authTime: now,
      createdAt: now,
    },
    access: {
      hash: hashToken(token),
      scope: "read",
      issuedAt: now,
      expiresAt: milliseconds(now + 60_000),
    },
  });
  const signer = { issuer, clientId, key: clientKey };
  return { signer, profileId, authorization: `Bearer ${token}` };
}
