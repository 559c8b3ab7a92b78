// The guarded client: which destinations it refuses before anything is sent, and what it bounds.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { openEgress } from "../../server/engine/egress.ts";
import { addressFault } from "../../server/engine/egress_address.ts";
import type { EgressAnswer, EgressRequest } from "../../server/engine/egress_message.ts";
import { type Received, startReceiver } from "./support/receiver.ts";

const kindOf = ({ kind }: EgressAnswer): string => kind;

describe("the addresses behind a destination (SEC-58)", () => {
  const special = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2001:10::1",
    "2001:20::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
    "1.2.3.4.5",
    "example.com",
  ];
  for (const address of special) {
    it(`refuses ${JSON.stringify(address)} for a name`, () => {
      assert.notEqual(addressFault(address, "name", []), undefined);
    });
  }

  it("allows public addresses", () => {
    for (const address of ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8"]) {
      assert.equal(addressFault(address, "name", []), undefined, address);
    }
  });

  it("allows private and loopback addresses that are named, and no others of the special ones", () => {
    for (const address of [
      "127.0.0.1",
      "::1",
      "10.1.2.3",
      "192.168.0.1",
      "fd12::1",
      "100.64.0.1",
    ]) {
      assert.equal(addressFault(address, "address", []), undefined, address);
    }
    for (const address of [
      "169.254.169.254",
      "168.63.129.16",
      "0.0.0.0",
      "::",
      "224.0.0.1",
      "fe80::1",
    ]) {
      assert.notEqual(addressFault(address, "address", []), undefined, address);
    }
  });

  it("are loopback for localhost, whatever a name server says of it", () => {
    for (const address of ["127.0.0.1", "127.9.9.9", "::1"]) {
      assert.equal(addressFault(address, "localhost", []), undefined, address);
    }
    for (const address of ["10.0.0.1", "192.168.0.1", "fd00::1", "100.64.0.1", "169.254.169.254"]) {
      assert.notEqual(addressFault(address, "localhost", []), undefined, address);
    }
  });
});

