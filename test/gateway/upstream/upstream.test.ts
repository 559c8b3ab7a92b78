// The two ways to the server where they could differ: deadlines, callers that leave, dead servers,
// streams.
import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import type {
  DescMessage,
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  Message,
} from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { embedded } from "../../../gateway/upstream/embedded.ts";
import { grpcUpstream } from "../../../gateway/upstream/grpc.ts";
import type { Upstream, UpstreamCall } from "../../../gateway/upstream/upstream.ts";
import { Failure } from "../../../gateway/upstream/upstream.ts";
import { registry } from "../../../proto/contract.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import type { Call, Procedure } from "../../../server/rpc/procedure.ts";
import type { Behind } from "../two_ways.ts";
import { behind, gateway, grpcServer, refused, ways } from "../two_ways.ts";

const methodOf = (name: string): DescMethod => {
  const method = registry
    .getService("gatewright.v1.TokenService")
    ?.methods.find((m) => m.name === name);
  assert.ok(method);
  return method;
};
const getKeys = methodOf("GetKeys") as DescMethodUnary;
const issueToken = methodOf("IssueToken") as DescMethodUnary;
// The contract has no stream of answers yet, so one is made of a method that it has.
const watch = { ...getKeys, name: "Watch", methodKind: "server_streaming" };
const streaming = watch as unknown as DescMethodServerStreaming;
const broken = { ...getKeys, name: "Broken" } as DescMethodUnary;
// Answers that are no messages.
const unreadable: Readonly<Record<string, Uint8Array>> = {
  "is no protobuf": Uint8Array.of(0x0f, 0x00, 0xff),
  "ends early": Uint8Array.of(0x0a, 0x05, 0x41),
  "is nested 200 deep": Buffer.concat([Buffer.alloc(200, 0x7b), Buffer.alloc(200, 0x7c)]),
};
const grant = (): Message => create(issueToken.input, { grantType: "x" } as never);

const callOf = (more: Partial<UpstreamCall> = {}): UpstreamCall => ({
  header: () => undefined,
  signal: new AbortController().signal,
  timeoutMs: 2_000,
  peer: "203.0.113.5",
  ...more,
});

const reason = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof Failure);
  assert.equal(error.reason, expected);
  return true;
};

const valueType = registry.getMessage("google.protobuf.Value") as DescMessage;
const listType = registry.getMessage("google.protobuf.ListValue") as DescMessage;

const never = new Promise<never>(() => undefined);

