// A world of real rooms in which phones log in, with what it noted and what it was limited by.
import assert from "node:assert/strict";
import { milliseconds, systemClock } from "../../server/core/clock.ts";
import { randomId, uuid } from "../../server/core/id.ts";
import { silentLog } from "../../server/core/log.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { Credentials } from "../../server/flows/authenticate.ts";
import type { StoredObject } from "../../server/flows/configuration.ts";
import { readConfiguration } from "../../server/flows/configuration.ts";
import type { NewEvent } from "../../server/flows/events/event.ts";
import { noEvents } from "../../server/flows/events/event.ts";
import type { World } from "../../server/flows/world.ts";
import { hashToken, tokenSource } from "../../server/identity/opaque_token.ts";
import { sealer } from "../../server/identity/seal.ts";
import { hashSecret } from "../../server/identity/secret.ts";
import { generateSigningKey, openKeyRing } from "../../server/identity/signing_keys.ts";
import { openStore } from "../../server/store/store.ts";
import type { Issue } from "../../server/store/token_issue.ts";
import { assertionOf, assertionType, newKey } from "../support/assertions.ts";
import { bareWorld, issuer, master, pepper } from "../support/bare_world.ts";
import { openSqlitePlace } from "../support/stores.ts";

const secret = "resource-secret-77c1";

/** A phone with a profile that is registered with PIN and fingerprint. */
export interface RegisteredPhone {
  readonly clientId: string;
  readonly profileId: string;
  readonly pinToken: string;
  readonly fingerprintToken: string;
  /** Gives credentials that nobody used yet. */
  credentials(): Promise<Credentials>;
}

/** The world, and what became known of it. */
export interface TokenWorld extends AsyncDisposable {
  readonly world: World;
  /** Gives what was noted since it was last asked: types, and users and details where there are any. */
  noted(): readonly NewEvent[];
  /** What was demanded and spent, as `verb limit`. */
  readonly limited: string[];
  /** Credentials of an API client that introspects. */
  readonly resource: Credentials;
  /** Registers a phone of an application with user `ann`, who was granted `openid read`. */
  register(application: string): Promise<RegisteredPhone>;
}

const stored = (kind: string, id: string, document: object): StoredObject => ({
  kind,
  id,
  document: JSON.stringify({ id, ...document }),
  sealed: kind === "clients" ? "sealed" : null,
});

/** Opens a world over SQLite with these applications, by name. */
export async function openTokenWorld(applications: Record<string, object>): Promise<TokenWorld> {
  const place = await openSqlitePlace();
  const { durable, ephemeral } = place;
  const store = await openStore({ durable, ephemeral, clock: systemClock, log: silentLog });
  const secretHash = await hashSecret(secret, pepper);
  const api = { kind: "api", api_scopes: ["onegini_api_token_introspection"] };
  const apps = Object.entries(applications);
  const configuration = readConfiguration(
    1,
    [
      stored("clients", "resource", api),
      ...apps.map(([id, app]) => stored("applications", id, app)),
    ],
    new Map(),
    () => ({ secret: secretHash }),
  );
  const box = sealer([master]);
  const keyRing = await openKeyRing([await generateSigningKey(box, milliseconds(0))], box);
  const newToken = tokenSource();
  const limited: string[] = [];
  let events: NewEvent[] = [];
  const bare = bareWorld(store, configuration);
  const world: World = {
    ...bare,
    events: { ...noEvents, add: (event) => void events.push(event) },
    limits: {
      demand(limit) {
        limited.push(`demand ${limit}`);
        if (limited.filter((each) => each === `spend ${limit}`).length >= 3) {
          throw new Refusal("RATE_LIMITED", { retry_after: "1" });
        }
      },
      spend(limit, _, cost = 1) {
        if (cost > 0) limited.push(`spend ${limit}`);
        else limited.splice(limited.lastIndexOf(`spend ${limit}`), 1);
      },
    },
    identity: { ...bare.identity, keyRing: () => keyRing, newToken },
  };
  const issue = async (owned: object, tokenType: string, profile: Issue["profile"]) => {
    const now = systemClock.now();
    const refreshToken = newToken();
    const expiresAt = milliseconds(now + 60_000);
    const facts = { identityProvider: "qr", tokenType, scope: "openid read", amr: ["qr"] };
    const family = { id: uuid(), ...facts, ...owned, authTime: now, createdAt: now } as never;
    const refresh = { hash: hashToken(refreshToken), createdAt: now, expiresAt };
    assert.equal(await store.tokens.issue({ profile, family, refresh }), "issued");
    return refreshToken;
  };
  return {
    world,
    limited,
    resource: { authorization: undefined, clientId: "resource", clientSecret: secret },
    noted() {
      const seen = events;
      events = [];
      return seen;
    },
    async register(applicationId) {
      const key = await newKey();
      const [clientId, profileId] = [
        uuid(),
        randomId()
          .replaceAll(/[^A-Za-z0-9]/g, "0")
          .slice(0, 6),
      ];
      await store.installations.add({
        clientId,
        applicationId,
        softwareVersion: "1.0",
        jwks: JSON.stringify({ keys: [key.publicJwk] }),
        deviceName: null,
        devicePlatform: null,
        deviceModel: null,
        deviceOsVersion: null,
        createdAt: systemClock.now(),
        lastSeenAt: null,
      });
      const owned = { clientId, profileId, userId: "ann", userDetails: { department: "claims" } };
      return {
        clientId,
        profileId,
        pinToken: await issue(owned, "DEFAULT", "registers"),
        fingerprintToken: await issue(owned, "FINGER_PRINT", "admits"),
        credentials: async () => ({
          authorization: undefined,
          clientAssertionType: assertionType,
          clientAssertion: await assertionOf({ issuer, clientId, key }),
        }),
      };
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await place.cleanup();
    },
  };
}
