// Connect and gRPC-Web on a listener's own port: its methods relayed to the upstream.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescMethodServerStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  Code,
  ConnectError,
  createConnectRouter,
  createContextKey,
  createContextValues,
} from "@connectrpc/connect";
import type {
  UniversalHandlerFn,
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { ErrorInfo } from "../gen/google/rpc/error_details.ts";
import type { Exchange } from "../proto/contract.ts";
import { answerTo, errorDomain, exchangeOf } from "../proto/contract.ts";
import type { Bounds } from "./bounds.ts";
import { waitMs } from "./bounds.ts";
import { isServerStream, isUnary, methodsOf, pathOf } from "./methods.ts";
import type { Upstream, UpstreamCall } from "./upstream/upstream.ts";
import { Failure } from "./upstream/upstream.ts";

/** What a relayed call keeps of its HTTP request. */
export type Origin = Pick<UpstreamCall, "header" | "peer">;

/** The relay of a listener. */
export interface Relay {
  /** Gives the exchange of the method at a path; undefined for any other path. */
  exchangeAt(path: string): Exchange | undefined;
  /** Serves a request at such a path. */
  serve(request: IncomingMessage, response: ServerResponse): void;
}

/** One call on its way through the library, which reads the request and writes the answer. */
interface Passage {
  readonly origin: Origin;
  /** Known once the headers are read. */
  context?: HandlerContext;
  /** Whether the request was read and given to its method. */
  isRead: boolean;
  /** What is answered instead of reading anything. */
  refusal?: ConnectError;
}

/** Gives the error that a Connect or gRPC-Web client sees: code, sentence and ErrorInfo. */
function connectError(error: unknown): ConnectError {
  const failure =
    error instanceof Failure ? error : new Failure("UNSPECIFIED", {}, { cause: error });
  const { reason, facts } = failure;
  const result = new ConnectError(failure.message, answerTo(reason).grpc);
  const metadata = new Map(Object.entries(facts));
  const value = ErrorInfo.encode({ reason, domain: errorDomain, metadata }).finish();
  result.details = [{ type: "google.rpc.ErrorInfo", value } as never];
  return result;
}

const blamed: ReadonlySet<Code> = new Set([Code.Internal, Code.InvalidArgument]);
const unprintable = /[^\x20-\x7e]/g;
const detailLimit = 200;

/**
 * How long a stream may last, in milliseconds, whatever the deadline of other calls is. Source: our
 * decision.
 */
const longestStreamMs = 24 * 3_600_000;

/**
 * Gives the refusal of a request that the library could not read: it has words of its own for that,
 * no ErrorInfo, and calls broken protobuf an internal error, although nobody but the caller wrote
 * it. Undefined for a request that was read, and where the protocols say what the code is: a
 * message that is too large, a caller that left, and a content coding, which is `unimplemented` by
 * the Connect protocol, and so HTTP 501, as it is UNIMPLEMENTED in gRPC. Source: SEC-79.
 */
function unread({ isRead, context }: Passage): ConnectError | undefined {
  const error: unknown = context?.signal.reason;
  if (isRead || !(error instanceof ConnectError) || !blamed.has(error.code)) return undefined;
  const said = error.rawMessage.replace(unprintable, "?").slice(0, detailLimit);
  const detail = error.code === Code.Internal ? "the message cannot be read" : said;
  return connectError(new Failure("REQUEST_INVALID", { detail }, { cause: error }));
}

/**
 * Gives the relay of the methods of one listener. `originOf` tells what a call keeps of its
 * request; a timeout that the client sets counts when it is shorter than ours. Messages are bounded
 * as bodies are, and nothing is compressed: answers hold secrets and requests might inflate. A
 * message that cannot be read is REQUEST_INVALID. Streams last for a day at most, and end with
 * UNAVAILABLE when `draining` aborts, as calls that wait do. Source: SEC-79, SEC-80, D-57.
 */
export function relay(
  upstream: Upstream,
  listener: Exchange["listener"],
  bounds: Bounds,
  originOf: (request: IncomingMessage) => Origin,
  draining: AbortSignal,
): Relay {
  const key = createContextKey<Passage | undefined>(undefined);

  function passageOf(context: HandlerContext): Passage {
    const passage = context.values.get(key);
    if (!passage) throw new Error("a relayed call has no passage");
    return passage;
  }
  function describe(context: HandlerContext, longestMs: number, drains: boolean): UpstreamCall {
    const passage = passageOf(context);
    passage.isRead = true;
    const { header, peer } = passage.origin;
    const timeoutMs = Math.max(1, Math.min(context.timeoutMs() ?? longestMs, longestMs));
    const signal = drains ? AbortSignal.any([context.signal, draining]) : context.signal;
    return { header, peer, timeoutMs, signal };
  }
  const unary = (method: DescMethodUnary, exchange: Exchange) => {
    return async (request: Message, context: HandlerContext): Promise<Message> => {
      const waits = waitMs(exchange, request) > 0;
      try {
        const call = describe(context, bounds.timeoutMs(exchange, request), waits);
        return await upstream.unary(method, request, call);
      } catch (error) {
        throw connectError(waits && draining.aborted ? new Failure("UNAVAILABLE") : error);
      }
    };
  };
  const stream = (method: DescMethodServerStreaming) =>
    async function* (request: Message, context: HandlerContext): AsyncGenerator<Message> {
      try {
        yield* upstream.stream(method, request, describe(context, longestStreamMs, true));
        if (draining.aborted) throw new Failure("UNAVAILABLE");
      } catch (error) {
        throw connectError(draining.aborted ? new Failure("UNAVAILABLE") : error);
      }
    };
  const router = createConnectRouter({
    acceptCompression: [],
    requestGate(context) {
      const passage = passageOf(context);
      if (passage.refusal) throw passage.refusal;
      passage.context = context;
    },
  });
  const exchanges = new Map<string, Exchange>();
  for (const method of methodsOf(listener)) {
    const exchange = exchangeOf(method);
    const options = { grpc: false, readMaxBytes: bounds.requestBytes(exchange) };
    exchanges.set(pathOf(method), exchange);
    // The router's types know generated messages only.
    if (isUnary(method)) router.rpc(method, unary(method, exchange) as never, options);
    else if (isServerStream(method)) router.rpc(method, stream(method) as never, options);
  }
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  async function answer(
    handle: UniversalHandlerFn,
    request: UniversalServerRequest,
    passage: Passage,
  ): Promise<UniversalServerResponse> {
    const first = await handle(request);
    const refusal = unread(passage);
    if (!refusal) return first;
    // Asked again and refused at its gate, the library writes our words in the caller's protocol.
    passage.refusal = refusal;
    return handle(request);
  }
  return {
    exchangeAt: (path) => exchanges.get(path),
    serve(request, response) {
      const passage: Passage = { origin: originOf(request), isRead: false };
      const values = createContextValues().set(key, passage);
      const call = universalRequestFromNodeRequest(request, response, undefined, values);
      const handle = handlers.get(new URL(call.url).pathname);
      if (!handle) throw new Failure("ENDPOINT_NOT_FOUND");
      answer(handle, call, passage)
        .then((answered) => universalResponseToNodeResponse(answered, response))
        // All that fails here is writing to a caller that left.
        .catch(() => response.destroy());
    },
  };
}
