// The fetch wire before servers that are none of ours, or broken.
import assert from "node:assert/strict";
import { basicAuthorization } from "../../clients/basic_authorization.ts";
import type { CodeName } from "../../clients/call_error.ts";
import { CallError, codeOf } from "../../clients/call_error.ts";
import { createClient } from "../../clients/client.ts";
import type { Send } from "../../clients/web.ts";
import { webWire } from "../../clients/web.ts";
import { AdminServiceDefinition } from "../../gen/gatewright/v1/admin.ts";
import { ErrorInfo } from "../../gen/google/rpc/error_details.ts";
import { answerLimitBytes } from "../../proto/bounds.ts";
import { readAuthorization } from "../../server/identity/basic.ts";
import { watchDefinition } from "./far_sides.ts";

type Body = ConstructorParameters<typeof Response>[0];
const answering =
  (status: number, body: Body, type = "application/json"): Send =>
  async () =>
    new Response(body, { status, headers: { "content-type": type } });
const errorOf = async (send: Send): Promise<CallError> => {
  const client = createClient(AdminServiceDefinition, webWire("https://id.example.com", send));
  const error = await client.rotateKeys({}).catch((reason: unknown) => reason);
  assert(error instanceof CallError, String(error));
  return error;
};
const detail = (value: string) =>
  JSON.stringify({ code: "not_found", details: [{ type: "google.rpc.ErrorInfo", value }] });
const info = (reason: string, domain = "gatewright") => {
  const metadata = new Map([["__proto__", "1"]]);
  return Buffer.from(ErrorInfo.encode({ reason, domain, metadata }).finish()).toString("base64");
};

