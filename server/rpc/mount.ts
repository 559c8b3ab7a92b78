// Procedures on a grpc-js server.
import * as grpc from "@grpc/grpc-js";
import { requestLimitBytes } from "../../proto/bounds.ts";
import type { ReasonName } from "../../proto/contract.ts";
import { exchangeOf, sentenceOf } from "../../proto/contract.ts";
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

/** How procedures are served. */
export interface MountOptions {
  /** Tells who calls. */
  readonly peerOf: PeerOf;
  /** Aborts when the server closes. */
  readonly draining: AbortSignal;
  /** The setting `secure_message`, in bytes. */
  readonly secureMessageBytes: number;
}

/**
 * Adds the procedures to a server. A request over the bound of its method is BODY_TOO_LARGE. When
 * `draining` aborts, streams and calls that may wait end with UNAVAILABLE: their callers would keep the
 * server for as long as they like. Source: SEC-79, D-54, D-57.
 */
export function mount(
  server: grpc.Server,
  procedures: readonly Procedure[],
  {
    peerOf = peersBehind([]),
    draining = new AbortController().signal,
    secureMessageBytes = 0,
  }: Partial<MountOptions> = {},
): void {
  for (const unbounded of procedures) {
    const exchange = exchangeOf(unbounded.method);
    const procedure = bounded(unbounded, requestLimitBytes(exchange, secureMessageBytes));
    const name = procedure.method.name;
    const waits = exchange.longestWait > 0;
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
        : serveUnary(procedure, peerOf, waits ? draining : undefined),
    });
  }
}

/** Gives the procedure with a bound on its requests in bytes. */
function bounded(procedure: Procedure, limitBytes: number): Procedure {
  const check = ({ length }: Uint8Array): void => {
    if (length > limitBytes) throw failed("BODY_TOO_LARGE");
  };
  if (!procedure.stream) {
    return {
      ...procedure,
      async call(request, call) {
        check(request);
        return procedure.call(request, call);
      },
    };
  }
  return {
    ...procedure,
    async *call(request, call) {
      check(request);
      yield* procedure.call(request, call);
    },
  };
}

/** `ending`: aborts the call; undefined for one that ends soon by itself. */
const serveUnary =
  (
    procedure: Unary,
    peerOf: PeerOf,
    ending: AbortSignal | undefined,
  ): grpc.handleUnaryCall<Buffer, Buffer> =>
  (call, callback) => {
    const caller = described(call, peerOf);
    const ended = ending && {
      ...caller,
      signal: AbortSignal.any([caller.signal, ending]),
    };
    procedure.call(call.request, ended ?? caller).then(
      (bytes) => callback(null, asBuffer(bytes)),
      (error: unknown) => callback(status(ending?.aborted ? failed("UNAVAILABLE") : error)),
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
      if (draining.aborted) throw failed("UNAVAILABLE");
      call.end();
    } catch (error) {
      call.emit("error", status(error));
    }
  };

const failed = (reason: ReasonName): Failed =>
  new Failed(reason, sentenceOf(reason, undefined), {}, undefined);

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
