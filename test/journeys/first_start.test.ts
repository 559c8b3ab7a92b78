// The first start, when not all goes well: the administrator's secret is not lost with a failing
// start, and servers that start at once on the same stores do not spoil each other's.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setupUrl } from "../support/administrator.ts";
import { basic, get } from "../support/http.ts";
import type { TcpProxy } from "../support/proxy.ts";
import { startProxy } from "../support/proxy.ts";
import type { TestServer } from "../support/server.ts";
import { startInVain, startServer } from "../support/server.ts";
import type { StorePlace } from "../support/stores.ts";
import { openOrSkip, storeRows } from "../support/stores.ts";
import { usualSetup } from "../support/usual_setup.ts";

const secretPrinted = /^first start: the administrator is "admin".* (\S+)$/m;
const secretIn = (output: string): string | undefined => secretPrinted.exec(output)?.[1];

const admitted = async (server: TestServer, secret: string): Promise<number> =>
  (await get(setupUrl(server), { authorization: basic("admin", secret) })).status;

describe("a first start that fails", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "gatewright-first-"));
  const env = { GATEWRIGHT_DATA: folder };
  let other: Server;
  before(async () => {
    other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
  });
  after(() => {
    other.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has shown the administrator's secret, and the next shows none (SEC-82)", async () => {
    const GATEWRIGHT_HTTP = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const failed = await startInVain({ env: { ...env, GATEWRIGHT_HTTP } });
    assert.equal(failed.code, 1);
    assert.match(failed.output, /cannot start: .*EADDRINUSE/);
    const secret = secretIn(failed.output);
    assert.ok(secret, failed.output);
    await using server = await startServer({ env });
    assert.equal(secretIn(server.log()), undefined);
    assert.equal(await admitted(server, secret), 200);
  });
});

/** Lets nobody through before a number of callers have come, and everybody afterwards. */
function barrier(callers: number): { arrive(): Promise<void>; readonly passed: boolean } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return {
    arrive() {
      come += 1;
      if (come === callers) resolve();
      return promise;
    },
    get passed() {
      return come >= callers;
    },
  };
}

describe("two servers that start at once on the same empty stores", function () {
  this.timeout(60_000);
  const [postgres, redis] = ["PostgreSQL", "SQLite and Redis"].map((name) =>
    storeRows().find((row) => row.name === name),
  );
  assert(postgres && redis, "there is no such way to keep data");

  /** Starts two servers, whose first changes of the set-up reach PostgreSQL at the same time. */
  async function startTwo(
    place: { readonly durable: string; readonly ephemeral: string },
    setup: object | undefined,
    files: Readonly<Record<string, string>>,
  ): Promise<{ servers: TestServer[]; isRace: boolean; close(): Promise<void> }> {
    const meeting = barrier(2);
    const secret = randomBytes(32).toString("base64");
    const proxies: TcpProxy[] = [];
    const start = async (): Promise<TestServer> => {
      const durable = new URL(place.durable);
      let isFirst = true;
      const proxy = await startProxy(durable.host, async (chunk) => {
        if (!isFirst || !chunk.includes('update "configuration_revision"')) return;
        isFirst = false;
        await meeting.arrive();
      });
      proxies.push(proxy);
      durable.host = proxy.address;
      const env = {
        GATEWRIGHT_DURABLE: durable.href,
        GATEWRIGHT_EPHEMERAL: place.ephemeral,
        GATEWRIGHT_SECRET: secret,
      };
      return startServer({ ...(setup && { setup }), files, env });
    };
    const starts = await Promise.allSettled([start(), start()]);
    const servers = starts.flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : [],
    );
    const close = async (): Promise<void> => {
      for (const server of servers) await server[Symbol.asyncDispose]();
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
    };
    const failed = starts.find((result) => result.status === "rejected");
    if (!failed) return { servers, isRace: meeting.passed, close };
    await close();
    throw failed.reason;
  }

  const rows = [
    { name: "PostgreSQL for both", ephemeral: undefined },
    { name: "PostgreSQL and Redis", ephemeral: redis },
  ];
  for (const { name, ephemeral } of rows) {
    describe(`in ${name}`, () => {
      const places: StorePlace[] = [];
      let place: { durable: string; ephemeral: string };
      beforeEach(async function () {
        const durable = await openOrSkip(postgres, this);
        places.push(durable);
        place = { durable: durable.durable, ephemeral: durable.ephemeral };
        if (!ephemeral) return;
        const other = await openOrSkip(ephemeral, this);
        places.push(other);
        place.ephemeral = other.ephemeral;
      });
      afterEach(async () => {
        for (const opened of places.splice(0)) await opened.cleanup();
      });

      it("both come up with no set-up; one shows the administrator's secret", async () => {
        const { servers, isRace, close } = await startTwo(place, undefined, {});
        try {
          assert.ok(isRace, "they did not meet");
          const shown = servers.map((server) => secretIn(server.log())).filter(Boolean);
          assert.equal(shown.length, 1);
          for (const server of servers) assert.equal(await admitted(server, shown[0] ?? ""), 200);
        } finally {
          await close();
        }
      });

      it("both come up with one set-up; one shows the administrator's secret", async () => {
        const { setup, files } = await usualSetup();
        const clients = (setup.clients as { id: string }[]).filter(({ id }) => id !== "admin");
        const lacking = { ...setup, clients };
        const { servers, isRace, close } = await startTwo(place, lacking, files);
        try {
          assert.ok(isRace, "they did not meet");
          const [secret = "", ...more] = servers.flatMap((server) => secretIn(server.log()) ?? []);
          const logs = servers.map((server) => server.log()).join("\n");
          assert.equal(more.length, 0, `both show one:\n${logs}`);
          const ids = ["admin", ...clients.map(({ id }) => id)].sort();
          for (const server of servers) {
            const authorization = basic("admin", secret);
            const { status, json } = await get(setupUrl(server), { authorization });
            assert.equal(status, 200);
            const exported = json.clients as { id: string }[];
            assert.deepEqual(
              exported.map(({ id }) => id),
              ids,
            );
          }
        } finally {
          await close();
        }
      });
    });
  }
});