describe("webWire", () => {
  it("names what the protocol wants: path, method, headers, and no redirect", async () => {
    let seen: [string, RequestInit] | undefined;
    const send: Send = async (...args) => {
      seen = args;
      return answering(200, null, "application/proto")("", {});
    };
    const wire = webWire("https://id.example.com/base/", send);
    await createClient(AdminServiceDefinition, wire).rotateKeys({}, { timeoutMs: 1500 });
    assert.equal(seen?.[0], "https://id.example.com/base/gatewright.v1.AdminService/RotateKeys");
    const { method, redirect, headers } = seen[1];
    assert.deepEqual([method, redirect], ["POST", "error"]);
    const sent = headers as Record<string, string>;
    assert.equal(sent["content-type"], "application/proto");
    assert.equal(sent["connect-protocol-version"], "1");
    assert(Number(sent["connect-timeout-ms"]) <= 1500);
  });

  const foreign: readonly (readonly [number, string, CodeName])[] = [
    [400, "<html>", "internal"],
    [401, "", "unauthenticated"],
    [404, "Not Found", "unimplemented"],
    [502, "<html>", "unavailable"],
    [418, "null", "unknown"],
    [500, '{"code": "ok"}', "unknown"],
    [500, '{"code": 5, "message": {}}', "unknown"],
    [
      500,
      '{"code": "aborted", "details": [{"type": "google.rpc.ErrorInfo", "value": "???"}]}',
      "unknown",
    ],
    [500, '{"code": "aborted", "details": [null]}', "unknown"],
    [500, '{"code": "aborted", "details": 5}', "aborted"],
  ];
  for (const [status, body, code] of foreign) {
    it(`takes ${status} with ${body || "nothing"} for ${code}`, async () => {
      const error = await errorOf(answering(status, body));
      assert.equal(error.code, codeOf(code));
      assert.equal(error.reason, undefined);
    });
  }

  it("believes reasons that it knows, of our domain, and details that it can read", async () => {
    const known = await errorOf(answering(404, detail(info("OBJECT_NOT_FOUND"))));
    assert.equal(known.reason, "OBJECT_NOT_FOUND");
    assert.deepEqual(Object.entries(known.facts), [["__proto__", "1"]]);
    for (const value of [
      info("NEWER"),
      info("UNRECOGNIZED"),
      info("toString"),
      info("OBJECT_NOT_FOUND", "other"),
      "//8=",
    ]) {
      const error = await errorOf(answering(404, detail(value)));
      assert.equal(error.code, codeOf("not_found"));
      assert.equal(error.reason, undefined);
    }
  });

  it("holds no more of an answer that does not end than any message has", async () => {
    for (const [status, type] of [
      [200, "application/proto"],
      [500, "application/json"],
    ] as const) {
      let given = 0;
      const ended = Promise.withResolvers<void>();
      const endless = new ReadableStream({
        pull(controller) {
          given += 1;
          if (given > 100) controller.error(new Error("Nobody stopped."));
          else controller.enqueue(new Uint8Array(1 << 20));
        },
        cancel: () => ended.resolve(),
      });
      const error = await errorOf(answering(status, endless, type));
      assert.deepEqual(
        [error.code, error.message],
        [codeOf("internal"), "The answer is too large."],
      );
      await ended.promise;
      assert.ok(given < 50, `${given} MiB`);
    }
  });

  it("takes the longest answer that a server may give", async () => {
    const longest = new Uint8Array(answerLimitBytes(4 << 20));
    const wire = webWire("https://id.example.com", answering(200, longest, "application/proto"));
    const call = { headers: {}, timeoutMs: 10_000, signal: undefined };
    const given = await wire.unary("/any", new Uint8Array(), call);
    assert.equal(given.length, longest.length);
  });

  it("takes an answer that is no message for a failure", async () => {
    const page = await errorOf(answering(200, "<html>not ours</html>", "text/html"));
    assert.equal(page.code, codeOf("unknown"));
    const broken = await errorOf(answering(200, "\n\x05kid", "application/proto"));
    assert.equal(broken.code, codeOf("internal"));
  });

  describe("a stream", () => {
    const envelope = (flag: number, data: string) => {
      const bytes = Buffer.alloc(5 + data.length, data, "latin1");
      bytes.set(Buffer.from(data, "latin1"), 5);
      bytes.writeUInt8(flag, 0);
      bytes.writeUInt32BE(data.length, 1);
      return bytes;
    };
    const read = async (body: Uint8Array<ArrayBuffer>, piece = body.length) => {
      const pieces = new ReadableStream({
        start(controller) {
          for (let at = 0; at < body.length; at += piece)
            controller.enqueue(body.subarray(at, at + piece));
          controller.close();
        },
      });
      const wire = webWire(
        "https://id.example.com",
        answering(200, pieces, "application/connect+proto"),
      );
      const seen: string[] = [];
      for await (const { status } of createClient(watchDefinition, wire).watch({}))
        seen.push(status);
      return seen;
    };
    const message = envelope(0, "\n\x02ok");
    const end = envelope(2, "{}");

    it("is put together from pieces of any size", async () => {
      for (const size of [1, 2, 5, 7, 100]) {
        assert.deepEqual(await read(Buffer.concat([message, message, end]), size), ["ok", "ok"]);
      }
    });

    const broken: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
      "without its end": message,
      "cut within a message": message.subarray(0, 7),
      "with a compressed message": envelope(1, "\n\x02ok"),
      "with a message of four gigabytes": Buffer.from([0, 255, 255, 255, 255]),
      "with an end that is no JSON": envelope(2, "{"),
      "with an end that says why": envelope(2, '{"error": {"code": "aborted"}}'),
    };
    for (const [title, body] of Object.entries(broken)) {
      it(`fails ${title}`, async () => {
        await assert.rejects(read(body), CallError);
      });
    }
  });
});

describe("basicAuthorization", () => {
  it("is read by the server as the same id and secret, whatever is in them", () => {
    for (const secret of ["plain-secret_1", "a:b", "ü%41+ ~!'()*", "100%", "日本"]) {
      const { authorization } = basicAuthorization("admin:x", secret);
      const read = readAuthorization(authorization);
      assert.deepEqual(read, { scheme: "basic", clientId: "admin:x", clientSecret: secret });
    }
  });
});