for (const way of ways) {
  describe(`the ${way} upstream`, () => {
    let server: Behind;
    let upstream: Upstream;
    let stop = (): void => undefined;
    // What the stream of answers does; set by each test.
    let items: (call: Call) => AsyncGenerator<Uint8Array>;
    // What the method that answers with any bytes gives; set by each test.
    let bytes: Uint8Array;
    before(async () => {
      server = behind();
      const stream: Procedure = {
        method: streaming,
        path: "/gatewright.v1.TokenService/Watch",
        stream: true,
        call: (_, call) => items(call),
      };
      const anything: Procedure = {
        method: broken,
        path: "/gatewright.v1.TokenService/Broken",
        stream: false,
        call: async () => bytes,
      };
      const procedures = [...server.procedures, stream, anything];
      if (way === "embedded") upstream = embedded(procedures);
      else {
        const wire = await grpcServer(procedures);
        upstream = grpcUpstream(wire.address, 5_000);
        stop = wire.stop;
      }
    });
    after(() => {
      upstream.close();
      stop();
    });

    it("ends a call at its deadline with UNAVAILABLE and aborts its signal", async () => {
      const aborted = Promise.withResolvers<void>();
      server.handle = (_, call) => {
        assert.ok(call.deadline !== undefined && call.deadline > Date.now() - 1_000);
        call.signal.addEventListener("abort", () => aborted.resolve());
        return never;
      };
      const call = callOf({ timeoutMs: 50 });
      await assert.rejects(upstream.unary(issueToken, grant(), call), reason("UNAVAILABLE"));
      await aborted.promise;
    });

    it("aborts the signal of a call whose caller leaves, and leaves no listener behind", async () => {
      const begun = Promise.withResolvers<Call>();
      const aborted = Promise.withResolvers<void>();
      server.handle = (_, call) => {
        call.signal.addEventListener("abort", () => aborted.resolve());
        begun.resolve(call);
        return aborted.promise.then(() => ({}));
      };
      const { signal, abort } = controllerOf();
      const pending = upstream
        .unary(issueToken, grant(), callOf({ signal }))
        .catch(() => undefined);
      await begun.promise;
      abort();
      await aborted.promise;
      await pending;
      assert.equal(getEventListeners(signal, "abort").length, 0);
    });

    it("leaves no listener on the signal of a call that was answered", async () => {
      server.handle = (_, call) => {
        assert.equal(call.signal.aborted, false);
        return {};
      };
      const { signal } = controllerOf();
      for (let i = 0; i < 3; i++) await upstream.unary(issueToken, grant(), callOf({ signal }));
      assert.equal(getEventListeners(signal, "abort").length, 0);
    });

    it("aborts a call whose caller has left already", async () => {
      const { signal, abort } = controllerOf();
      abort();
      server.handle = (_, call) => {
        assert.equal(call.signal.aborted, true);
        throw new Refusal("UNAVAILABLE");
      };
      await assert.rejects(
        upstream.unary(issueToken, grant(), callOf({ signal })),
        reason("UNAVAILABLE"),
      );
    });

    it("gives a stream's answers in their order", async () => {
      items = async function* () {
        for (let i = 0; i < 3; i++) yield new Uint8Array();
      };
      const seen: string[] = [];
      for await (const item of upstream.stream(streaming, create(getKeys.input), callOf())) {
        seen.push(item.$typeName);
      }
      assert.deepEqual(seen, Array(3).fill("gatewright.v1.GetKeysResponse"));
    });

    it("ends a stream at its deadline, also while nothing comes", async () => {
      items = async function* () {
        yield new Uint8Array();
        await never;
      };
      const stream = upstream.stream(streaming, create(getKeys.input), callOf({ timeoutMs: 100 }));
      await assert.rejects(Array.fromAsync(stream), reason("UNAVAILABLE"));
    });

    it("ends a stream that its reader leaves", async () => {
      const left = Promise.withResolvers<void>();
      items = async function* () {
        try {
          while (true) {
            yield new Uint8Array();
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          left.resolve();
        }
      };
      for await (const _ of upstream.stream(
        streaming,
        create(getKeys.input),
        callOf({ timeoutMs: 60_000 }),
      ))
        break;
      await left.promise;
    });

    for (const [which, answer] of Object.entries(unreadable)) {
      it(`calls an answer that ${which} UNSPECIFIED, and goes on`, async () => {
        bytes = answer;
        await assert.rejects(
          upstream.unary(broken, create(getKeys.input), callOf()),
          reason("UNSPECIFIED"),
        );
        items = async function* () {
          yield new Uint8Array();
          yield answer;
        };
        const seen: string[] = [];
        const read = async (): Promise<void> => {
          for await (const item of upstream.stream(streaming, create(getKeys.input), callOf()))
            seen.push(item.$typeName);
        };
        await assert.rejects(read(), reason("UNSPECIFIED"));
        assert.equal(seen.length, 1);
        bytes = new Uint8Array();
        await upstream.unary(broken, create(getKeys.input), callOf());
      });
    }

    it("refuses a request that is nested too deeply to be written", async () => {
      let value: Message = create(valueType, {} as never);
      for (let i = 0; i < 50_000; i++) {
        const list = create(listType, { values: [value] } as never);
        value = create(valueType, { kind: { case: "listValue", value: list } } as never);
      }
      const deep = { ...getKeys, input: valueType } as DescMethodUnary;
      await assert.rejects(upstream.unary(deep, value, callOf()), reason("REQUEST_INVALID"));
    });

    it("has no words of its own for what the server does not know", async () => {
      const unknown = { ...getKeys, name: "Nothing" } as DescMethodUnary;
      await assert.rejects(upstream.unary(unknown, create(getKeys.input), callOf()), (error) => {
        assert.ok(error instanceof Failure);
        assert.doesNotMatch(error.message, /Nothing/);
        return true;
      });
    });
  });
}

const controllerOf = (): { signal: AbortSignal; abort(): void } => {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
};

describe("the grpc upstream before a server that is away", () => {
  it("fails in its own words once it is closed", async () => {
    const upstream = grpcUpstream("grpc://127.0.0.1:1", 5_000);
    upstream.close();
    const request = create(getKeys.input);
    await assert.rejects(upstream.unary(getKeys, request, callOf()), Failure);
    await assert.rejects(Array.fromAsync(upstream.stream(streaming, request, callOf())), Failure);
  });

  it("answers UNAVAILABLE when nobody listens", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    const door = await gateway(grpcUpstream(`grpc://127.0.0.1:${port}`, 5_000));
    const response = await fetch(`http://${door.public}/oauth/keys`);
    const body = await refused(response, 503, "temporarily_unavailable");
    assert.doesNotMatch(JSON.stringify(body), /127\.0\.0\.1|ECONN/);
    await door.stop();
  });

  it("answers UNAVAILABLE at the deadline when the server is silent", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined).resume();
    });
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const upstream = grpcUpstream(`grpc://127.0.0.1:${port}`, 5_000);
    const door = await gateway(upstream, { deadlineMs: 200 });
    await refused(await fetch(`http://${door.public}/oauth/keys`), 503, "temporarily_unavailable");
    await door.stop();
    silent.close();
    for (const socket of sockets) socket.destroy();
  });

  it("tries again what is idempotent, and nothing else", async () => {
    const server = behind();
    const wire = await grpcServer(server.procedures);
    const upstream = grpcUpstream(wire.address, 5_000);
    let calls = 0;
    server.handle = () => {
      calls++;
      if (calls === 1) throw new Refusal("UNAVAILABLE");
      return {};
    };
    await upstream.unary(getKeys, create(getKeys.input), callOf());
    assert.equal(calls, 2);
    calls = 0;
    await assert.rejects(upstream.unary(issueToken, grant(), callOf()), reason("UNAVAILABLE"));
    assert.equal(calls, 1);
    upstream.close();
    wire.stop();
  });

  it("refuses an IP address for TLS, which could never be reached", () => {
    for (const host of ["127.0.0.1", "[::1]"]) {
      assert.throws(() => grpcUpstream(`grpcs://${host}:1`, 5_000), /TLS takes the name/);
      grpcUpstream(`grpc://${host}:1`, 5_000).close();
    }
    grpcUpstream("grpcs://localhost:1", 5_000).close();
  });

  it("refuses an address of another form", () => {
    for (const address of ["127.0.0.1:1", "http://127.0.0.1:1", "grpc://", "grpc://a/b"]) {
      assert.throws(() => grpcUpstream(address, 5_000), /is not grpc:\/\/host:port/);
    }
  });
});
