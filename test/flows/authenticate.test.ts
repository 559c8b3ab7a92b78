// Authentication under attack: what a flood from one address learns, and whom it keeps out.
import assert from "node:assert/strict";
import type { Clock } from "../../server/core/clock.ts";
import { systemClock } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import { Refusal } from "../../server/core/refusal.ts";
import { authenticate } from "../../server/flows/authenticate.ts";
import { readConfiguration } from "../../server/flows/configuration.ts";
import { doors } from "../../server/flows/doors.ts";
import { noEvents } from "../../server/flows/events/event.ts";
import { budgets, openLimits } from "../../server/flows/limits.ts";
import type { World } from "../../server/flows/world.ts";
import { clientKeyCache, noKeys } from "../../server/identity/client_keys.ts";
import { derive, masterKey } from "../../server/identity/master_key.ts";
import { hashSecret, secretVerifier } from "../../server/identity/secret.ts";
import type { Store } from "../../server/store/store.ts";
import { openStore } from "../../server/store/store.ts";
import type { ClientKey } from "../support/assertions.ts";
import { authenticated, newKey } from "../support/assertions.ts";
import type { StorePlace } from "../support/stores.ts";
import { openSqlitePlace } from "../support/stores.ts";

const master = masterKey(new Uint8Array(32).fill(7));
const pepper = { id: master.id, key: derive(master, "secret_pepper") };
const issuer = "https://example.com/oauth";
const right = "portal-secret-2f8a";
const attacker = "203.0.113.5";
const elsewhere = "198.51.100.7";
const { capacity } = budgets.secret_attempts;

