// The listener before callers who break HTTP, dawdle, or leave, and while it drains.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SecureVersion } from "node:tls";
import { connect as connectTls } from "node:tls";
import { listen } from "../../gateway/listener.ts";
import { embedded } from "../../gateway/upstream/embedded.ts";
import type { Behind, Gateway } from "./two_ways.ts";
import { behind, gateway, post, raw, refused, statuses } from "./two_ways.ts";

// Not every machine has it; without it the test of TLS is skipped.
const certificateMaker = "openssl";

const init = "/oauth/v2/custom-registration/qr/init";
const head = (more: string, path = init): string =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${more}`;
const whole = (body: string, more = ""): string =>
  head(`${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

describe("listen", () => {
  let server: Behind;
  let door: Gateway;
  let calls = 0;
  before(async () => {
    server = behind();
    const timeouts = { headersMs: 300, requestMs: 600, keepAliveMs: 5_000 };
    door = await gateway(embedded(server.procedures), { timeouts });
  });
  after(() => door.stop());
  beforeEach(() => {
    calls = 0;
    server.handle = (request) => {
      calls++;
      return { status: 2000, data: request.data };
    };
  });
  afterEach(() => assert.deepEqual(door.faults, []));

  const broken: readonly (readonly [what: string, bytes: string | Buffer, status: number])[] = [
    ["a body that ends before its length", head('content-length: 100\r\n\r\n{"data":'), 400],
    ["two lengths that differ", head("content-length: 2\r\ncontent-length: 3\r\n\r\n{}"), 400],
    [
      "a length beside chunks",
      head("content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}"),
      400,
    ],
    ["a length that is no number", head("content-length: -2\r\n\r\n{}"), 400],
    ["a chunk that is no chunk", head("transfer-encoding: chunked\r\n\r\nzz\r\n"), 400],
    ["a body that is not UTF-8", Buffer.from(whole('{"data":"\xff"}'), "latin1"), 400],
    ["no host", `POST ${init} HTTP/1.1\r\ncontent-length: 0\r\n\r\n`, 400],
    ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
    ["a NUL in the path", head("content-length: 0\r\n\r\n", "/a\0b"), 400],
    [
      "credentials given twice",
      whole("{}", "authorization: Basic YTpi\r\nAuthorization: x\r\n"),
      400,
    ],
    ["a media type given twice", whole("{}", "content-type: text/plain\r\n"), 400],
    [
      "credentials beyond ASCII",
      Buffer.from(whole("{}", "authorization: \xe9\r\n"), "latin1"),
      400,
    ],
    ["headers over 16 KiB", whole("{}", `x-a: ${"x".repeat(17_000)}\r\n`), 431],
    ["an expectation that is unknown", whole("{}", "expect: magic\r\n"), 417],
  ];
  for (const [what, bytes, status] of broken) {
    it(`answers ${what} with ${status} (SEC-79)`, async () => {
      assert.deepEqual(statuses(await raw(door.public, bytes, true)), [status]);
      assert.equal(calls, 0);
    });
  }

  it("answers requests that come at once in their order", async () => {
    const bytes = ["a", "b", "c"].map((data) => whole(JSON.stringify({ data }))).join("");
    const text = await raw(door.public, bytes, true);
    assert.deepEqual(statuses(text), [200, 200, 200]);
    assert.deepEqual(
      [...text.matchAll(/"data":"(.)"/g)].map((m) => m[1]),
      ["a", "b", "c"],
    );
  });

  it("reads a body that comes in chunks", async () => {
    const chunks = `${chunk('{"data":')}${chunk('"x"}')}0\r\n\r\n`;
    const text = await raw(door.public, head(`transfer-encoding: chunked\r\n\r\n${chunks}`), true);
    assert.match(text, /"data":"x"/);
  });

  it("takes a whole URL for a path", async () => {
    const path = `http://a${init}?x=y`;
    assert.deepEqual(
      statuses(await raw(door.public, head("content-length: 0\r\n\r\n", path), true)),
      [200],
    );
  });

  it("closes on a caller whose headers never end", async () => {
    assert.deepEqual(statuses(await raw(door.public, head("x-a: b\r\n"))), [408]);
  });

  it("closes on a caller whose body never ends", async () => {
    assert.deepEqual(statuses(await raw(door.public, head("content-length: 9\r\n\r\n{"))), [408]);
    assert.equal(calls, 0);
  });

  it("refuses a body over 1 MiB, announced or not, and serves the connection further", async () => {
    const big = JSON.stringify({ data: "x".repeat(1 << 20) });
    const chunked = head(`transfer-encoding: chunked\r\n\r\n${chunk(big)}0\r\n\r\n`);
    for (const bytes of [whole(big), chunked]) {
      assert.deepEqual(statuses(await raw(door.public, bytes + whole("{}"), true)), [413, 200]);
    }
    assert.equal(calls, 2);
  });

  it("cuts off a caller that sends far more than it may", async () => {
    const text = await raw(door.public, whole("x".repeat(12 << 20)));
    assert.ok(statuses(text).length <= 1);
    assert.equal(calls, 0);
  });

  it("refuses too much before it is sent to a caller that asks first", async () => {
    const asks = (length: number): string =>
      head(`expect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`);
    assert.deepEqual(statuses(await raw(door.public, asks(2 << 20))), [413]);
    const text = await raw(door.public, `${asks(2)}{}`, true);
    assert.deepEqual(statuses(text), [100, 200]);
  });

  it("answers HEAD as GET without a body, and OPTIONS with what is allowed", async () => {
    server.handle = () => ({ keys: [{ kid: "k" }] });
    const keys = `http://${door.public}/oauth/keys`;
    const length = (await (await fetch(keys)).text()).length;
    const asked = await fetch(keys, { method: "HEAD" });
    assert.deepEqual(
      [asked.status, await asked.text(), asked.headers.get("content-length")],
      [200, "", String(length)],
    );
    const options = await fetch(keys, { method: "OPTIONS" });
    assert.deepEqual([options.status, options.headers.get("allow")], [204, "GET, HEAD"]);
    await refused(await fetch(keys, { method: "DELETE" }), 405, "invalid_request");
  });

  it("takes paths literally", async () => {
    const paths = [
      `${init}/`,
      init.replace("/oauth", "//oauth"),
      init.toUpperCase(),
      init.replace("/qr", "/"),
    ];
    for (const path of [
      ...paths,
      "/oauth/v2/custom-registration/a/b/init",
      "/",
      "/%6fauth/token",
    ]) {
      await refused(await post(door.public, path, {}), 404, "not_found");
    }
    const star = await raw(door.public, "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n", true);
    assert.deepEqual(statuses(star), [404]);
  });

  it("tells the server when the caller hangs up", async () => {
    const begun = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    server.handle = (_, call) => {
      call.signal.addEventListener("abort", () => aborted.resolve());
      begun.resolve();
      return aborted.promise;
    };
    const [host, port] = door.public.split(":") as [string, string];
    const socket = connect({ host, port: Number(port) });
    socket.write(whole("{}"));
    await begun.promise;
    socket.destroy();
    await aborted.promise;
  });

  it("serves further paths with handlers of their own", async () => {
    const own = await listen({
      upstream: door.upstream,
      listener: "admin",
      address: "[::1]:0",
      origins: [],
      trustedProxies: [],
      deadlineMs: 1_000,
      extra: new Map([["/metrics", (_, response) => void response.end("up 1")]]),
    }).catch((error: NodeJS.ErrnoException) => assert.equal(error.code, "EADDRNOTAVAIL"));
    if (!own) return;
    assert.match(own.address, /^\[::1\]:\d+$/);
    assert.equal(await (await fetch(`http://${own.address}/metrics`)).text(), "up 1");
    await own.close();
  });

  it("rejects when the address is taken or is none", async () => {
    const options = { upstream: door.upstream, listener: "admin", origins: [] } as const;
    for (const address of [door.public, "127.0.0.1:99999", "nonsense"]) {
      await assert.rejects(listen({ ...options, address, trustedProxies: [], deadlineMs: 1_000 }));
    }
  });
});

describe("a listener with a certificate", () => {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-tls-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  before(function () {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const form = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    const { status } = spawnSync(certificateMaker, [
      ...["req", "-x509", ...form, ...subject, "-keyout", key, "-out", cert],
    ]);
    if (status !== 0) this.skip();
  });
  after(() => rmSync(folder, { recursive: true }));

  it("serves TLS 1.2 and later, and nothing older (SEC-81)", async () => {
    const tls = { cert: readFileSync(cert), key: readFileSync(key) };
    const door = await gateway(embedded(behind().procedures), { tls });
    const port = Number(door.public.split(":")[1]);
    const ask = (version: SecureVersion): Promise<unknown> => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const socket = connectTls({
        port,
        host: "127.0.0.1",
        servername: "localhost",
        ca: tls.cert,
        minVersion: version,
        maxVersion: version,
        // Without this the client itself would refuse to speak the old versions.
        ciphers: "DEFAULT@SECLEVEL=0",
      });
      socket.on("error", () => resolve(undefined));
      socket.on("secureConnect", () => socket.write(head("content-length: 0\r\n\r\n")));
      socket.on("data", (data: Buffer) => {
        socket.end();
        resolve(statuses(data.toString())[0]);
      });
      return promise;
    };
    assert.deepEqual(
      [await ask("TLSv1.3"), await ask("TLSv1.2"), await ask("TLSv1.1"), await ask("TLSv1")],
      [200, 200, undefined, undefined],
    );
    await door.stop();
  });
});

