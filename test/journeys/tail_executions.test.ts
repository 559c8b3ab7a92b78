// Executions as they end: over both wires, past the deadline of other calls, from every process of a
// deployment, each once (D-32).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { portal } from "../support/client.ts";
import { get } from "../support/http.ts";
import { openTail, wires } from "../support/script_administrator.ts";
import type { Deployment, TestServer } from "../support/server.ts";
import { serverFor, startServer } from "../support/server.ts";
import type { StorePlace } from "../support/stores.ts";
import { openOrSkip, storeRows } from "../support/stores.ts";
import { say, secrets, usualSetup } from "../support/usual_setup.ts";

const names = Object.keys(wires) as (keyof typeof wires)[];
const run = async (server: TestServer, status: number): Promise<void> => {
  const actor = portal(server, "portal", secrets.portal);
  assert.equal((await actor.backchannel("puppet", say(status))).json.status, status);
};

for (const deployment of ["embedded", "split"] satisfies Deployment[]) {
  describe(`a tail of executions in the ${deployment} deployment`, function () {
    this.timeout(60_000);
    const server = serverFor(async () => ({
      ...(await usualSetup()),
      deployment,
      env: { GATEWRIGHT_DEADLINE: "1s" },
    }));

    for (const wire of names) {
      it(`over ${wire} tells what ends after it began, and nothing before`, async () => {
        await run(server(), 4000);
        // In the store for certain.
        await sleep(1_000);
        const tail = openTail(server(), wire);
        await tail.begun;
        await run(server(), 4001);
        await run(server(), 4002);
        const seen = await tail.has(2);
        assert.deepEqual(new Set(seen.map(({ status }) => status)), new Set([4001, 4002]));
        assert.equal(seen[0]?.script, "identity_providers/puppet/backchannel");
        await tail.stop();
      });

      it(`over ${wire} goes on beyond the deadline of other calls`, async () => {
        const tail = openTail(server(), wire);
        await tail.begun;
        await sleep(1_500);
        await run(server(), 4003);
        assert.equal((await tail.has(1))[0]?.status, 4003);
        await tail.stop();
      });

      it(`over ${wire} tells those of one script, or those that failed`, async () => {
        const script = "identity_providers/silent/backchannel";
        const one = openTail(server(), wire, { script });
        const failed = openTail(server(), wire, { failed: true });
        await Promise.all([one.begun, failed.begun]);
        await run(server(), 4004);
        await portal(server(), "portal", secrets.portal).backchannel("puppet", "no JSON");
        await portal(server(), "portal", secrets.portal).backchannel("silent");
        assert.equal((await one.has(1))[0]?.script, script);
        const codes = (await failed.has(2)).map(({ failure }) => failure?.code);
        assert.deepEqual(codes.toSorted(), [3000, 3001]);
        assert.equal(one.seen.length, 1);
        await Promise.all([one.stop(), failed.stop()]);
      });

      it(`over ${wire} ends at the server when its reader leaves`, async () => {
        const ends = async (): Promise<number> => {
          const { text } = await get(`${server().admin}/metrics`);
          const [, count = "0"] = /method="TailExecutions",end="OK"\} (\d+)/.exec(text) ?? [];
          return Number(count);
        };
        // Those of earlier stories may end only now.
        await sleep(500);
        const before = await ends();
        const tail = openTail(server(), wire);
        await tail.begun;
        await tail.stop();
        for (let tries = 0; (await ends()) === before && tries < 100; tries += 1) await sleep(50);
        assert.equal(await ends(), before + 1);
      });

      it(`over ${wire} is for administrators`, async () => {
        const tail = openTail(server(), wire, {}, {});
        await assert.rejects(tail.begun, { reason: "ADMIN_CREDENTIALS_REJECTED" });
      });
    }

    it("keeps no server from ending, and says why it ends", async () => {
      const tails = names.map((wire) => openTail(server(), wire));
      await Promise.all(tails.map(({ begun }) => begun));
      assert.deepEqual(await server().stop("SIGTERM"), { code: 0, signal: null });
      // The server said it: a connection that broke off would have no reason.
      for (const { ended } of tails) assert.equal((await ended)?.reason, "UNAVAILABLE");
    });
  });
}

describe("a tail of executions of two processes on one PostgreSQL", function () {
  this.timeout(60_000);
  let place: StorePlace | undefined;
  const servers: TestServer[] = [];
  before(async function () {
    const row = storeRows().find(({ name }) => name === "PostgreSQL");
    assert(row);
    place = await openOrSkip(row, this);
    const { setup, files } = await usualSetup();
    const env = {
      GATEWRIGHT_DURABLE: place.durable,
      GATEWRIGHT_EPHEMERAL: place.ephemeral,
      GATEWRIGHT_SECRET: randomBytes(32).toString("base64"),
    };
    servers.push(await startServer({ setup, files, env }));
    servers.push(await startServer({ setup, files, env }));
  });
  after(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
    await place?.cleanup();
  });

  for (const wire of names) {
    it(`over ${wire} tells each once, whichever process ran it`, async () => {
      const [one, other] = servers as [TestServer, TestServer];
      const tail = openTail(one, wire);
      await tail.begun;
      const statuses = Array.from({ length: 120 }, (_, index) => 4000 + index);
      await Promise.all(statuses.map((status) => run(status % 2 ? one : other, status)));
      await tail.has(statuses.length);
      // Some more time, in which nothing may come twice.
      await sleep(1_000);
      const told = tail.seen.map(({ status }) => status ?? 0);
      assert.deepEqual(
        told.toSorted((a, b) => a - b),
        statuses,
      );
      await tail.stop();
    });
  }
});
