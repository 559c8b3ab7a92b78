// Ways around the guarded client: addresses behind a name, spellings, rebinding, and what servers do to it.
import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { type Egress, openEgress } from "../../server/engine/egress.ts";
import type { EgressAnswer, EgressRequest } from "../../server/engine/egress_message.ts";
import { endlessAnswers, namesOfHosts, specialAddresses, spellings } from "./egress/cases.ts";
import { startReceiver } from "./support/receiver.ts";

const get = (egress: Egress, url: string, more: Partial<EgressRequest> = {}) =>
  egress.request({ method: "GET", url, ...more });

const messageOf = (answer: EgressAnswer): string =>
  answer.kind === "answered" ? `answered ${answer.status}` : `${answer.kind}: ${answer.message}`;

describe("the addresses behind an allowed name (SEC-58)", () => {
  const allow = ["http://portal.example:1"];
  const behind = async (...answers: string[][]): Promise<string> => {
    await using egress = openEgress({ allow }, { resolve: async () => answers.shift() ?? [] });
    return messageOf(await get(egress, `${allow[0]}/`));
  };

  for (const address of specialAddresses) {
    it(`may not be ${address}, alone or beside a public one`, async () => {
      assert.match(await behind([address]), /^refused: portal\.example: .* is .* address space$/);
      assert.match(await behind(["93.184.216.34", address]), /^refused/);
      assert.match(await behind([address, "2606:2800:220:1::1"]), /^refused/);
    });
  }

  it("may not be special although the operator wrote the address itself", async () => {
    for (const literal of ["169.254.169.254", "[fe80::1]", "168.63.129.16", "0.0.0.0", "[::]"]) {
      const url = `http://${literal}:1`;
      await using egress = openEgress({ allow: [url] });
      assert.match(messageOf(await get(egress, url)), /^refused: .* address space$/, literal);
    }
  });

  it("are looked up for every connection, and the second answer is judged like the first", async () => {
    await using server = await startReceiver((_request, response) => {
      response.writeHead(200, { connection: "close" }).end();
    });
    const url = `http://portal.internal:${server.port}`;
    for (const second of [
      "10.0.0.1",
      "169.254.169.254",
      "::1",
      "::ffff:10.0.0.1",
      "64:ff9b::a00:1",
    ]) {
      const answers = [["127.0.0.1"], [second]];
      const policy = { allow: [url], networks: ["127.0.0.0/8"] };
      await using egress = openEgress(policy, { resolve: async () => answers.shift() ?? [] });
      assert.equal(messageOf(await get(egress, url)), "answered 200");
      assert.match(messageOf(await get(egress, url)), /^refused/, second);
    }
    assert.equal(server.received.length, 5);
  });

  it("are asked for once per connection: the address that was judged is the one that is used", async () => {
    await using server = await startReceiver();
    const asked: string[] = [];
    const policy = { allow: [`http://portal.internal:${server.port}`], networks: ["127.0.0.1/32"] };
    const resolve = async (name: string): Promise<string[]> => {
      asked.push(name);
      return asked.length === 1 ? ["127.0.0.1"] : ["10.0.0.1"];
    };
    await using egress = openEgress(policy, { resolve });
    assert.equal(messageOf(await get(egress, `${policy.allow[0]}/`)), "answered 200");
    assert.deepEqual(asked, ["portal.internal"]);
  });

  it("fail the request when the name server fails, is silent, or answers nonsense", async () => {
    const refuse = async (): Promise<string[]> => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND secret.internal"), {
        code: "ENOTFOUND",
      });
    };
    const resolvers: readonly [() => Promise<string[]>, RegExp][] = [
      [refuse, /^failed: the exchange failed \(ENOTFOUND\)$/],
      [async () => [], /^failed/],
      [() => new Promise(() => {}), /^failed: the connection took too long$/],
      [async () => ["127.0.0.1\0.example"], /^refused/],
      [async () => ["localhost"], /^refused/],
      [async () => ["127.0.0.1/8"], /^refused/],
    ];
    await Promise.all(
      resolvers.map(async ([resolve, expected]) => {
        await using egress = openEgress({ allow }, { resolve });
        assert.match(messageOf(await get(egress, `${allow[0]}/`)), expected);
      }),
    );
  });
});

describe("the spelling of a destination (SEC-56)", () => {
  it("never leads anywhere but to the allowed name", async () => {
    await using inside = await startReceiver();
    const asked: string[] = [];
    const resolve = async (name: string): Promise<string[]> => {
      asked.push(name);
      return ["93.184.216.34", "10.0.0.1"];
    };
    const allow = ["http://portal.example", `http://portal.example:${inside.port}`];
    await using egress = openEgress({ allow }, { resolve });
    for (const [spelling, leads] of spellings) {
      const url = spelling.replaceAll("PORT", String(inside.port));
      asked.length = 0;
      assert.match(messageOf(await get(egress, url)), /^refused/, url);
      assert.deepEqual(asked, leads === "to the name" ? ["portal.example"] : [], url);
    }
    assert.equal(inside.received.length, 0);
  });

  it("of a name that stands for this machine opens nothing that the list does not name", async () => {
    await using inside = await startReceiver();
    for (const name of namesOfHosts) {
      const url = `http://${name}:${inside.port}`;
      await using egress = openEgress({ allow: [url] }, { resolve: async () => ["127.0.0.1"] });
      assert.match(messageOf(await get(egress, url)), /^refused/, name);
    }
    assert.equal(inside.received.length, 0);
  });
});

