// PostgreSQL and Redis as the stores: the whole journey on them, and what happens while they are
// away.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { KeyClient, Portal, Tokens } from "../support/client.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { get } from "../support/http.ts";
import type { TcpProxy } from "../support/proxy.ts";
import { startProxy } from "../support/proxy.ts";
import type { RpcEnd } from "../support/rpc.ts";
import type { TestServer } from "../support/server.ts";
import { startServer } from "../support/server.ts";
import type { StorePlace } from "../support/stores.ts";
import { openOrSkip, storeRows } from "../support/stores.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";
import { overGrpc } from "./doors.ts";

const profile_id = "W8DUJ2";
const rowOf = (name: string) => {
  const row = storeRows().find((candidate) => candidate.name === name);
  assert(row, `there is no way to keep data called ${name}`);
  return row;
};

/** Scripts that share something through the cache, as the QR registration does. */
const cacheScripts = {
  "keep.js": `function execute(user) { CACHE.store("kept", user); return { status: 2000 }; }`,
  "kept.js": `function execute() {
    var user = CACHE.fetch("kept");
    return user === null ? { status: 5000 } : { status: 2000, user: { id: user } };
  }`,
};

describe("PostgreSQL and Redis as the stores", function () {
  this.timeout(60_000);
  const places: StorePlace[] = [];
  let durableProxy: TcpProxy;
  let ephemeralProxy: TcpProxy;
  let server: TestServer;
  let phone: KeyClient;
  let resource: Portal;
  let login: Tokens;

  /** Puts a proxy in front of the host of a URL. */
  async function proxied(url: string): Promise<[TcpProxy, string]> {
    const target = new URL(url);
    const proxy = await startProxy(target.host);
    target.host = proxy.address;
    return [proxy, target.href];
  }

  before(async function () {
    const postgres = await openOrSkip(rowOf("PostgreSQL"), this);
    places.push(postgres);
    const redis = await openOrSkip(rowOf("SQLite and Redis"), this);
    places.push(redis);
    const [toPostgres, durable] = await proxied(postgres.durable);
    const [toRedis, ephemeral] = await proxied(redis.ephemeral);
    durableProxy = toPostgres;
    ephemeralProxy = toRedis;
    const { setup, files } = await usualSetup();
    const provider = {
      id: "cached",
      type: "CUSTOM_API_ONE_STEP",
      scripts: { complete: "kept.js", backchannel: "keep.js" },
    };
    const application = {
      id: "store-app",
      identity_providers: ["cached", "puppet", "steps"],
      scopes: ["read", "openid"],
      default_scopes: ["read"],
    };
    server = await startServer({
      setup: {
        ...setup,
        applications: [...setup.applications, application],
        identity_providers: [...setup.identity_providers, provider],
      },
      files: { ...files, ...cacheScripts },
      env: {
        GATEWRIGHT_DURABLE: durable,
        GATEWRIGHT_EPHEMERAL: ephemeral,
        GATEWRIGHT_SECRET: randomBytes(32).toString("base64"),
        GATEWRIGHT_DEADLINE: "5s",
        GATEWRIGHT_WORKERS: "2",
      },
    });
    phone = await registerPhone(server, "store-app");
    resource = portal(server, "portal", secrets.portal);
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await durableProxy?.[Symbol.asyncDispose]();
    await ephemeralProxy?.[Symbol.asyncDispose]();
    for (const place of places) await place.cleanup();
  });

  const complete = (data: string, body: object = {}): Promise<HttpAnswer> =>
    phone.complete("puppet", { data, profile_id, ...body });

  async function walk(): Promise<void> {
    const kept = await resource.backchannel("cached", "dora");
    assert.deepEqual(kept.json, { status: 2000 }, kept.text);
    login = tokensOf(await phone.complete("cached", { profile_id, scope: ["openid", "read"] }));
    assert.equal((await resource.introspect(login.access_token)).json.sub, "dora");
    const refreshed = await phone.refresh(login.refresh_token ?? "", { profile_id });
    login = tokensOf(refreshed);
    const { json } = await phone.init("steps", { data: say(2000) });
    const body = { transaction_id: json.transaction_id, data: letIn("dora"), profile_id: "STEPS1" };
    tokensOf(await phone.complete("steps", body));
  }

  it("carry the whole journey", walk);

  it("keep it over a restart", async () => {
    await server.restart();
    const refreshed = await phone.refresh(login.refresh_token ?? "", { profile_id });
    login = tokensOf(refreshed);
    assert.equal((await resource.introspect(login.access_token)).json.sub, "dora");
  });

  const assertUnavailable = (answer: HttpAnswer): void =>
    assertRefused(answer, 503, "temporarily_unavailable");

  /** Waits until a call works again; no state of the server may have to be mended by hand. */
  async function comesBack(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const answer = await complete(letIn("dora"));
      const begun = await phone.init("steps", { data: say(2000) });
      if (answer.status === 200 && begun.status === 200) return;
      assert.ok(tries < 100, `it does not come back: ${answer.text} ${begun.text}`);
      await sleep(100);
    }
  }

  const ways = ["cut", "silence"] as const;
  for (const way of ways) {
    describe(`when PostgreSQL is ${way === "cut" ? "gone" : "silent"} (SEC-87)`, () => {
      let answers: HttpAnswer[];
      let end: RpcEnd;
      let health: HttpAnswer;
      let keys: HttpAnswer;

      // All at once: each may take as long as a deadline.
      before(async () => {
        durableProxy[way]();
        const { access_token, refresh_token = "" } = login;
        const message = { token: access_token };
        const { authorization } = resource;
        [end, health, keys, ...answers] = await Promise.all([
          overGrpc(server, { method: "introspectToken", message, authorization }),
          get(`${server.admin}/health`),
          get(`${server.http}/oauth/v1/keys`),
          complete(letIn("dora")),
          phone.init("steps", { data: say(2000) }),
          phone.refresh(refresh_token, { profile_id }),
          phone.token({ grant_type: "client_credentials" }),
          phone.revoke(refresh_token, { profile_id }),
          resource.introspect(access_token),
        ]);
      });
      after(async () => {
        durableProxy.mend();
        await comesBack();
      });

      it("registrations, refreshes, introspections and revocations are unavailable", () => {
        for (const answer of answers) assertUnavailable(answer);
      });

      it("gRPC says UNAVAILABLE", () => {
        assert.deepEqual([end.code, end.reason], [14, "UNAVAILABLE"]);
      });

      it("health says that it cannot serve", () => assert.equal(health.status, 503));

      it("the key set is still served", () => assert.equal(keys.status, 200));
    });

    describe(`when Redis is ${way === "cut" ? "gone" : "silent"} (SEC-87)`, () => {
      let steps: HttpAnswer[];
      let scripted: HttpAnswer[];
      let health: HttpAnswer;
      let plain: HttpAnswer;

      before(async () => {
        const { transaction_id } = (await phone.init("steps", { data: say(2000) })).json;
        ephemeralProxy[way]();
        [steps, scripted, health, plain] = await Promise.all([
          Promise.all([
            phone.init("steps", { data: say(2000) }),
            phone.complete("steps", { transaction_id, data: letIn("dora"), profile_id }),
          ]),
          Promise.all([
            resource.backchannel("cached", "mallory"),
            phone.complete("cached", { profile_id }),
          ]),
          get(`${server.admin}/health`),
          complete(letIn("dora")),
        ]);
      });
      after(async () => {
        ephemeralProxy.mend();
        await comesBack();
      });

      it("both steps of a two-step registration are unavailable", () => {
        for (const answer of steps) assertUnavailable(answer);
      });

      it("a script that needs the cache lets nobody in, and the caller may try again", () => {
        for (const answer of scripted) assertUnavailable(answer);
      });

      it("health says that it cannot serve", () => assert.equal(health.status, 503));

      it("what needs no ephemeral store still works", () => void tokensOf(plain));
    });
  }

  it("serve as before when they are back", walk);
});
