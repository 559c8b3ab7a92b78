// The wire inside a network: gRPC by grpc-js.
import * as grpc from "@grpc/grpc-js";
import { Status } from "../gen/google/rpc/status.ts";
import { answerLimitBytes } from "../proto/bounds.ts";
import { CallError } from "./call_error.ts";
import type { Wire, WireCall } from "./client.ts";
import { deferred } from "./deferred.ts";

/** A wire with a channel, which is closed when the wire is disposed of. */
export interface GrpcWire extends Wire, Disposable {}

// Shorter than the longest call, a keepalive would end calls of a server that drains (an issue of
// grpc-js 1.14). Repeating calls is the client's business, which knows which ones bear it.
const channelOptions: grpc.ClientOptions = {
  "grpc.keepalive_time_ms": 30_000,
  "grpc.enable_retries": 0,
  // The longest answer of a server whose setting `secure_message` is as high as it goes.
  "grpc.max_receive_message_length": answerLimitBytes(4 << 20),
};

const raw = (bytes: Buffer): Buffer => bytes;
const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/**
 * Gives a wire to a gRPC server at `host:port` (or any other target of gRPC). Every call has a deadline,
 * also towards a peer that accepts and stays silent. `credentials` are for TLS; without them the wire
 * is not encrypted, which is right on loopback alone.
 */
export function grpcWire(
  target: string,
  credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure(),
  options: grpc.ClientOptions = {},
): GrpcWire {
  const client = new grpc.Client(target, credentials, { ...channelOptions, ...options });
  return {
    unary(path, request, call) {
      if (call.signal?.aborted) return Promise.reject(cancelled());
      const { promise, resolve, reject } = deferred<Uint8Array>();
      const sent = client.makeUnaryRequest(
        path,
        raw,
        raw,
        asBuffer(request),
        metadataOf(call),
        deadlineOf(call),
        (error, bytes) => {
          release();
          if (error) reject(failure(error));
          else resolve(bytes as Buffer);
        },
      );
      const release = cancelOn(call.signal, sent);
      return promise;
    },
    async *stream(path, request, call) {
      if (call.signal?.aborted) throw cancelled();
      const sent = client.makeServerStreamRequest(
        path,
        raw,
        raw,
        asBuffer(request),
        metadataOf(call),
        deadlineOf(call),
      );
      const release = cancelOn(call.signal, sent);
      try {
        yield* sent as AsyncIterable<Buffer>;
      } catch (error) {
        throw failure(error as grpc.ServiceError);
      } finally {
        release();
        // Also when the caller stopped listening before the end.
        sent.cancel();
      }
    },
    [Symbol.dispose]: () => client.close(),
  };
}

const cancelled = (): CallError => new CallError("canceled", "The call was cancelled.");

/** Cancels a call when a signal aborts; the function that it gives takes the listener away. */
function cancelOn(signal: AbortSignal | undefined, sent: { cancel(): void }): () => void {
  const cancel = () => sent.cancel();
  signal?.addEventListener("abort", cancel);
  return () => signal?.removeEventListener("abort", cancel);
}

function metadataOf({ headers }: WireCall): grpc.Metadata {
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

const deadlineOf = ({ timeoutMs }: WireCall): grpc.CallOptions => ({
  deadline: Date.now() + timeoutMs,
});

function failure(error: grpc.ServiceError): CallError {
  const bytes = error.metadata?.get("grpc-status-details-bin")[0];
  return new CallError(error.code, error.details, detailsOf(bytes), { cause: error });
}

function detailsOf(bytes: unknown): Status["details"] {
  try {
    return bytes instanceof Uint8Array ? Status.decode(bytes).details : [];
  } catch {
    // Details that cannot be read say no more than none.
    return [];
  }
}
