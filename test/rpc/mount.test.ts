// What a gRPC call says of its caller, and whom it is believed.
import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { TokenServiceDefinition } from "../../gen/gatewright/v1/token.ts";
import { silentLog } from "../../server/core/log.ts";
import type { World } from "../../server/flows/world.ts";
import { answering } from "../../server/rpc/answer.ts";
import { mount } from "../../server/rpc/mount.ts";
import type { PeerOf } from "../../server/rpc/peer.ts";
import { peersBehind } from "../../server/rpc/peer.ts";
import type { Handlers } from "../../server/rpc/procedure.ts";
import { implement } from "../../server/rpc/procedure.ts";
import { within } from "../../server/rpc/within.ts";
import type { RpcClient } from "../support/rpc.ts";
import { rpcClient } from "../support/rpc.ts";

type Origin = World["origin"];

/** Serves a method that tells from where it was called, with and without belief in the loopback. */
async function serve(peerOf: PeerOf) {
  let seen: Origin | undefined;
  const names = Object.keys(TokenServiceDefinition.methods);
  const handlers = names.map((name) => [
    name,
    async (_: unknown, call: Parameters<typeof within>[1]) => {
      seen = within({} as World, call).origin;
      return {};
    },
  ]);
  const served = Object.fromEntries(handlers) as Handlers<typeof TokenServiceDefinition>;
  const procedures = implement(TokenServiceDefinition, served);
  const server = new grpc.Server();
  mount(
    server,
    procedures.map((procedure) => answering(procedure, silentLog)),
    { peerOf },
  );
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = rpcClient(`127.0.0.1:${port}`);
  return {
    stop() {
      client.close();
      server.forceShutdown();
    },
    async originOf(headers: Parameters<RpcClient["callBytes"]>[2]): Promise<Origin | undefined> {
      seen = undefined;
      const path = "/gatewright.v1.TokenService/GetKeys";
      assert.equal((await client.callBytes(path, new Uint8Array(), headers)).code, 0);
      return seen;
    },
  };
}

const forwarded = { "x-forwarded-for": "203.0.113.9", "x-forwarded-user-agent": "Phone/1" };

describe("the origin of a gRPC call (SEC-81)", () => {
  it("is the one that a gateway of ours tells", async () => {
    const server = await serve(peersBehind([]));
    const named = await server.originOf(forwarded);
    assert.deepEqual(named, { address: "203.0.113.9", userAgent: "Phone/1" });
    const { "x-forwarded-for": address } = forwarded;
    const silent = await server.originOf({ "x-forwarded-for": address });
    assert.deepEqual(silent, { address, userAgent: undefined });
    server.stop();
  });

  it("has the user agent of a direct caller, whatever it claims", async () => {
    const server = await serve(peersBehind([]));
    const origin = await server.originOf({ "x-forwarded-user-agent": "forged" });
    assert.equal(origin?.address, "127.0.0.1");
    assert.match(origin?.userAgent ?? "", /^grpc-node/);
    server.stop();
  });

  it("is that of the connection where the caller is not believed", async () => {
    const server = await serve(() => ({ address: "198.51.100.7", isForwarded: false }));
    const origin = await server.originOf(forwarded);
    assert.equal(origin?.address, "198.51.100.7");
    assert.match(origin?.userAgent ?? "", /^grpc-node/);
    server.stop();
  });

  it("has 512 characters of a user agent that is printable", () => {
    const of = (agent: string) =>
      within({} as World, {
        header: (name) => (name === "user-agent" ? agent : undefined),
        signal: new AbortController().signal,
        deadline: undefined,
        peer: "203.0.113.9",
      }).origin.userAgent;
    assert.equal(of("x".repeat(600)), "x".repeat(512));
    for (const agent of ["a\nb", "caf\u00e9", "a\u0000", ""]) assert.equal(of(agent), undefined);
  });
});
