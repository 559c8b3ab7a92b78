// Limits as callers meet them: a flood ends in 429 with retry-after, and costs nobody else anything.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { budgets } from "../../server/flows/limits.ts";
import type { ClientKey } from "../support/assertions.ts";
import { authenticated, newKey } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { backchannelPath, registerPhone, stepPath } from "../support/client.ts";
import { eventsOf, listedEvents } from "../support/events.ts";
import type { HttpAnswer } from "../support/http.ts";
import { basic, get, postJson } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";

const attacker = "203.0.113.5";
const elsewhere = "198.51.100.7";
/** How many requests a flood has under way. */
const batch = 20;

describe("rate limits (SEC-75)", function () {
  this.timeout(60_000);
  const server = serverFor(async () => ({
    ...(await usualSetup()),
    env: { GATEWRIGHT_TRUSTED_PROXIES: "127.0.0.1" },
  }));
  let phone: KeyClient;
  before(async () => {
    phone = await registerPhone(server());
  });

  const portalAt = (address: string, clientId: string, secret: string): Promise<HttpAnswer> =>
    postJson(
      server().http + backchannelPath("puppet"),
      { data: say(2000) },
      { authorization: basic(clientId, secret), "x-forwarded-for": address },
    );

  const phoneAt = async (
    address: string,
    { clientId, key }: { clientId: string; key: ClientKey },
  ): Promise<HttpAnswer> =>
    postJson(
      server().http + stepPath("puppet", "complete"),
      {
        ...(await authenticated({ issuer: server().issuer, clientId, key })),
        data: letIn("alice"),
        profile_id: "W8DUJ2",
      },
      { "x-forwarded-for": address },
    );

  function assertLimited(answer: HttpAnswer): void {
    assert.deepEqual([answer.status, answer.json.error], [429, "too_many_requests"], answer.text);
    assert.match(String(answer.headers["retry-after"]), /^[1-9][0-9]*$/);
  }

  /** What was said with 429: always the same. */
  const limits = new Set<string>();
  after(() => assert.equal(limits.size, 1));

  /** Sends until a 429 comes, and gives what came before it. */
  async function until429(send: () => Promise<HttpAnswer>): Promise<HttpAnswer[]> {
    const before: HttpAnswer[] = [];
    for (let sent = 0; sent < 4000; sent += batch) {
      const answers = await Promise.all(Array.from({ length: batch }, send));
      const limited = answers.filter(({ status }) => status === 429);
      before.push(...answers.filter(({ status }) => status !== 429));
      for (const answer of limited) {
        assertLimited(answer);
        limits.add(answer.text);
      }
      if (limited.length > 0) return before;
    }
    throw new Error("no limit was met");
  }

  it("end a flood of wrong secrets, alike for clients that exist and others (SEC-14)", async () => {
    // Those who were right before are remembered.
    assert.equal((await portalAt(attacker, "portal", secrets.portal)).status, 200);
    let sent = 0;
    const failures = await until429(() =>
      portalAt(attacker, sent++ % 2 === 0 ? "portal" : "made-up", `guess ${sent}`),
    );
    assert.ok(failures.length >= budgets.secret_attempts.capacity, `${failures.length} failures`);
    assert.equal(new Set(failures.map(({ status, text }) => `${status} ${text}`)).size, 1);
    for (const clientId of ["portal", "made-up"]) {
      await until429(() => portalAt(attacker, clientId, "another guess"));
    }
  });

  it("leave alone the portal at the same address, and everybody elsewhere", async () => {
    await until429(() => portalAt(attacker, "portal", "one more guess"));
    assert.equal((await portalAt(attacker, "portal", secrets.portal)).status, 200);
    assert.equal((await portalAt(elsewhere, "portal", secrets.portal)).status, 200);
    assert.equal((await portalAt(elsewhere, "portal", "a guess")).status, 400);
    assert.equal((await phoneAt(attacker, phone)).status, 200);
  });

  it("end a flood of wrong assertions, and let the right one in from the same place", async () => {
    const key = await newKey();
    const forged = { clientId: phone.clientId, key: { ...key, kid: phone.key.kid } };
    const made = { clientId: "made-up-phone", key };
    for (const signer of [forged, made]) {
      const failures = await until429(() => phoneAt(attacker, signer));
      assert.ok(failures.length >= budgets.client_failures.capacity, `${failures.length}`);
      for (const { status } of failures) assert.equal(status, 400);
    }
    assert.equal((await phoneAt(attacker, phone)).status, 200);
    assert.equal((await phoneAt(elsewhere, forged)).status, 400);
  });

  it("bound what strangers write into the events, through every door (SEC-76)", async () => {
    const stranger = "192.0.2.77";
    const from = (headers: object = {}) => ({ "x-forwarded-for": stranger, ...headers });
    const calls: readonly (() => Promise<HttpAnswer>)[] = [
      () => get(`${server().http}/oauth/api/v4/users/ann/devices`, from()),
      () => get(`${server().http}/oauth/api/v1/events`, from()),
      () => get(`${server().http}/oauth/v1/app-configuration`, from()),
      () => postJson(`${server().http}/oauth/register`, { software_id: "none" }, from()),
      () => postJson(`${server().http}${stepPath("puppet", "complete")}`, {}, from()),
      () => postJson(`${server().http}/oauth/v1/authenticators/pin/authenticate`, {}, from()),
    ];
    for (const call of calls) {
      for (let batch = 0; batch < 10; batch++) {
        const answers = await Promise.all(Array.from({ length: 40 }, call));
        for (const { status, text } of answers) assert.ok(status >= 400 && status < 500, text);
      }
    }
    const found = await listedEvents(server(), "size=1000");
    const written = found.filter((event) => event.client_ip === stranger).length;
    assert.ok(written >= 300 && written <= 420, `${written} events`);
  });

  it("never meet a client that only succeeds", async () => {
    const honest = await registerPhone(server(), "app");
    for (let batch = 0; batch < 10; batch++) {
      const calls = Array.from({ length: 40 }, async () =>
        postJson(
          server().http + stepPath("puppet", "complete"),
          { ...(await authenticated(honest)), data: letIn("bob"), profile_id: "W8DUJ2" },
          { "x-forwarded-for": attacker },
        ),
      );
      for (const { status, text } of await Promise.all(calls)) assert.equal(status, 200, text);
    }
  });
});

