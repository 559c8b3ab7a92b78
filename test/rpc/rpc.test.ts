// How procedures meet their callers: what is refused, what is a fault, whose address is believed.
import assert from "node:assert/strict";
import { DeviceServiceDefinition } from "../../gen/gatewright/v1/device.ts";
import { ErrorInfo } from "../../gen/google/rpc/error_details.ts";
import { Status } from "../../gen/google/rpc/status.ts";
import type { Facts, Log } from "../../server/core/log.ts";
import { silentLog } from "../../server/core/log.ts";
import { openMeter } from "../../server/core/meter.ts";
import { Refusal } from "../../server/core/refusal.ts";
import { answering, Failed } from "../../server/rpc/answer.ts";
import { metered } from "../../server/rpc/metered.ts";
import { peersBehind } from "../../server/rpc/peer.ts";
import type { Call, Unary } from "../../server/rpc/procedure.ts";
import { implement } from "../../server/rpc/procedure.ts";

const call: Call = {
  header: () => undefined,
  signal: new AbortController().signal,
  deadline: undefined,
  peer: "127.0.0.1",
};

const { requestType, responseType } = DeviceServiceDefinition.methods.registerDevice;
const good = { softwareId: "app", jwks: { keys: [] } };
const bytesOf = (request: object): Uint8Array =>
  requestType.encode(requestType.fromPartial(request)).finish();

/** The procedure of a handler, with the log lines that it writes. */
function procedureOf(handler: () => Promise<object>): { procedure: Unary; faults: Facts[] } {
  const faults: Facts[] = [];
  const log: Log = { ...silentLog, error: (_, facts = {}) => faults.push(facts) };
  const unused = () => assert.fail("it is not called");
  const [procedure] = implement(DeviceServiceDefinition, {
    registerDevice: handler,
    getAppConfiguration: unused,
    updateDevice: unused,
    deleteDevice: unused,
    deleteProfile: unused,
  });
  assert.ok(procedure);
  return { procedure: answering(procedure, log) as Unary, faults };
}

