// Servers for the clients' tests: the real procedures behind each wire, and a stream, which the contract
// has not yet, behind each.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { DescMethodServerStreaming } from "@bufbuild/protobuf";
import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { Wire } from "../../clients/client.ts";
import { grpcWire } from "../../clients/grpc.ts";
import { webWire } from "../../clients/web.ts";
import { embedded } from "../../gateway/upstream/embedded.ts";
import { GetHealthRequest, GetHealthResponse } from "../../gen/gatewright/v1/admin.ts";
import { registry } from "../../proto/contract.ts";
import { silentLog } from "../../server/core/log.ts";
import { Refusal } from "../../server/core/refusal.ts";
import { answering, Failed } from "../../server/rpc/answer.ts";
import type { ServerStream } from "../../server/rpc/procedure.ts";
import type { Behind } from "../gateway/two_ways.ts";
import { gateway, grpcServer } from "../gateway/two_ways.ts";

/** A wire to a server, and what ends both. */
export interface FarSide {
  readonly wire: Wire;
  stop(): Promise<void>;
}

/** The stream that the server gives: words, which may throw in between. */
export type Words = (signal: AbortSignal) => AsyncIterable<string>;

/** A wire, and how servers for it are started. */
export interface Row {
  readonly name: string;
  /** A wire to the admin listener of a gateway, or to a gRPC server. */
  calls(server: Behind): Promise<FarSide>;
  /** A wire to a server of `watchDefinition`. */
  streams(words: Words): Promise<FarSide>;
  /** A wire to an address of the form `host:port`. */
  to(address: string): Wire & Partial<Disposable>;
}

/** A service as ts-proto would define it. */
export const watchDefinition = {
  fullName: "test.Watch",
  methods: {
    watch: {
      name: "Watch",
      requestType: GetHealthRequest as typeof GetHealthRequest,
      responseType: GetHealthResponse as typeof GetHealthResponse,
      requestStream: false,
      responseStream: true,
      options: {},
    },
  },
} as const;

const watchFile = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: "test/watch.proto",
    package: "test",
    syntax: "proto3",
    dependency: ["gatewright/v1/admin.proto"],
    service: [
      {
        name: "Watch",
        method: [
          {
            name: "Watch",
            inputType: ".gatewright.v1.GetHealthRequest",
            outputType: ".gatewright.v1.GetHealthResponse",
            serverStreaming: true,
          },
        ],
      },
    ],
  }),
  (name) => registry.getFile(name),
);
const watchMethod = watchFile.getService("test.Watch")?.methods[0] as DescMethodServerStreaming;

const watchProcedure = (words: Words): ServerStream =>
  answering(
    {
      method: watchMethod,
      path: "/test.Watch/Watch",
      stream: true,
      async *call(_, { signal }) {
        for await (const status of words(signal))
          yield GetHealthResponse.encode({ status }).finish();
      },
    },
    silentLog,
  ) as ServerStream;

const bare = (address: string): string => address.replace(/^grpc:\/\//, "");

function toConnect(error: unknown): ConnectError {
  if (!(error instanceof Refusal)) return ConnectError.from(error);
  const failed = new Failed(error.reason, error.message, error.facts, error);
  return new ConnectError(failed.message, failed.code);
}

/** Every wire. */
export const rows: readonly Row[] = [
  {
    name: "grpcWire",
    async calls(server) {
      const { address, stop } = await grpcServer(server.procedures);
      const wire = grpcWire(bare(address));
      return {
        wire,
        async stop() {
          wire[Symbol.dispose]();
          stop();
        },
      };
    },
    async streams(words) {
      const { address, stop } = await grpcServer([watchProcedure(words)]);
      const wire = grpcWire(bare(address));
      return {
        wire,
        async stop() {
          wire[Symbol.dispose]();
          stop();
        },
      };
    },
    to: (address) => grpcWire(address),
  },
  {
    name: "webWire",
    async calls(server) {
      const { admin, stop } = await gateway(embedded(server.procedures));
      return { wire: webWire(`http://${admin}`), stop };
    },
    async streams(words) {
      const adapter = connectNodeAdapter({
        acceptCompression: [],
        routes(router) {
          router.rpc(watchMethod, async function* (
            _: unknown,
            { signal }: { signal: AbortSignal },
          ) {
            try {
              for await (const status of words(signal)) yield { status };
            } catch (error) {
              throw toConnect(error);
            }
          } as never);
        },
      });
      const server = createServer(adapter).listen(0, "127.0.0.1");
      await new Promise((listening) => server.once("listening", listening));
      const { port } = server.address() as AddressInfo;
      return {
        wire: webWire(`http://127.0.0.1:${port}/`),
        async stop() {
          server.close();
          server.closeAllConnections();
        },
      };
    },
    to: (address) => webWire(`http://${address}`),
  },
];