describe("a listener that closes", () => {
  it("finishes what is under way, keeps no connection, and takes no new one", async () => {
    const server = behind();
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<object>();
    server.handle = () => {
      begun.resolve();
      return finish.promise;
    };
    const door = await gateway(embedded(server.procedures));
    const idle = await fetch(`http://${door.public}/nowhere`);
    await idle.text();
    const pending = raw(door.public, whole("{}"));
    await begun.promise;
    const closed = door.stop();
    await assert.rejects(fetch(`http://${door.public}/oauth/keys`));
    finish.resolve({ status: 2000 });
    assert.match(await pending, /"status":2000/);
    await closed;
  });

  it("says so to whoever asks further on a connection that is still in use", async () => {
    const server = behind();
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<object>();
    server.handle = () => {
      begun.resolve();
      return finish.promise;
    };
    const door = await gateway(embedded(server.procedures));
    const [host, port] = door.public.split(":") as [string, string];
    const socket = connect({ host, port: Number(port) });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.write(whole("{}"));
    await begun.promise;
    const closed = door.stop();
    server.handle = () => {
      finish.resolve({ status: 2000 });
      return { status: 2001 };
    };
    socket.write(whole("{}"));
    await once(socket, "close");
    const text = Buffer.concat(chunks).toString();
    assert.deepEqual(statuses(text), [200, 200]);
    assert.match(text, /connection: close[\s\S]*"status":2001/i);
    await closed;
  });

  it("does not wait for ever", async () => {
    const server = behind();
    const begun = Promise.withResolvers<void>();
    server.handle = () => {
      begun.resolve();
      return new Promise(() => undefined);
    };
    const door = await gateway(embedded(server.procedures), { timeouts: { graceMs: 50 } });
    const pending = raw(door.public, whole("{}"));
    await begun.promise;
    await door.stop();
    assert.equal(await pending, "");
  });

  it("closes a connection that has sent nothing", async () => {
    const door = await gateway(embedded(behind().procedures));
    const [host, port] = door.public.split(":") as [string, string];
    const socket = connect({ host, port: Number(port) });
    await once(socket, "connect");
    const ended = once(socket.resume(), "close");
    await door.stop();
    await ended;
  });
});
