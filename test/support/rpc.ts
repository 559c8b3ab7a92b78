// gRPC as a stranger speaks it: grpc-js with raw bytes, the generated codecs, and status details.
import { Buffer } from "node:buffer";
import type { ServiceError } from "@grpc/grpc-js";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { ErrorInfo } from "../../gen/google/rpc/error_details.ts";
import { Status } from "../../gen/google/rpc/status.ts";

/** How a call ended: code 0 and the bytes of the answer, or another code and what is told of it. */
export interface RpcEnd {
  readonly code: number;
  readonly bytes: Uint8Array | undefined;
  /** The sentence of the status. */
  readonly details: string;
  /** The reason of the ErrorInfo in `grpc-status-details-bin`. */
  readonly reason: string | undefined;
  readonly domain: string | undefined;
  readonly facts: ReadonlyMap<string, string>;
}

/** A channel to a gRPC listener. */
export interface RpcClient {
  /** Calls `/package.Service/Method` with the bytes of a message. */
  callBytes(path: string, bytes: Uint8Array, headers?: Headers): Promise<RpcEnd>;
  close(): void;
}

type Headers = Readonly<Record<string, string>>;

const raw = (bytes: Buffer): Buffer => bytes;
const silenceMs = 30_000;

function endOf(error: ServiceError | null, bytes: Buffer | undefined): RpcEnd {
  if (!error) {
    return { code: 0, bytes, details: "", reason: undefined, domain: undefined, facts: new Map() };
  }
  const packed = error.metadata?.get("grpc-status-details-bin")[0];
  const status = packed instanceof Uint8Array ? Status.decode(packed) : undefined;
  const any = status?.details.find(({ typeUrl }) => typeUrl.endsWith("/google.rpc.ErrorInfo"));
  const info = any && ErrorInfo.decode(any.value);
  return {
    code: error.code,
    bytes: undefined,
    details: error.details,
    reason: info?.reason,
    domain: info?.domain,
    facts: info?.metadata ?? new Map(),
  };
}

/** Opens a channel to `host:port`; nothing is retried. */
export function rpcClient(address: string): RpcClient {
  const client = new Client(address, credentials.createInsecure(), { "grpc.enable_retries": 0 });
  return {
    callBytes(path, bytes, headers = {}) {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      return new Promise((resolve) => {
        const options = { deadline: Date.now() + silenceMs };
        const done = (error: ServiceError | null, answer?: Buffer): void =>
          resolve(endOf(error, answer));
        client.makeUnaryRequest(path, raw, raw, Buffer.from(bytes), metadata, options, done);
      });
    },
    close: () => client.close(),
  };
}