describe("authenticate under attack (SEC-75)", function () {
  this.timeout(60_000);
  let place: StorePlace;
  let store: Store;
  let secret: string;
  let key: ClientKey;
  before(async () => {
    place = await openSqlitePlace();
    store = await openStore({ ...place, clock: systemClock, log: silentLog });
    secret = await hashSecret(right, pepper);
    key = await newKey();
  });
  after(async () => {
    await store?.[Symbol.asyncDispose]();
    await place?.cleanup();
  });

  /** Gives a server that was just started, as callers at any address meet it. */
  function started() {
    // It stands still, so that nothing fills up meanwhile, however slow the machine is.
    const now = systemClock.now();
    const clock: Clock = { now: () => now };
    const client = (id: string, more: object) => ({
      kind: "clients",
      id,
      document: JSON.stringify({ id, kind: "api", ...more }),
      sealed: "sealed",
    });
    const ids = ["portal", "helpdesk", "viewer"];
    const withKeys = client("machine", { jwks: { keys: [key.publicJwk] } });
    const configuration = readConfiguration(
      1,
      [...ids.map((id) => client(id, {})), withKeys],
      new Map(),
      () => ({ secret }),
    );
    const world = {
      clock,
      store,
      policy: { issuer },
      limits: openLimits(clock),
      events: noEvents,
      identity: {
        clientKeys: clientKeyCache(),
        remoteKeys: async () => noKeys,
        secrets: secretVerifier({
          peppers: [pepper],
          waiting: 5 * capacity,
          waitingPerLane: capacity,
        }),
      },
      configuration: () => configuration,
    };
    const from = (address: string) =>
      ({ ...world, origin: { address, userAgent: undefined } }) as unknown as World;
    return {
      /** Gives the client's id, or the reason of the refusal. */
      async bySecret(address: string, clientId: string, clientSecret: string): Promise<string> {
        const credentials = { authorization: undefined, clientId, clientSecret };
        return endOf(authenticate(from(address), doors.backchannel, credentials));
      },
      async byAssertion(address: string, clientId: string, signedWith: ClientKey) {
        const signer = { issuer, clientId, key: signedWith };
        const { client_assertion, client_assertion_type } = await authenticated(signer, {
          header: { kid: key.kid },
        });
        const credentials = {
          authorization: undefined,
          clientAssertion: client_assertion,
          clientAssertionType: client_assertion_type,
        };
        return endOf(authenticate(from(address), doors.backchannel, credentials));
      },
    };
  }

  const endOf = (work: Promise<{ id: string }>): Promise<string> =>
    work.then(
      ({ id }) => id,
      (error: unknown) => {
        assert.ok(error instanceof Refusal, String(error));
        if (error.reason === "RATE_LIMITED") assert.match(error.facts.retry_after ?? "", /^[1-9]/);
        return error.reason;
      },
    );

  const failed = "CLIENT_AUTHENTICATION_FAILED";
  const limited = "RATE_LIMITED";

  it("does not tell during a flood which clients exist (SEC-14)", async () => {
    const server = started();
    const flood = Array.from({ length: 3 * capacity }, (_, index) =>
      server.bySecret(attacker, `made-up-${index}`, "guess-0000"),
    );
    // The first is sent away while the hashes of others are under way: the moment at which known and
    // unknown once differed.
    assert.equal(await Promise.race(flood), limited);
    const made = Array.from({ length: 5 }, (_, i) => server.bySecret(attacker, `other-${i}`, "x"));
    const known = Array.from({ length: 5 }, (_, i) => server.bySecret(attacker, "portal", `x${i}`));
    assert.deepEqual(await Promise.all(made), Array(5).fill(limited));
    assert.deepEqual(await Promise.all(known), Array(5).fill(limited));
    const answers = await Promise.all(flood);
    assert.equal(answers.filter((answer) => answer === failed).length, capacity);
    assert.equal(answers.filter((answer) => answer === limited).length, 2 * capacity);
  });

  it("does not tell it to the next address either while others flood (SEC-14)", async () => {
    const server = started();
    const floods = ["203.0.113.6", "203.0.113.7"].map((address) =>
      Array.from({ length: 2 * capacity }, (_, i) => server.bySecret(address, `made-up-${i}`, "x")),
    );
    await Promise.all(floods.map((flood) => Promise.race(flood)));
    const made = server.bySecret(attacker, "made-up", "guess");
    const known = server.bySecret(attacker, "portal", "guess");
    const honest = server.bySecret(elsewhere, "helpdesk", right);
    assert.deepEqual(await Promise.all([made, known, honest]), [failed, failed, "helpdesk"]);
    await Promise.all(floods.flat());
  });

  it("answers known and made-up clients alike when guesses come one by one (SEC-14)", async () => {
    const server = started();
    const ends = [];
    for (let guess = 0; guess < capacity + 4; guess++) {
      const clientId = guess % 2 === 0 ? "portal" : "made-up";
      ends.push(await server.bySecret(attacker, clientId, `guess ${guess}`));
    }
    assert.deepEqual(ends.slice(0, capacity), Array(capacity).fill(failed));
    assert.deepEqual(ends.slice(capacity), Array(4).fill(limited));
  });

  it("keeps out nobody elsewhere, and nobody at that address who was right before", async () => {
    const server = started();
    assert.equal(await server.bySecret(attacker, "portal", right), "portal");
    const flood = Array.from({ length: 2 * capacity }, (_, index) =>
      server.bySecret(attacker, "portal", `guess ${index}`),
    );
    assert.equal(await server.bySecret(attacker, "portal", right), "portal");
    assert.equal(await server.bySecret(elsewhere, "portal", right), "portal");
    assert.equal(await server.bySecret(elsewhere, "helpdesk", right), "helpdesk");
    await Promise.all(flood);
    assert.equal(await server.bySecret(attacker, "viewer", right), limited);
    assert.equal(await server.bySecret(elsewhere, "viewer", right), "viewer");
  });

  it("looks at no guess beyond the budget, though the client is at work elsewhere", async () => {
    const server = started();
    assert.equal(await server.bySecret(elsewhere, "portal", right), "portal");
    const flood = Array.from({ length: capacity }, (_, index) =>
      server.bySecret(attacker, "portal", `guess ${index}`),
    );
    await Promise.all(flood);
    assert.equal(await server.bySecret(attacker, "portal", right), limited);
    assert.equal(await server.bySecret(elsewhere, "portal", right), "portal");
  });

  it("lets in all who are right at once after a start, however many calls they make", async () => {
    const server = started();
    const calls = Array.from({ length: 300 }, (_, index) =>
      server.bySecret(attacker, ["portal", "helpdesk", "viewer"][index % 3] ?? "", right),
    );
    const ends = new Set(await Promise.all(calls));
    assert.deepEqual([...ends].sort(), ["helpdesk", "portal", "viewer"]);
    for (let call = 0; call < 2 * capacity; call++) {
      assert.equal(await server.bySecret(attacker, "portal", right), "portal");
    }
  });

  it("answers wrong assertions with RATE_LIMITED after a while, and lets the right one in", async () => {
    const server = started();
    const wrong = await newKey();
    for (const clientId of ["machine", "made-up"]) {
      const flood = Array.from({ length: budgets.client_failures.capacity + 20 }, () =>
        server.byAssertion(attacker, clientId, wrong),
      );
      const ends = await Promise.all(flood);
      const failures = ends.filter((end) => end === failed).length;
      assert.equal(failures, budgets.client_failures.capacity, clientId);
      assert.equal(ends.length - failures, ends.filter((end) => end === limited).length);
    }
    assert.equal(await server.byAssertion(attacker, "machine", key), "machine");
    assert.equal(await server.byAssertion(elsewhere, "machine", key), "machine");
    assert.equal(await server.byAssertion(elsewhere, "machine", wrong), failed);
  });

  it("counts one IPv6 network as one caller", async () => {
    const server = started();
    const wrong = await newKey();
    const flood = Array.from({ length: budgets.client_failures.capacity + 1 }, (_, index) =>
      server.byAssertion(`2001:db8:1:2::${index.toString(16)}`, "machine", wrong),
    );
    assert.ok((await Promise.all(flood)).includes(limited));
  });
});
