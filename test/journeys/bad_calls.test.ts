// Messages that are no messages over gRPC, Connect and gRPC-Web: each is INVALID_ARGUMENT, runs
// nothing, and hurts nobody.
import assert from "node:assert/strict";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { status } from "@grpc/grpc-js";
import { CompleteRegistrationRequest } from "../../gen/gatewright/v1/registration.ts";
import { ErrorInfo } from "../../gen/google/rpc/error_details.ts";
import { Status } from "../../gen/google/rpc/status.ts";
import type { KeyClient } from "../support/client.ts";
import { registerPhone } from "../support/client.ts";
import { send } from "../support/http.ts";
import type { RpcClient } from "../support/rpc.ts";
import { rpcClient } from "../support/rpc.ts";
import { serverFor } from "../support/server.ts";
import { letIn, usualSetup } from "../support/usual_setup.ts";
import { authenticate } from "./doors.ts";

const path = "/gatewright.v1.RegistrationService/CompleteRegistration";

/** A list of lists of lists, as google.protobuf.Value nests them. */
function nestedList(depth: number): Uint8Array {
  let bytes: Uint8Array = new Uint8Array();
  for (let i = 0; i < depth; i += 1) {
    // A ListValue (field 6 of Value) in a Value (field 1 of ListValue).
    const value = new BinaryWriter().uint32(50).bytes(bytes).finish();
    bytes = new BinaryWriter().uint32(10).bytes(value).finish();
  }
  return bytes;
}

/** An entry of `hook_context_custom_params`, which is field 8. */
const hook = (list: Uint8Array): Uint8Array =>
  new BinaryWriter()
    .uint32(66)
    .fork()
    .uint32(10)
    .string("a")
    .uint32(18)
    .bytes(list)
    .join()
    .finish();

/** What a caller is told: its wire's word for the code, and the reason of the ErrorInfo. */
type Told = readonly [code: unknown, reason: string | undefined];

/** Posts a message to a URL as Connect does, without the library. */
async function byConnect(url: string, bytes: Uint8Array): Promise<Told> {
  const headers = { "content-type": "application/proto" };
  const { status: httpStatus, json } = await send(url, { headers, body: bytes });
  if (httpStatus === 200) return [0, undefined];
  const details = (json.details ?? []) as { type: string; value: string }[];
  const info = details.find(({ type }) => type === "google.rpc.ErrorInfo");
  const { reason } = ErrorInfo.decode(Buffer.from(info?.value ?? "", "base64"));
  return [`${httpStatus} ${json.code}`, reason];
}

/** Posts a message to a URL as gRPC-Web does, without the library. */
async function byGrpcWeb(url: string, bytes: Uint8Array): Promise<Told> {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  const headers = { "content-type": "application/grpc-web+proto" };
  const { text } = await send(url, { headers, body: Buffer.concat([head, bytes]) });
  // The last frame of the body is the trailers, as text.
  const code = Number(/grpc-status: *(\d+)/i.exec(text)?.[1]);
  const packed = /grpc-status-details-bin: *(\S+)/i.exec(text)?.[1] ?? "";
  const [any] = Status.decode(Buffer.from(packed, "base64")).details;
  return [code, any && ErrorInfo.decode(any.value).reason];
}

describe("messages that are not well formed", function () {
  this.timeout(20_000);
  let phone: KeyClient;
  let client: RpcClient;
  const server = serverFor(usualSetup);
  before(async () => {
    phone = await registerPhone(server());
    client = rpcClient(server().grpc);
  });
  after(() => client?.close());

  const right = async (change: object = {}): Promise<Uint8Array> =>
    CompleteRegistrationRequest.encode(
      CompleteRegistrationRequest.fromPartial({
        idp: "puppet",
        ...(await authenticate(phone)),
        data: letIn("alice"),
        profileId: "W8DUJ2",
        ...change,
      }),
    ).finish();
  const appended = async (...more: Uint8Array[]): Promise<Uint8Array> =>
    Buffer.concat([await right(), ...more]);

  const rows: [string, () => Promise<Uint8Array>][] = [
    ["nothing", async () => new Uint8Array()],
    ["a message that ends early", async () => (await right()).subarray(0, -3)],
    ["a length beyond the end", () => appended(Buffer.from([0x2a, 0xff, 0xff, 0x03, 0x41]))],
    ["a tag of the field number 0", () => appended(Buffer.from([0x00, 0x00]))],
    ["a wire type that does not exist", () => appended(Buffer.from([0x2f]))],
    ["a number without an end", () => appended(Buffer.alloc(20, 0xff))],
    ["an open group", () => appended(Buffer.from([0x2b]))],
    ["a text that is not UTF-8", () => appended(Buffer.from([0x2a, 0x02, 0xc3, 0x28]))],
    ["random bytes", async () => Buffer.from("9f3a77c1e0b24d5586fe10", "hex")],
    ["a text beyond its bound", () => right({ data: "x".repeat(65_537) })],
    ["no identity provider", () => right({ idp: "" })],
    ["too many scopes", () => right({ scope: Array(129).fill("read") })],
    [
      "a hook parameter that is no list of texts",
      () => right({ hookContextCustomParams: new Map([["a", [1]]]) }),
    ],
    ["a list nested 90 deep", () => appended(hook(nestedList(90)))],
    ["a list nested 5000 deep", () => appended(hook(nestedList(5000)))],
  ];
  const wires: [string, unknown, (bytes: Uint8Array) => Promise<Told>][] = [
    [
      "gRPC",
      status.INVALID_ARGUMENT,
      async (bytes) => {
        const { code, reason } = await client.callBytes(path, bytes);
        return [code, reason];
      },
    ],
    ["Connect", "400 invalid_argument", (bytes) => byConnect(server().http + path, bytes)],
    ["gRPC-Web", status.INVALID_ARGUMENT, (bytes) => byGrpcWeb(server().http + path, bytes)],
  ];
  for (const [wire, code, call] of wires) {
    for (const [which, make] of rows) {
      it(`like ${which} are INVALID_ARGUMENT over ${wire} (SEC-79)`, async () => {
        assert.deepEqual(await call(await make()), [code, "REQUEST_INVALID"]);
      });
    }

    it(`hurt nobody over ${wire}`, async () => {
      assert.deepEqual(await call(await right()), [0, undefined]);
    });
  }

  it("ignores fields that it does not know", async () => {
    const unknown = new BinaryWriter()
      .uint32((1000 << 3) | 2)
      .string("x")
      .finish();
    assert.equal((await client.callBytes(path, await appended(unknown))).code, 0);
  });

  it("refuses a message beyond a mebibyte", async () => {
    const { code } = await client.callBytes(path, Buffer.alloc((1 << 20) + 1));
    assert.equal(code, status.RESOURCE_EXHAUSTED);
  });

  for (const unknown of ["/gatewright.v1.RegistrationService/Nothing", "/no.Service/At", "/"]) {
    it(`serves no ${unknown}`, async () => {
      assert.equal((await client.callBytes(unknown, await right())).code, status.UNIMPLEMENTED);
    });
  }

  it("refuses an Authorization that is none", async () => {
    for (const authorization of ["Basic", "Basic !!", "Basic YQ==", "Bearer", "x".repeat(9000)]) {
      const { code } = await client.callBytes(path, await right(), { authorization });
      assert.ok([0, status.INVALID_ARGUMENT].includes(code), `${authorization}: ${code}`);
    }
  });
});