describe("a request", () => {
  const ask = async (
    allow: readonly string[],
    request: Partial<EgressRequest> & { url: string },
    resolved: Record<string, string[]> = {},
    networks: readonly string[] = [],
  ): Promise<EgressAnswer> => {
    const resolve = async (name: string) => resolved[name] ?? [];
    await using egress = openEgress({ allow, networks }, { resolve });
    return await egress.request({ method: "GET", ...request });
  };

  it("reaches nothing when the list is empty, and only what is on it otherwise", async () => {
    await using server = await startReceiver();
    const { origin, port } = server;
    const refusedLists = [
      [],
      [`https://127.0.0.1:${port}`],
      ["http://127.0.0.1"],
      [`http://127.0.0.2:${port}`],
      [`http://localhost:${port}`],
    ];
    for (const allow of refusedLists) {
      assert.equal(kindOf(await ask(allow, { url: `${origin}/` })), "refused", allow.join());
    }
    assert.equal(server.received.length, 0);
    assert.equal(kindOf(await ask([origin], { url: `${origin}/path?q=1#hidden` })), "answered");
    assert.equal(server.received[0]?.path, "/path?q=1");
  });

  it("is judged by the form of its URL that is connected", async () => {
    await using server = await startReceiver();
    const { origin, port } = server;
    const spellings = ["0177.0.0.1", "2130706433", "0x7f.1", "127.1", "127.0.1", "127.0.0.1."];
    for (const host of spellings) {
      const url = `http://${host}:${port}/`;
      assert.equal(kindOf(await ask(["http://portal.example"], { url })), "refused", host);
      assert.equal(kindOf(await ask([origin], { url })), "answered", host);
    }
    for (const url of [
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://u:p@127.0.0.1:${port}/`,
      `http://127.0.0.1:${port + 1}/`,
      `http://127.0.0.1@evil.example/`,
      "file:///etc/passwd",
      "data:text/plain,x",
      "/relative",
      "",
      "http://",
      `gopher://127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}/${"x".repeat(9000)}`,
    ]) {
      assert.equal(kindOf(await ask([origin], { url })), "refused", url.slice(0, 60));
    }
  });

  it("is refused when any answer of the name server is not allowed", async () => {
    const allow = ["http://portal.example:1"];
    const url = "http://portal.example:1/";
    for (const addresses of [
      ["127.0.0.1"],
      ["93.184.216.34", "10.0.0.1"],
      ["::ffff:127.0.0.1"],
      ["93.184.216.34", "169.254.169.254"],
      ["nonsense"],
    ]) {
      const answer = await ask(allow, { url }, { "portal.example": addresses });
      assert.equal(answer.kind, "refused", addresses.join());
    }
    assert.equal(kindOf(await ask(allow, { url }, {})), "failed");
  });

  it("may reach private space by a name only in the networks of the policy", async () => {
    await using server = await startReceiver();
    const allow = [`http://portal.internal:${server.port}`];
    const url = `${allow[0]}/`;
    const resolved = { "portal.internal": ["127.0.0.1"] };
    assert.equal(kindOf(await ask(allow, { url }, resolved)), "refused");
    assert.equal(kindOf(await ask(allow, { url }, resolved, ["10.0.0.0/8"])), "refused");
    assert.equal(kindOf(await ask(allow, { url }, resolved, ["127.0.0.0/8"])), "answered");
    assert.equal(server.received[0]?.headers.host, `portal.internal:${server.port}`);
  });

  it("is checked anew at every connection, so that a changed name changes nothing", async () => {
    await using server = await startReceiver((_request, response) => {
      response.setHeader("connection", "close");
      response.end();
    });
    const answers = [["127.0.0.1"], ["169.254.169.254"], ["10.0.0.1"]];
    const policy = { allow: [`http://portal.internal:${server.port}`], networks: ["127.0.0.0/8"] };
    await using egress = openEgress(policy, { resolve: async () => answers.shift() ?? [] });
    const kinds: string[] = [];
    for (let count = 0; count < 3; count++) {
      kinds.push(kindOf(await egress.request({ method: "GET", url: `${policy.allow[0]}/` })));
    }
    assert.deepEqual(kinds, ["answered", "refused", "refused"]);
    assert.equal(server.received.length, 1);
  });

  it("follows no redirect and gives its answer", async () => {
    await using inside = await startReceiver();
    for (const status of [301, 302, 307, 308]) {
      await using server = await startReceiver((_request, response) => {
        response.writeHead(status, { location: inside.origin }).end();
      });
      const answer = await ask([server.origin, inside.origin], { url: server.origin });
      assert.ok(answer.kind === "answered");
      assert.equal(answer.status, status);
    }
    assert.equal(inside.received.length, 0);
  });

  it("refuses headers that split a request or belong to the connection (SEC-60)", async () => {
    await using server = await startReceiver();
    const { origin: url } = server;
    const headers: readonly [string, string][] = [
      ["x", "a\r\nevil: 1"],
      ["x", "a\nb"],
      ["x", "a\0b"],
      ["x", "\u{1f4a9}"],
      ["x\r\ny", "1"],
      ["", "1"],
      ["x y", "1"],
      ["Host", "evil.example"],
      ["Connection", "keep-alive"],
      ["Transfer-Encoding", "chunked"],
      ["Upgrade", "h2c"],
      ["TE", "trailers"],
      ["Proxy-Authorization", "x"],
      ["Expect", "100-continue"],
    ];
    for (const header of headers) {
      assert.equal(kindOf(await ask([url], { url, headers: [header] })), "refused", header.join());
    }
    for (const method of ["CONNECT", "TRACE", "get", "GET /x", ""]) {
      assert.equal(kindOf(await ask([url], { url, method })), "refused", method);
    }
    const large = { url, method: "POST", body: "x".repeat(256 * 1024 + 1) };
    assert.equal(kindOf(await ask([url], large)), "refused");
    assert.equal(server.received.length, 0);
  });

  it("sends what it was given, with its own length and no accept-encoding", async () => {
    await using server = await startReceiver();
    const { origin: url } = server;
    const headers: [string, string][] = [
      ["X-One", "1"],
      ["x-two", "a"],
      ["x-two", "b"],
      ["Content-Length", "1"],
      ["Accept-Encoding", "gzip"],
      ["Authorization", "Basic eDp5"],
    ];
    await ask([url], { url, method: "POST", headers, body: "h\u00e9llo" });
    const request = server.received[0] as Received;
    assert.equal(request.body, "h\u00e9llo");
    assert.deepEqual(
      [
        request.headers["content-length"],
        request.headers["accept-encoding"],
        request.headers["x-two"],
      ],
      ["6", undefined, "a, b"],
    );
    assert.equal(request.headers.authorization, "Basic eDp5");
  });

  it("ends with an answer that is too large, compressed, slow or broken off", async () => {
    const answers: readonly [law: RegExp, answer: (response: ServerResponse) => void][] = [
      [/larger/, (response) => response.end(Buffer.alloc(2_000))],
      [
        /larger/,
        (response) => {
          for (let i = 0; i < 20; i++) response.write(Buffer.alloc(100));
          response.end();
        },
      ],
      [
        /compressed/,
        (response) => {
          response.setHeader("content-encoding", "gzip");
          response.end(gzipSync(Buffer.alloc(100_000)));
        },
      ],
      [
        /too long/,
        (response) => {
          response.writeHead(200).flushHeaders();
        },
      ],
      [/too long/, () => {}],
      [
        /too long/,
        (response) => {
          const drip = setInterval(() => response.write("."), 20);
          response.on("close", () => clearInterval(drip));
        },
      ],
      [
        /broke off|closed|failed/,
        (response) => {
          response.writeHead(200, { "content-length": 100 });
          response.write("x");
          setTimeout(() => response.destroy(), 20);
        },
      ],
      [/closed|failed/, (response) => void response.destroy()],
    ];
    for (const [law, answer] of answers) {
      await using server = await startReceiver((_request, response) => answer(response));
      const { origin: url } = server;
      const got = await ask([url], { url, limitBytes: 1_000, timeoutMs: 150 });
      assert.ok(got.kind === "failed", law.source);
      assert.match(got.message, law);
    }
  });

  it("reuses a connection to its destination", async () => {
    const ports = new Set<number | undefined>();
    await using server = await startReceiver((_request, response) => {
      ports.add(response.socket?.remotePort);
      response.end();
    });
    await using egress = openEgress({ allow: [server.origin] });
    for (let count = 0; count < 5; count++)
      await egress.request({ method: "GET", url: server.origin });
    assert.equal(ports.size, 1);
  });

  it("fails when it is withdrawn or the client is closed", async () => {
    await using server = await startReceiver(() => {});
    const egress = openEgress({ allow: [server.origin] });
    const controller = new AbortController();
    const request = { method: "GET", url: server.origin };
    const withdrawn = egress.request({ ...request, signal: controller.signal });
    const open = egress.request(request);
    while (server.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    assert.equal(kindOf(await withdrawn), "failed");
    await egress[Symbol.asyncDispose]();
    assert.equal(kindOf(await open), "failed");
    assert.equal(kindOf(await egress.request(request)), "failed");
    assert.equal(
      kindOf(
        await openEgress({ allow: [server.origin] }).request({
          ...request,
          signal: controller.signal,
        }),
      ),
      "failed",
    );
  });

  it("fails when nobody listens, without telling more than the code", async () => {
    const answer = await ask(["http://127.0.0.1:1"], { url: "http://127.0.0.1:1/" });
    assert.deepEqual(answer, { kind: "failed", message: "the exchange failed (ECONNREFUSED)" });
  });
});
