// Portals watch mobile authentications: over both wires, in both deployments, from every process (D-57).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { basic, get } from "../support/http.ts";
import { askResult, asPortal, start } from "../support/mobile_portal.ts";
import type { OpenPgpPhone } from "../support/openpgp_phone.ts";
import { enrolPhone } from "../support/openpgp_phone.ts";
import type { Deployment, TestServer } from "../support/server.ts";
import { serverFor, startServer } from "../support/server.ts";
import type { StorePlace } from "../support/stores.ts";
import { openOrSkip, storeRows } from "../support/stores.ts";
import { secrets, usualSetup } from "../support/usual_setup.ts";
import { openWatch, watchWires } from "../support/watch.ts";

const names = Object.keys(watchWires) as (keyof typeof watchWires)[];

for (const deployment of ["embedded", "split"] satisfies Deployment[]) {
  describe(`a watched mobile authentication in the ${deployment} deployment`, function () {
    this.timeout(60_000);
    let phone: OpenPgpPhone;
    const server = serverFor(async () => ({
      ...(await usualSetup()),
      deployment,
      env: { GATEWRIGHT_DEADLINE: "1s" },
    }));
    before(async () => {
      phone = await enrolPhone(server(), "alice");
    });

    for (const wire of names) {
      it(`over ${wire} comes state by state, and ends with the result`, async () => {
        const started = await start(server());
        const watch = openWatch(server(), wire, started.id);
        assert.deepEqual(await watch.has(1), ["pending"]);
        // Beyond the deadline of other calls.
        await sleep(1_500);
        await phone.fetch(started);
        assert.deepEqual(await watch.has(2), ["pending", "fetched"]);
        await phone.respond(started.id, true);
        assert.equal(await watch.ended, undefined);
        assert.deepEqual(await watch.has(3), ["pending", "fetched", "answered"]);
        const { result } = watch.told.at(-1) ?? {};
        const { json } = await askResult(server(), started.id);
        assert.equal(result?.userId, "alice");
        assert.equal(result.isAuthenticated, true);
        assert.equal(result.timestamp, json.timestamp);
      });

      const strangers = [
        ["another portal", asPortal("shop"), "MOBILE_AUTHENTICATION_NOT_FOUND"],
        [
          "an API client for something else",
          { authorization: basic("helpdesk", secrets.helpdesk) },
          "MOBILE_AUTHENTICATION_FORBIDDEN",
        ],
        ["nobody", {}, "CLIENT_CREDENTIALS_REJECTED"],
      ] as const;
      for (const [who, headers, reason] of strangers) {
        it(`over ${wire} is refused to ${who}`, async () => {
          const { id } = await start(server());
          const watch = openWatch(server(), wire, id, headers);
          assert.equal((await watch.ended)?.reason, reason);
          assert.deepEqual(watch.told, []);
        });
      }

      it(`over ${wire} ends at the server when its reader leaves`, async () => {
        const ends = async (): Promise<number> => {
          const { text } = await get(`${server().admin}/metrics`);
          const [, count = "0"] = /method="WatchTransaction",end="OK"\} (\d+)/.exec(text) ?? [];
          return Number(count);
        };
        // Those of earlier stories may end only now.
        await sleep(500);
        const before = await ends();
        const watch = openWatch(server(), wire, (await start(server())).id);
        await watch.has(1);
        await watch.stop();
        for (let tries = 0; (await ends()) === before && tries < 100; tries += 1) await sleep(50);
        assert.equal(await ends(), before + 1);
      });
    }

    it("ends for all who watch or wait when it expires", async () => {
      const { id } = await start(server(), { type: "short", message: "Yes?" });
      const watches = names.map((wire) => openWatch(server(), wire, id));
      const waiting = askResult(server(), id, { wait: 15 });
      for (const watch of watches) {
        assert.equal(await watch.ended, undefined);
        assert.deepEqual(await watch.has(2), ["pending", "expired"]);
      }
      const { status, json, text } = await waiting;
      assert.deepEqual([status, json.error_code], [404, "3004"], text);
    });

    it("keeps no server from ending, and says why it ends", async () => {
      const { id } = await start(server());
      const watches = names.map((wire) => openWatch(server(), wire, id));
      for (const watch of watches) await watch.has(1);
      assert.deepEqual(await server().stop("SIGTERM"), { code: 0, signal: null });
      for (const { ended } of watches) assert.equal((await ended)?.reason, "UNAVAILABLE");
    });
  });
}

describe("a mobile authentication of two processes on one PostgreSQL", function () {
  this.timeout(60_000);
  let place: StorePlace | undefined;
  const servers: TestServer[] = [];
  let phone: OpenPgpPhone;
  before(async function () {
    const row = storeRows().find(({ name }) => name === "PostgreSQL");
    assert(row);
    place = await openOrSkip(row, this);
    const usual = await usualSetup();
    const env = {
      GATEWRIGHT_DURABLE: place.durable,
      GATEWRIGHT_EPHEMERAL: place.ephemeral,
      GATEWRIGHT_SECRET: randomBytes(32).toString("base64"),
    };
    servers.push(await startServer({ ...usual, env }));
    servers.push(
      await startServer({ ...usual, env: { ...env, GATEWRIGHT_ISSUER: servers[0]?.issuer ?? "" } }),
    );
    phone = await enrolPhone(servers[0] as TestServer, "alice");
  });
  after(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
    await place?.cleanup();
  });

  it("is watched and waited for at one while the phone talks to the other", async () => {
    const [one, other] = servers as [TestServer, TestServer];
    const started = await start(other);
    const watches = names.map((wire) => openWatch(other, wire, started.id));
    const waiting = askResult(other, started.id, { wait: 15 });
    for (const watch of watches) assert.deepEqual(await watch.has(1), ["pending"]);
    assert.equal(one.issuer, phone.client.issuer);
    await phone.fetch(started);
    for (const watch of watches) await watch.has(2);
    await phone.respond(started.id, false);
    for (const watch of watches) {
      assert.equal(await watch.ended, undefined);
      assert.deepEqual(await watch.has(3), ["pending", "fetched", "answered"]);
      assert.equal(watch.told.at(-1)?.result?.notAuthenticatedReason?.reason, "not_accepted");
    }
    const { status, json, text } = await waiting;
    assert.deepEqual([status, json.is_authenticated], [200, false], text);
  });
});
