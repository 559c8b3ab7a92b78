// What a gRPC listener offers to whom: administration only where nobody from elsewhere comes.
import assert from "node:assert/strict";
import { AdminServiceDefinition } from "../../gen/gatewright/v1/admin.ts";
import { ScriptAdminServiceDefinition } from "../../gen/gatewright/v1/script_admin.ts";
import { TokenServiceDefinition } from "../../gen/gatewright/v1/token.ts";
import { silentLog } from "../../server/core/log.ts";
import { answering } from "../../server/rpc/answer.ts";
import type { GrpcListener } from "../../server/rpc/listener.ts";
import { listenGrpc } from "../../server/rpc/listener.ts";
import type { Handlers, ServiceDefinition } from "../../server/rpc/procedure.ts";
import { implement } from "../../server/rpc/procedure.ts";
import type { RpcClient } from "../support/rpc.ts";
import { rpcClient } from "../support/rpc.ts";

const unimplemented = 12;

/** Gives the methods of a service, each answering with an empty message. */
const emptyAnswers = <D extends ServiceDefinition>(definition: D) => {
  const handlers = Object.keys(definition.methods).map((name) => [name, async () => ({})]);
  return implement(definition, Object.fromEntries(handlers) as Handlers<D>);
};
const pathsOf = ({ fullName, methods }: ServiceDefinition): string[] =>
  Object.values(methods).map(({ name }) => `/${fullName}/${name}`);

const administrative = [AdminServiceDefinition, ScriptAdminServiceDefinition];
const served = [...administrative, TokenServiceDefinition].flatMap(emptyAnswers<ServiceDefinition>);
const procedures = served.map((procedure) => answering(procedure, silentLog));

const listeners: [string, string, "served" | "left out"][] = [
  ["127.0.0.1:0", "on loopback", "served"],
  ["localhost:0", "on loopback by its name", "served"],
  ["0.0.0.0:0", "on every address", "left out"],
];

for (const [address, where, administration] of listeners) {
  describe(`the gRPC listener ${where}`, () => {
    let listener: GrpcListener;
    let client: RpcClient;
    before(async () => {
      listener = await listenGrpc(address, procedures, { trustedProxies: [] });
      client = rpcClient(`127.0.0.1:${listener.address.slice(address.lastIndexOf(":") + 1)}`);
    });
    after(async () => {
      client?.close();
      await listener?.close(0);
    });
    // Nothing but the code matters: whether a request is a good one is judged by whoever serves it.
    const codeOf = async (path: string): Promise<number> =>
      (await client.callBytes(path, new Uint8Array())).code;

    it(`has administration ${administration} (SEC-82)`, async () => {
      for (const path of administrative.flatMap(pathsOf)) {
        const isLeftOut = (await codeOf(path)) === unimplemented;
        assert.equal(isLeftOut, administration === "left out", path);
      }
    });

    it("serves what is public", async () => {
      for (const path of pathsOf(TokenServiceDefinition)) {
        assert.notEqual(await codeOf(path), unimplemented, path);
      }
      assert.equal(await codeOf("/gatewright.v1.TokenService/GetKeys"), 0);
    });
  });
}