const failure = async (work: Promise<unknown>): Promise<Failed> => {
  const error = await work.then(
    () => assert.fail("it was served"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Failed);
  return error;
};

const infoOf = (failed: Failed): ErrorInfo => {
  const [detail] = Status.decode(failed.encode()).details;
  return ErrorInfo.decode(detail?.value ?? new Uint8Array());
};

describe("answering", () => {
  it("hands a good request to the handler and gives its answer", async () => {
    const { procedure } = procedureOf(async () => ({ clientId: "c1" }));
    const answer = responseType.decode(await procedure.call(bytesOf(good), call));
    assert.equal(answer.clientId, "c1");
  });

  const bad: readonly [string, Uint8Array][] = [
    ["bytes that are cut off", bytesOf(good).subarray(0, -1)],
    ["bytes that are no message", Uint8Array.of(0xff, 0xff, 0xff)],
    ["text that is not UTF-8", Uint8Array.of(0x0a, 0x02, 0xc3, 0x28)],
    ["a value beyond its bound", bytesOf({ ...good, softwareId: "x".repeat(129) })],
    ["a required value that is missing", bytesOf({ softwareId: "app" })],
    ["a control character where none may be", bytesOf({ ...good, deviceName: "a\0b" })],
  ];
  for (const [what, bytes] of bad) {
    it(`refuses ${what} before the handler sees it (SEC-79)`, async () => {
      const { procedure } = procedureOf(() => assert.fail("the handler was called"));
      assert.equal((await failure(procedure.call(bytes, call))).reason, "REQUEST_INVALID");
    });
  }

  it("says little of very many violations, which have to fit a trailer", async () => {
    const { procedure } = procedureOf(async () => ({}));
    const long = "x".repeat(100_000);
    const request = {
      ...good,
      softwareId: long,
      deviceName: long,
      deviceModel: long,
      devicePlatform: long,
    };
    const failed = await failure(procedure.call(bytesOf(request), call));
    assert.ok(failed.encode().length < 2_000);
  });

  it("encodes a documented refusal with its reason and facts", async () => {
    const { procedure, faults } = procedureOf(() => {
      throw new Refusal("CLIENT_METADATA_INVALID", { field: "jwks" }, { cause: "secret" });
    });
    const failed = await failure(procedure.call(bytesOf(good), call));
    const { domain, reason, metadata } = infoOf(failed);
    assert.deepEqual([domain, reason], ["gatewright", "CLIENT_METADATA_INVALID"]);
    assert.deepEqual([...metadata], [["field", "jwks"]]);
    assert.equal(failed.code, 3);
    assert.equal(faults.length, 0);
  });

  const faulty: readonly [string, () => Error][] = [
    ["a throw that is no refusal", () => new Error("connection string")],
    ["a refusal that the method does not document", () => new Refusal("IDP_NOT_FOUND")],
  ];
  for (const [what, make] of faulty) {
    it(`takes ${what} for a fault: in full in the log, an id for the caller (SEC-73)`, async () => {
      const { procedure, faults } = procedureOf(() => {
        throw make();
      });
      const failed = await failure(procedure.call(bytesOf(good), call));
      assert.deepEqual([failed.reason, failed.code], ["UNSPECIFIED", 13]);
      assert.ok(!failed.message.includes("connection"));
      assert.equal(faults[0]?.error_id, failed.facts.error_id);
      assert.ok(faults[0]?.error instanceof Error);
    });
  }
});

describe("metered", () => {
  it("counts every call by its end", async () => {
    using meter = openMeter();
    let next: () => Promise<object> = async () => ({ clientId: "c1" });
    const procedure = metered(procedureOf(() => next()).procedure, meter) as Unary;
    await procedure.call(bytesOf(good), call);
    await procedure.call(bytesOf(good), call);
    next = () => Promise.reject(new Refusal("CLIENT_METADATA_INVALID"));
    await failure(procedure.call(bytesOf(good), call));
    await failure(procedure.call(Uint8Array.of(0xff), call));
    const counted = (end: string): string | undefined =>
      meter
        .text()
        .split("\n")
        .find((line) =>
          line.startsWith(`gatewright_calls_total{method="RegisterDevice",end="${end}"`),
        )
        ?.split(" ")[1];
    assert.equal(counted("OK"), "2");
    assert.equal(counted("CLIENT_METADATA_INVALID"), "1");
    assert.equal(counted("REQUEST_INVALID"), "1");
    assert.equal(counted("UNSPECIFIED"), undefined);
  });
});

describe("peersBehind", () => {
  const rows: readonly [string, string, string | undefined, string][] = [
    ["a gateway on loopback", "127.0.0.1:4000", "203.0.113.9", "203.0.113.9"],
    ["a gateway on loopback over IPv6", "[::1]:4000", "203.0.113.9", "203.0.113.9"],
    ["a trusted proxy", "10.1.2.3:4000", "2001:db8::1", "2001:db8::1"],
    ["a stranger who forwards", "198.51.100.7:4000", "203.0.113.9", "198.51.100.7"],
    ["nobody behind the connection", "127.0.0.1:4000", undefined, "127.0.0.1"],
    ["something that is no address", "127.0.0.1:4000", "localhost", "127.0.0.1"],
    [
      "several, of which the last was written by the gateway",
      "127.0.0.1:1",
      "1.1.1.1, 2.2.2.2",
      "2.2.2.2",
    ],
  ];
  for (const [what, connection, forwarded, expected] of rows) {
    it(`takes ${expected} for ${what} (SEC-81)`, () => {
      const { address, isForwarded } = peersBehind(["10.0.0.0/8"])(connection, forwarded);
      assert.equal(address, expected);
      assert.equal(isForwarded, forwarded?.endsWith(address) ?? false);
    });
  }
});