describe("what a server does to the client (SEC-59)", () => {
  const startRaw = async (talk: (socket: Socket) => void) => {
    const server: Server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => talk(socket));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    return {
      origin: `http://127.0.0.1:${address.port}`,
      async [Symbol.asyncDispose]() {
        await new Promise((resolve) => server.close(resolve));
      },
    };
  };

  for (const [law, expected, talk] of endlessAnswers) {
    it(`is over in its time and bytes with ${law}`, async () => {
      await using server = await startRaw(talk);
      await using egress = openEgress({ allow: [server.origin] });
      const answer = await get(egress, server.origin, { timeoutMs: 300, limitBytes: 10_000 });
      assert.match(messageOf(answer), expected);
    });
  }

  it("inflates nothing: a bomb is refused by its header, and without one stays as small as it came", async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    for (const encoding of [
      "gzip",
      "GZIP",
      "br",
      "deflate",
      "zstd",
      "x-gzip",
      "identity, gzip",
      "gzip, identity",
    ]) {
      await using server = await startReceiver((_request, response) => {
        response.writeHead(200, { "content-encoding": encoding }).end(bomb);
      });
      await using egress = openEgress({ allow: [server.origin] });
      assert.equal(messageOf(await get(egress, server.origin)), "failed: the answer is compressed");
    }
    await using plain = await startReceiver((_request, response) => void response.end(bomb));
    await using egress = openEgress({ allow: [plain.origin] });
    const answer = await get(egress, plain.origin);
    assert.ok(answer.kind === "answered");
    assert.equal(answer.body.length, bomb.length);
  });

  it("follows no redirect to what is not allowed, not even one in a header of another kind", async () => {
    await using inside = await startReceiver();
    const { origin } = inside;
    const redirects: readonly [number, Record<string, string>][] = [
      [303, { location: origin }],
      [300, { location: origin }],
      [302, { location: "//169.254.169.254/" }],
      [302, { location: "file:///etc/passwd" }],
      [200, { refresh: `0; url=${origin}` }],
      [201, { "content-location": origin }],
      [200, { link: `<${origin}>; rel=preload` }],
      [200, { "alt-svc": `h2="127.0.0.1:${inside.port}"` }],
      [401, { "www-authenticate": "Basic realm=x" }],
      [407, { "proxy-authenticate": "Basic realm=x" }],
      [511, { location: origin }],
    ];
    for (const [status, headers] of redirects) {
      await using server = await startReceiver((_request, response) => {
        response.writeHead(status, headers).end();
      });
      await using egress = openEgress({ allow: [server.origin] });
      assert.equal(messageOf(await get(egress, server.origin)), `answered ${status}`);
      assert.equal(server.received.length, 1);
    }
    assert.equal(inside.received.length, 0);
  });

  it("keeps no cookie and adds no credentials or origin of its own", async () => {
    await using server = await startReceiver((_request, response) => {
      response.writeHead(200, { "set-cookie": "sid=1; Path=/" }).end();
    });
    await using egress = openEgress({ allow: [server.origin] });
    for (let round = 0; round < 3; round++) await get(egress, `${server.origin}/a`);
    for (const { headers } of server.received) {
      assert.deepEqual(Object.keys(headers).sort(), ["connection", "host"]);
    }
  });
});

describe("connections (SEC-60)", () => {
  const counting = async () => {
    const ports: (number | undefined)[] = [];
    const server = await startReceiver((request, response) => {
      ports.push(response.socket?.remotePort);
      response.end(request.headers.host);
    });
    return { server, ports };
  };

  it("are shared by no two policies, although their lists are equal", async () => {
    const { server, ports } = await counting();
    await using one = openEgress({ allow: [server.origin] });
    await using other = openEgress({ allow: [server.origin] });
    for (let round = 0; round < 3; round++) {
      await get(one, server.origin);
      await get(other, server.origin);
    }
    assert.equal(new Set(ports).size, 2);
    await server[Symbol.asyncDispose]();
  });

  it("are shared by no two names, although one server is behind them", async () => {
    const { server, ports } = await counting();
    const allow = ["a", "b"].map((name) => `http://${name}.internal:${server.port}`);
    const resolve = async (): Promise<string[]> => ["127.0.0.1"];
    await using egress = openEgress({ allow, networks: ["127.0.0.1/32"] }, { resolve });
    for (let round = 0; round < 3; round++) {
      for (const url of allow) assert.equal(messageOf(await get(egress, url)), "answered 200");
    }
    assert.equal(new Set(ports).size, 2);
    await server[Symbol.asyncDispose]();
  });

  it("carry one request at a time", async () => {
    const { server, ports } = await counting();
    await using egress = openEgress({ allow: [server.origin] });
    await Promise.all(Array.from({ length: 10 }, () => get(egress, server.origin)));
    assert.equal(new Set(ports).size, 10);
    await server[Symbol.asyncDispose]();
  });

  it("are not used again after an exchange that failed", async () => {
    const ports: (number | undefined)[] = [];
    await using server = await startReceiver((request, response) => {
      ports.push(response.socket?.remotePort);
      response.end(request.path === "/large" ? Buffer.alloc(20_000) : "small");
    });
    await using egress = openEgress({ allow: [server.origin] });
    const large = await get(egress, `${server.origin}/large`, { limitBytes: 1_000 });
    assert.match(messageOf(large), /larger/);
    assert.equal(messageOf(await get(egress, server.origin)), "answered 200");
    assert.equal(new Set(ports).size, 2);
  });
});
