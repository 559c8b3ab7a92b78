// Connect and gRPC-Web with the library's own clients, through both ways to the server.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { registry } from "../../proto/contract.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { Call } from "../../server/rpc/procedure.ts";
import type { Gateway } from "./two_ways.ts";
import { bothWays, raw, refused, statuses, ways } from "./two_ways.ts";

const service = (name: string): DescService => {
  const found = registry.getService(`gatewright.v1.${name}`);
  assert.ok(found);
  return found;
};
const errorInfo = registry.getMessage("google.rpc.ErrorInfo");

const wires: Readonly<Record<string, (address: string) => Transport>> = {
  "Connect in JSON": (address) =>
    createConnectTransport({ baseUrl: `http://${address}`, httpVersion: "1.1" }),
  "Connect in binary": (address) =>
    createConnectTransport({
      baseUrl: `http://${address}`,
      httpVersion: "1.1",
      useBinaryFormat: true,
    }),
  "gRPC-Web": (address) =>
    createGrpcWebTransport({ baseUrl: `http://${address}`, httpVersion: "1.1" }),
};

// biome-ignore lint/suspicious/noExplicitAny: the library knows the types of generated messages only.
type Rpc = (request: unknown, options?: unknown) => Promise<any>;
type AnyClient = Readonly<Record<"introspectToken" | "revokeToken" | "getKeys" | "getHealth", Rpc>>;
const client = (name: string, transport: Transport): AnyClient =>
  createClient(service(name), transport) as unknown as AnyClient;

const failing = async (call: Promise<unknown>): Promise<ConnectError> =>
  call.then(
    () => assert.fail("the call was answered"),
    (error) => ConnectError.from(error),
  );

