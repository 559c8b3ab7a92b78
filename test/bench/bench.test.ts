// The bench works: every case is answered right and measured once, in portions so small that their
// times say nothing.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { makeClientKey } from "./client_key.ts";
import { openFloor } from "./floor.ts";
import { makeFolder, startGatewright } from "./gatewright.ts";
import type { LoadRequest } from "./load.ts";
import { connections, openLoad } from "./load.ts";
import { measure } from "./measure.ts";
import type { Results } from "./report.ts";
import { report } from "./report.ts";
import type { Round } from "./round.ts";

const cases = [
  "registration, static client",
  "registration, new installation",
  "refresh, rotated",
  "refused for its alg",
  "refused as no assertion",
  "peer: client_credentials",
  "peer: refresh",
  "peer: refresh, rotated",
];

const round = (cost: number): Round => ({
  cost,
  main: cost,
  floor: 100,
  busyFloor: 100,
  rate: 1000,
});

describe("the bench", () => {
  it("measures every case against its floor, and each answer was right", async function () {
    this.timeout(60_000);
    const tiny = { starts: 0, warmUp: 8, requests: 16, seconds: 0, scriptSeconds: 0 };
    const { rounds, engine, openPgp } = await measure(
      (name) => !/waiting|hostile/.test(name),
      tiny,
    );
    assert.deepEqual([...rounds.keys()], cases);
    for (const [name, [only, ...more]] of rounds) {
      assert.equal(more.length, 0);
      for (const figure of Object.values(only ?? {})) assert(figure > 0, `${name}: ${figure}`);
    }
    assert.equal(engine.ways?.size, 8);
    for (const costs of engine.ways.values()) assert(costs.every((cost) => cost > 0));
    const { ours, bare } = openPgp ?? assert.fail("no message was encrypted");
    assert(ours.length === bare.length && [...ours, ...bare].every((cost) => cost > 0));
  });

  it("measures scripts that wait, and registrations beside hostile scripts", async function () {
    this.timeout(60_000);
    const extent = { starts: 0, warmUp: 0, requests: 0, seconds: 0, scriptSeconds: 1 };
    const { engine } = await measure((name) => /waiting|hostile/.test(name), extent);
    assert(engine.waiting && engine.waiting.perSecond > 0 && engine.waiting.bytes > 0);
    const { alone, beside } = engine.hostility ?? assert.fail("nothing was hostile");
    assert(alone.count > 0 && beside.count === alone.count);
    assert.equal(alone.wrong, 0);
    assert(alone.p99 > 0 && beside.p99 > 0);
  });

  it("says of each goal whether it was met, and of what was not measured that it was not", () => {
    const results: Results = {
      rounds: new Map([
        ["registration, static client", [round(340), round(300), round(900)]],
        ["peer: refresh", [round(300)]],
      ]),
      starts: [1000],
      engine: {
        ways: new Map([
          ["clean state", [60, 62, 90]],
          ["context reused", [50, 50, 50]],
        ]),
        waiting: { perSecond: 1900, bytes: 3e6 },
        hostility: {
          perSecond: 500,
          alone: { p99: 10, wrong: 0, count: 100 },
          beside: { p99: 15, wrong: 1, count: 100 },
        },
      },
      openPgp: { ours: [2200, 2400, 9000], bare: [2000, 2000, 3000] },
    };
    const goals = report(results)
      .split("\n")
      .filter((line) => line.startsWith("P-"));
    assert.deepEqual(
      goals.map((line) => line.replace(/ +/g, " ").replace(/, goal.*/, "")),
      [
        "P-1 met 3.40",
        "P-1 not met 1.13",
        "P-2 not measured -",
        "P-2 met 1.24",
        "P-3 not measured -",
        "P-3 not measured -",
        "P-4 not measured -",
        "P-5 met 1.20",
        "P-6 met 1.05",
        "P-6 not met 3.00",
        "P-7 met 1.50",
        "P-10 met 1.00",
      ],
    );
  });
});

describe("a measured process", () => {
  it("that cannot start is given up, with what it said last", async () => {
    using folder = makeFolder(makeClientKey());
    const start = startGatewright(folder.path, { GATEWRIGHT_HTTP: "nowhere" });
    await assert.rejects(start, /ended too early:.*GATEWRIGHT_HTTP/s);
  }).timeout(30_000);
});

describe("the floor", () => {
  it("costs something", () => {
    assert(openFloor()(200) > 0);
  });
});

describe("the load generator", () => {
  it("sends what it is given, in order on each connection, up to a wrong answer", async () => {
    const orders: string[] = [];
    const sockets = new Map<unknown, string>();
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const piece of request) body += piece;
      const soFar = `${sockets.get(request.socket) ?? ""}${body} `;
      sockets.set(request.socket, soFar);
      orders.push(body);
      response.end(JSON.stringify({ said: body }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    using load = openLoad(`http://127.0.0.1:${port}`);
    const requestOf = (index: number, right: boolean): LoadRequest => ({
      path: "/",
      headers: {},
      body: () => String(index),
      accept: ({ status }) => status === 200 && right,
    });
    await load.run(Array.from({ length: 3 * connections }, (_, index) => requestOf(index, true)));
    assert.equal(orders.length, 3 * connections);
    assert.equal(sockets.size, connections);
    assert(
      [...sockets.values()].includes(`0 ${connections} ${2 * connections} `),
      "connection 0 carries every eighth request, in order",
    );
    await assert.rejects(load.run([requestOf(77, false)]), /answered wrong: .*"said":"77"/);
    server.closeAllConnections();
    server.close();
  });
});