describe("what strangers can write into the audit trail (SEC-75, SEC-77)", function () {
  this.timeout(60_000);
  const server = serverFor(usualSetup);
  const url = (path: string): string => `${server().http}/oauth${path}`;

  const doors: Readonly<Record<string, () => Promise<HttpAnswer>>> = {
    // Every one claims to be another client, so that no limit on failures of one client is met.
    "the door of installations": () =>
      get(url("/v1/app-configuration"), { authorization: `Bearer ${randomUUID()}` }),
    "the end-user API": () =>
      get(url("/api/v4/users/ann/devices"), { authorization: `Bearer ${randomUUID()}` }),
    "dynamic registration": () => postJson(url("/register"), { software_id: "none", jwks: {} }),
    "dynamic registration of an unknown version": () =>
      postJson(url("/register"), {
        software_id: "released",
        software_version: randomUUID(),
        jwks: { keys: [spare.publicJwk] },
      }),
  };
  let spare: ClientKey;
  before(async () => {
    spare = await newKey();
  });

  for (const [door, knock] of Object.entries(doors)) {
    it(`is one event for a failure at ${door}`, async () => {
      assert.equal((await eventsOf(server(), knock)).length, 1);
    });
  }

  it("is no more than the budget of their address, at whichever door", async () => {
    const events = await eventsOf(server(), async () => {
      for (const knock of Object.values(doors)) {
        await Promise.all(Array.from({ length: 150 }, knock));
      }
    });
    assert.ok(events.length <= 400, `${events.length} events`);
  });
});

describe("rate limits that are switched off", function () {
  this.timeout(60_000);
  const server = serverFor(async () => ({
    ...(await usualSetup()),
    env: { GATEWRIGHT_RATE_LIMITS: "off" },
  }));

  it("let every guess come to its own answer", async () => {
    const phone = await registerPhone(server());
    const forged = { issuer: server().issuer, clientId: phone.clientId, key: await newKey() };
    for (let sent = 0; sent < 60; sent++) {
      const answer = await postJson(server().http + stepPath("puppet", "complete"), {
        ...(await authenticated(forged)),
        data: letIn("alice"),
        profile_id: "W8DUJ2",
      });
      assert.equal(answer.status, 400, answer.text);
    }
  });
});
