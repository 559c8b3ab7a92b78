// The typed client, over every wire against real servers: the same laws for both.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { CallError, codeOf } from "../../clients/call_error.ts";
import type { Client } from "../../clients/client.ts";
import { createClient } from "../../clients/client.ts";
import { AdminServiceDefinition } from "../../gen/gatewright/v1/admin.ts";
import type { ReasonName } from "../../proto/contract.ts";
import { answerTo } from "../../proto/contract.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { Call } from "../../server/rpc/procedure.ts";
import type { Behind } from "../gateway/two_ways.ts";
import { behind } from "../gateway/two_ways.ts";
import type { FarSide, Words } from "./far_sides.ts";
import { rows, watchDefinition } from "./far_sides.ts";

const failure = async (work: Promise<unknown>): Promise<CallError> => {
  const error = await work.then(
    () => assert.fail("the call succeeded"),
    (reason: unknown) => reason,
  );
  assert(error instanceof CallError, String(error));
  return error;
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

for (const row of rows) {
  describe(`createClient over ${row.name}`, () => {
    let server: Behind;
    let far: FarSide;
    let admin: Client<AdminServiceDefinition>;
    before(async () => {
      server = behind();
      far = await row.calls(server);
      admin = createClient(AdminServiceDefinition, far.wire);
    });
    after(() => far.stop());

    it("carries request, headers and answer, typed", async () => {
      const seen: unknown[] = [];
      server.handle = (request, call) => {
        seen.push(request.setup.properties[0].value, call.header("authorization"));
        return { changes: [{ action: "added", kind: "properties", id: "a", fields: ["value"] }] };
      };
      const { changes } = await admin.applySetup(
        { setup: { properties: [{ id: "a", value: "1" }] } },
        { headers: { authorization: "Basic eA==" } },
      );
      assert.deepEqual(seen, ["1", "Basic eA=="]);
      assert.deepEqual(changes, [
        { action: "added", kind: "properties", id: "a", fields: ["value"] },
      ]);
    });

    it("gives a refusal as its reason, its code and its facts", async () => {
      const reasons: ReasonName[] = [
        "REQUEST_INVALID",
        "ADMIN_CREDENTIALS_REJECTED",
        "PERMISSION_MISSING",
        "OBJECT_NOT_FOUND",
        "OBJECT_CONFLICT",
        "RATE_LIMITED",
        "UNAVAILABLE",
      ];
      for (const reason of reasons) {
        server.handle = () => {
          throw new Refusal(reason as never, { detail: "só", __proto__x: "1" });
        };
        const error = await failure(admin.deleteObject({ kind: "clients", id: "a" }));
        assert.equal(error.reason, reason);
        assert.equal(error.code, answerTo(reason).grpc);
        assert.equal(error.facts.detail, "só");
        assert.match(error.message, /só/);
        assert.equal(error.retryable, reason === "UNAVAILABLE");
      }
    });

    it("gives a fault of the server without its text", async () => {
      server.handle = () => {
        throw new Error("a secret of the inside");
      };
      const error = await failure(admin.rotateKeys({}));
      assert.equal(error.reason, "UNSPECIFIED");
      assert.equal(error.code, codeOf("internal"));
      assert(!error.message.includes("secret"));
    });

    it("repeats a call that bears it while the server is unavailable, and no other", async () => {
      let calls = 0;
      server.handle = () => {
        calls += 1;
        if (calls < 3) throw new Refusal("UNAVAILABLE");
        return { kid: "k", activeFrom: 1 };
      };
      assert.equal((await admin.rotateKeys({}, { idempotent: true })).kid, "k");
      assert.equal(calls, 3);
      calls = 0;
      await failure(admin.rotateKeys({}, { idempotent: false }));
      assert.equal(calls, 1);
      calls = -10;
      await failure(admin.rotateKeys({}, { idempotent: true }));
      assert.equal(calls, -7, "three tries at most");
    });

    it("does not repeat what another try cannot mend", async () => {
      let calls = 0;
      server.handle = () => {
        calls += 1;
        throw new Refusal("PERMISSION_MISSING");
      };
      await failure(admin.rotateKeys({}, { idempotent: true }));
      assert.equal(calls, 1);
    });

    it("ends a call at its deadline and tells the server", async () => {
      const aborted = Promise.withResolvers<void>();
      server.handle = async (_: unknown, { signal }: Call) => {
        await untilAborted(signal);
        aborted.resolve();
        throw new Refusal("UNAVAILABLE");
      };
      const { code } = await failure(admin.rotateKeys({}, { timeoutMs: 150 }));
      assert([codeOf("deadline_exceeded"), codeOf("unavailable")].includes(code), String(code));
      await aborted.promise;
    });

    it("does not send a call whose signal has aborted before", async () => {
      let calls = 0;
      server.handle = () => {
        calls += 1;
        return {};
      };
      const error = await failure(admin.rotateKeys({}, { signal: AbortSignal.abort() }));
      assert.equal(error.code, codeOf("canceled"));
      assert.equal(calls, 0);
    });

    it("ends a call when its signal aborts, and tells the server", async () => {
      const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      server.handle = async (_: unknown, { signal }: Call) => {
        begun.resolve();
        await untilAborted(signal);
        ended.resolve();
        throw new Refusal("UNAVAILABLE");
      };
      const controller = new AbortController();
      const failing = failure(
        admin.rotateKeys({}, { signal: controller.signal, idempotent: true }),
      );
      await begun.promise;
      controller.abort();
      assert.equal((await failing).code, codeOf("canceled"));
      await ended.promise;
    });

    it("leaves no listener on a signal that outlives the calls", async () => {
      server.handle = () => {
        throw new Refusal("UNAVAILABLE");
      };
      const { signal } = new AbortController();
      await failure(admin.rotateKeys({}, { signal, idempotent: true }));
      server.handle = () => ({});
      await admin.rotateKeys({}, { signal });
      assert.deepEqual(getEventListeners(signal, "abort"), []);
    });

    it("says that nobody is there", async () => {
      const closed = createServer().listen(0, "127.0.0.1");
      await new Promise((listening) => closed.once("listening", listening));
      const { port } = closed.address() as AddressInfo;
      await new Promise((end) => closed.close(end));
      const wire = row.to(`127.0.0.1:${port}`);
      const error = await failure(createClient(AdminServiceDefinition, wire).getHealth({}));
      assert.equal(error.code, codeOf("unavailable"));
      assert.equal(error.reason, undefined);
      assert(error.retryable);
      wire[Symbol.dispose]?.();
    });

    it("ends at its deadline also before a peer that accepts and stays silent", async () => {
      const silent = createServer(() => undefined).listen(0, "127.0.0.1");
      await new Promise((listening) => silent.once("listening", listening));
      const sockets = new Set<{ destroy(): void }>();
      silent.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
      const { port } = silent.address() as AddressInfo;
      const wire = row.to(`127.0.0.1:${port}`);
      const client = createClient(AdminServiceDefinition, wire);
      const error = await failure(client.getHealth({}, { timeoutMs: 200 }));
      assert.equal(error.code, codeOf("deadline_exceeded"));
      wire[Symbol.dispose]?.();
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
  });

  describe(`a stream over ${row.name}`, () => {
    let far: FarSide;
    let words: Words;
    before(async () => {
      far = await row.streams((signal) => words(signal));
    });
    after(() => far.stop());
    const watch = (signal?: AbortSignal) =>
      createClient(watchDefinition, far.wire).watch({}, { signal });

    it("gives each message as it comes, and its end", async () => {
      words = async function* () {
        yield "one";
        yield "";
        yield "x".repeat(300_000);
      };
      const lengths = [];
      for await (const { status } of watch()) lengths.push(status.length);
      assert.deepEqual(lengths, [3, 0, 300_000]);
    });

    it("ends with the refusal that the server throws in between", async () => {
      words = async function* () {
        yield "one";
        throw new Refusal("RATE_LIMITED");
      };
      const seen: string[] = [];
      const all = async () => {
        for await (const { status } of watch()) seen.push(status);
      };
      assert.equal((await failure(all())).code, answerTo("RATE_LIMITED").grpc);
      assert.deepEqual(seen, ["one"]);
    });

    it("tells the server when nobody listens any more", async () => {
      const ended = Promise.withResolvers<void>();
      words = async function* (signal) {
        yield "one";
        await untilAborted(signal);
        ended.resolve();
      };
      for await (const { status } of watch()) {
        assert.equal(status, "one");
        break;
      }
      await ended.promise;
    });

    it("ends when its signal aborts, and leaves no listener", async () => {
      words = async function* (signal) {
        yield "one";
        await untilAborted(signal);
      };
      const controller = new AbortController();
      const all = async () => {
        for await (const { status } of watch(controller.signal)) {
          assert.equal(status, "one");
          controller.abort();
        }
      };
      assert.equal((await failure(all())).code, codeOf("canceled"));
      assert.deepEqual(getEventListeners(controller.signal, "abort"), []);
      const late = async () => {
        for await (const _ of watch(controller.signal)) assert.fail();
      };
      assert.equal((await failure(late())).code, codeOf("canceled"));
    });
  });
}
