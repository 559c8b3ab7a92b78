// What flows stand on in a room test: a real store and real keys; what a test does not bring is a fault
// when it is used.
import assert from "node:assert/strict";
import { milliseconds, systemClock } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import type { Engine } from "../../server/engine/engine.ts";
import type { Configuration } from "../../server/flows/configuration.ts";
import type { Events, NewEvent } from "../../server/flows/events/event.ts";
import { noEvents } from "../../server/flows/events/event.ts";
import { noLimits } from "../../server/flows/limits.ts";
import type { World } from "../../server/flows/world.ts";
import { auditChain } from "../../server/identity/audit_chain.ts";
import { clientKeyCache, noKeys } from "../../server/identity/client_keys.ts";
import { derive, masterKey } from "../../server/identity/master_key.ts";
import { tokenSource } from "../../server/identity/opaque_token.ts";
import type { OpenPgp } from "../../server/identity/open_pgp.ts";
import { sealer } from "../../server/identity/seal.ts";
import { secretVerifier } from "../../server/identity/secret.ts";
import { webHookTokens } from "../../server/identity/web_hook_token.ts";
import type { Store } from "../../server/store/store.ts";

/** The master key of all bare worlds, and what secrets of their clients are hashed with. */
export const master = masterKey(new Uint8Array(32).fill(7));
export const pepper = { id: master.id, key: derive(master, "secret_pepper") };

/** The issuer of all bare worlds. */
export const issuer = "https://example.com/oauth";

const unused = (): never => assert.fail("it is not used here");
const none = milliseconds(0);

const engine: Engine = {
  run: unused,
  replay: unused,
  check: unused,
  configure: unused,
  ping: () => true,
  async [Symbol.asyncDispose]() {},
};

const openPgp: OpenPgp = {
  checkKey: unused,
  generateKey: unused,
  encrypt: unused,
  decrypt: unused,
  async [Symbol.asyncDispose]() {},
};

/** Gives a world over a store, which keeps no events, limits nothing and runs no script. */
export const bareWorld = (store: Store, configuration: Configuration): World => ({
  clock: systemClock,
  log: silentLog,
  policy: {
    issuer,
    transactionTtl: milliseconds(60_000),
    transactionTries: 5,
    registrationsPerHour: undefined,
    keyAnnouncement: none,
    keyRetention: none,
    executionsAge: none,
    executionsKept: 0,
    eventsAge: none,
    secureMessageBytes: 65_536,
    resultAge: milliseconds(86_400_000),
    callbacksAge: milliseconds(86_400_000),
  },
  store,
  engine,
  recorder: { add: unused, waiting: () => undefined, async [Symbol.asyncDispose]() {} },
  egress: { request: unused },
  events: noEvents,
  callbacks: { wake() {} },
  transactionWaits: { change: unused, tell() {} },
  limits: noLimits,
  origin: { address: "192.0.2.1", userAgent: undefined },
  identity: {
    keyRing: unused,
    refreshKeyRing: unused,
    clientKeys: clientKeyCache(),
    remoteKeys: async () => noKeys,
    secrets: secretVerifier({ peppers: [pepper] }),
    pepper,
    sealer: sealer([master]),
    auditChain: auditChain(derive(master, "audit_chain")),
    webHookTokens: webHookTokens(),
    openPgp,
    openPgpKey: unused,
    successorKey: derive(master, "refresh_successor"),
    newToken: tokenSource(),
  },
  configuration: () => configuration,
  refreshConfiguration: async () => {},
});

/** Gives events that are kept in a list, failures of strangers among them. */
export const eventsInto = (list: NewEvent[]): Events => ({
  ...noEvents,
  add: (event) => void list.push(event),
  addFailure: (event) => void list.push(event),
});