describe("relay", () => {
  let both: Awaited<ReturnType<typeof bothWays>>;
  before(async () => {
    both = await bothWays();
  });
  after(() => both.stop());

  for (const way of ways) {
    let door: Gateway;
    beforeEach(() => {
      door = both.gateways[way];
    });
    for (const [wire, transport] of Object.entries(wires)) {
      it(`relays a call by ${wire}, ${way}`, async () => {
        let seen: [unknown, Call] | undefined;
        both.server.handle = (request, call) => {
          seen = [request, call];
          return { active: true, exp: 7, amr: ["DEFAULT"] };
        };
        let headers: Headers | undefined;
        const reply = await client("TokenService", transport(door.public)).introspectToken(
          { token: "t", clientId: "c" },
          {
            headers: { authorization: "Basic eDp5", cookie: "a=b", "x-request-id": "r-1" },
            onHeader: (given: Headers) => {
              headers = given;
            },
          },
        );
        assert.deepEqual([reply.active, reply.exp, reply.amr], [true, 7, ["DEFAULT"]]);
        const [request, call] = seen as [{ token: string; clientId: string }, Call];
        assert.deepEqual([request.token, request.clientId], ["t", "c"]);
        assert.equal(call.header("authorization"), "Basic eDp5");
        assert.equal(call.header("cookie"), undefined);
        assert.equal(call.header("x-request-id"), "r-1");
        assert.equal(headers?.get("cache-control"), "no-store");
        assert.equal(headers?.get("x-request-id"), "r-1");
      });

      it(`relays a refusal by ${wire}, ${way}`, async () => {
        both.server.handle = () => {
          throw new Refusal("CLIENT_CREDENTIALS_REJECTED", { detail: "why" });
        };
        const call = client("TokenService", transport(door.public)).revokeToken({ token: "t" });
        const error = await failing(call);
        assert.equal(error.code, Code.Unauthenticated);
        assert.equal(error.rawMessage, "Client authentication failed: why.");
        assert.ok(errorInfo);
        const [info] = error.findDetails(errorInfo) as unknown as Record<string, unknown>[];
        assert.deepEqual(
          [info?.reason, info?.domain, info?.metadata],
          ["CLIENT_CREDENTIALS_REJECTED", "gatewright", { detail: "why" }],
        );
      });

      it(`hides the inside of a fault by ${wire}, ${way}`, async () => {
        both.server.handle = () => {
          throw new Error("the inside of the server");
        };
        const call = client("TokenService", transport(door.public)).getKeys({});
        const error = await failing(call);
        assert.deepEqual(
          [error.code, error.rawMessage],
          [Code.Internal, "An unexpected error occurred; the log has it under error_id."],
        );
      });
    }
  }

  it("serves administrators' methods on their own listener only (SEC-81)", async () => {
    both.server.handle = () => ({ status: "serving" });
    const { public: open, admin } = both.gateways.embedded;
    const wire = wires["Connect in JSON"] as (address: string) => Transport;
    assert.equal((await client("AdminService", wire(admin)).getHealth({})).status, "serving");
    const path = "/gatewright.v1.AdminService/GetHealth";
    await refused(await fetch(`http://${open}${path}`, { method: "POST" }), 404, "not_found");
    const other = "/gatewright.v1.TokenService/GetKeys";
    await refused(await fetch(`http://${admin}${other}`, { method: "POST" }), 404, "not_found");
  });

  it("honours the timeout of a client that has less patience", async () => {
    const aborted = Promise.withResolvers<void>();
    both.server.handle = (_, call) => {
      call.signal.addEventListener("abort", () => aborted.resolve());
      return new Promise(() => undefined);
    };
    const path = `http://${both.gateways.embedded.public}/gatewright.v1.TokenService/GetKeys`;
    const headers = { "content-type": "application/json", "connect-timeout-ms": "50" };
    await (await fetch(path, { method: "POST", headers, body: "{}" })).text();
    await aborted.promise;
  });

  it("bounds a message and refuses what is compressed", async () => {
    both.server.handle = () => ({});
    const path = `http://${both.gateways.embedded.public}/gatewright.v1.TokenService/GetKeys`;
    const ask = async (headers: Record<string, string>, body: string): Promise<string> => {
      const type = { "content-type": "application/json" };
      const response = await fetch(path, {
        method: "POST",
        headers: { ...type, ...headers },
        body,
      });
      return ((await response.json()) as { code: string }).code;
    };
    assert.equal(await ask({}, JSON.stringify({ x: "x".repeat(1 << 20) })), "resource_exhausted");
    assert.equal(await ask({ "content-encoding": "gzip" }, "{}"), "unimplemented");
    assert.equal(await ask({}, '{"a":1'), "invalid_argument");
  });

  describe("asked with what cannot be read", () => {
    const path = "/gatewright.v1.RegistrationService/InitRegistration";
    const deep = (depth: number): string =>
      `{"hook_context_custom_params":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
    const flagged = Buffer.from([1, 0, 0, 0, 0]);
    const rows: [string, string, string | Buffer][] = [
      ["JSON that is none", "application/json", '{"idp":'],
      ["JSON of another form", "application/json", '{"idp":{"a":1}}'],
      ["JSON whose text is half a character", "application/json", '{"data":["\\ud800"]}'],
      ["JSON nested 2000 deep", "application/json", deep(2000)],
      ["JSON nested 5000 deep", "application/json", deep(5000)],
      ["JSON nested 100000 deep", "application/json", deep(100_000)],
      ["protobuf that is none", "application/proto", Buffer.from([0x0f])],
      ["groups nested 100000 deep", "application/proto", Buffer.alloc(100_000, 0x0b)],
      ["a compressed envelope", "application/grpc-web+proto", flagged],
      ["half an envelope", "application/grpc-web+proto", Buffer.from([0, 0, 0])],
      [
        "an envelope that is too short",
        "application/grpc-web+proto",
        Buffer.from([0, 0, 0, 0, 9, 1]),
      ],
    ];
    for (const way of ways) {
      for (const [which, type, body] of rows) {
        it(`like ${which}, says REQUEST_INVALID, ${way} (SEC-79)`, async () => {
          let calls = 0;
          both.server.handle = () => {
            calls++;
            return {};
          };
          const { public: address } = both.gateways[way];
          const url = `http://${address}${path}`;
          const headers = { "content-type": type };
          const response = await fetch(url, { method: "POST", headers, body });
          const text = await response.text();
          if (type.startsWith("application/grpc-web")) {
            const all = `${text}${[...response.headers].join("\n")}`;
            assert.match(all, /grpc-status[:,] ?3\b/);
            assert.match(all, /grpc-status-details-bin/);
          } else {
            assert.equal(response.status, 400, text);
            const { code, details } = JSON.parse(text);
            const info = Buffer.from(details[0].value, "base64").toString();
            assert.equal(code, "invalid_argument");
            assert.match(info, /REQUEST_INVALID/);
          }
          assert.equal(calls, 0);
        });
      }
    }
  });

  it("survives a caller that leaves in the middle of its message", async () => {
    const { public: address } = both.gateways.embedded;
    for (const type of ["application/json", "application/proto", "application/grpc-web"]) {
      const head = `POST /gatewright.v1.TokenService/GetKeys HTTP/1.1\r\nhost: a\r\n`;
      const bytes = `${head}content-type: ${type}\r\ncontent-length: 99\r\n\r\n{`;
      const socket = connect(Number(address.split(":")[1]), "127.0.0.1");
      socket.write(bytes);
      await once(socket, "connect");
      socket.resetAndDestroy();
      await once(socket, "close");
    }
    assert.equal((await fetch(`http://${address}/oauth/keys`)).status, 200);
  });

  it("does not speak gRPC on a port of HTTP/1.1", async () => {
    const response = await fetch(
      `http://${both.gateways.embedded.public}/gatewright.v1.TokenService/GetKeys`,
      { method: "POST", headers: { "content-type": "application/grpc" }, body: "x" },
    );
    assert.equal(response.status, 415);
  });

  it("survives a host that no URL can have", async () => {
    const path = "/gatewright.v1.TokenService/GetKeys";
    const { public: address } = both.gateways.embedded;
    const ask = (version: string, host: string): Promise<string> =>
      raw(address, `POST ${path} HTTP/${version}\r\n${host}content-length: 0\r\n\r\n`, true);
    assert.deepEqual(statuses(await ask("1.1", "host: [\r\n")), [400]);
    assert.deepEqual(statuses(await ask("1.0", "")), [400]);
    assert.equal((await fetch(`http://${address}/oauth/keys`)).status, 200);
  });
});
