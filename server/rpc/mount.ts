// Procedures on a grpc-js server.
import * as grpc from "@grpc/grpc-js";
import { sentenceOf } from "../../proto/contract.ts";
import type { Milliseconds } from "../core/clock.ts";
import { Failed } from "./answer.ts";
import type { PeerOf } from "./peer.ts";
import { peersBehind } from "./peer.ts";
import type { Call, Procedure, ServerStream, Unary } from "./procedure.ts";

type UnaryCall = grpc.ServerUnaryCall<Buffer, Buffer>;
type StreamCall = grpc.ServerWritableStream<Buffer, Buffer>;

// Bytes cross grpc-js as they are: an error thrown inside one of its deserializers could not choose
// its status, and the contract's check wants the bytes anyway.
const raw = (bytes: Buffer): Buffer => bytes;
const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Adds the procedures to a server. `peerOf` tells who calls. When `draining` aborts,
 * streams end with UNAVAILABLE: their callers would keep the server for as long as they like.
 */
export function mount(
  server: grpc.Server,
  procedures: readonly Procedure[],
  peerOf: PeerOf = peersBehind([]),
  draining: AbortSignal = new AbortController().signal,
): void {
  for (const procedure of procedures) {
    const name = procedure.method.name;
    const definition: grpc.ServiceDefinition = {
      [name]: {
        path: procedure.path,
        requestStream: false,
        responseStream: procedure.stream,
        requestSerialize: raw,
        requestDeserialize: raw,
        responseSerialize: raw,
        responseDeserialize: raw,
      },
    };
    server.addService(definition, {
      [name]: procedure.stream
        ? serveStream(procedure, peerOf, draining)
        : serveUnary(procedure, peerOf),
    });
  }
}

const serveUnary =
  (procedure: Unary, peerOf: PeerOf): grpc.handleUnaryCall<Buffer, Buffer> =>
  (call, callback) => {
    procedure.call(call.request, described(call, peerOf)).then(
      (bytes) => callback(null, asBuffer(bytes)),
      (error: unknown) => callback(status(error)),
    );
  };

const serveStream =
  (
    procedure: ServerStream,
    peerOf: PeerOf,
    draining: AbortSignal,
  ): grpc.handleServerStreamingCall<Buffer, Buffer> =>
  async (call) => {
    const caller = described(call, peerOf);
    const signal = AbortSignal.any([caller.signal, draining]);
    try {
      for await (const bytes of procedure.call(call.request, { ...caller, signal })) {
        // A caller that cancels never drains: waiting for that alone would suspend the handler for ever.
        if (!call.cancelled && !call.write(asBuffer(bytes))) {
          await new Promise((resolve) => call.once("drain", resolve).once("cancelled", resolve));
        }
        if (call.cancelled) return;
      }
      if (draining.aborted) throw stopping();
      call.end();
    } catch (error) {
      call.emit("error", status(error));
    }
  };

const stopping = (): Failed =>
  new Failed("UNAVAILABLE", sentenceOf("UNAVAILABLE", undefined), {}, undefined);

function described(call: UnaryCall | StreamCall, peerOf: PeerOf): Call {
  let controller: AbortController | undefined;
  const deadline = call.getDeadline();
  const header = (name: string): string | undefined => call.metadata.get(name)[0]?.toString();
  const { address, isForwarded } = peerOf(call.getPeer(), header("x-forwarded-for"));
  return {
    // What a gateway of ours sends as its user agent is its own, not that of whoever called it.
    header: (name) =>
      header(isForwarded && name === "user-agent" ? "x-forwarded-user-agent" : name),
    deadline: deadline === Infinity ? undefined : (Number(deadline) as Milliseconds),
    peer: address,
    // Made only for handlers that ask: most calls end before anybody would abort them.
    get signal() {
      if (!controller) {
        const made = new AbortController();
        controller = made;
        if (call.cancelled) made.abort();
        else (call as UnaryCall).on("cancelled", () => made.abort());
      }
      return controller.signal;
    },
  };
}

function status(error: unknown): Partial<grpc.StatusObject> {
  if (!(error instanceof Failed)) throw error;
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", asBuffer(error.encode()));
  return { code: error.code, details: error.message, metadata };
}
