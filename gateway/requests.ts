// What becomes of a request at a listener: which of its endpoints or methods serves it, and how long it
// may be.
import type { IncomingMessage, ServerResponse } from "node:http";
import { boundsOf } from "./bounds.ts";
import { checkHead, headerOf, requestId, restCall } from "./caller.ts";
import { crossOrigin } from "./cors.ts";
import { peers } from "./peer.ts";
import { relay } from "./relay.ts";
import type { Asker, OnFault } from "./rest/answer.ts";
import { refuse } from "./rest/answer.ts";
import type { Exchanged } from "./rest/rest.ts";
import { rest } from "./rest/rest.ts";
import { finder, routeOf, routesOf } from "./rest/routes.ts";
import type { Upstream } from "./upstream/upstream.ts";
import { Failure } from "./upstream/upstream.ts";

/** Serves one path in a way of its own, such as health or metrics. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What requests are served with. */
export interface RequestOptions {
  readonly upstream: Upstream;
  /** Whose methods are served. */
  readonly listener: "public" | "admin";
  /** Browser origins that may call, such as `https://portal.example.com`. */
  readonly origins: readonly string[];
  /** Addresses and CIDR blocks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** How long a call may take at the upstream, in milliseconds. */
  readonly deadlineMs: number;
  /** The setting `secure_message`, in bytes: how much larger requests that carry one may be. */
  readonly secureMessageBytes?: number | undefined;
  /** Further paths with handlers of their own; looked at first. */
  readonly extra?: ReadonlyMap<string, Handler> | undefined;
  /** Told of faults of the gateway itself, which the caller sees as internal_server_error. */
  readonly onFault?: OnFault | undefined;
}

/**
 * Gives the path and the query of a request target, which may be a whole URL (RFC 9112 section
 * 3.2.2).
 */
function target(url: string): [path: string, query: string] {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
  const rest = start > 0 ? url.slice(start) : url;
  const question = rest.indexOf("?");
  return question === -1 ? [rest, ""] : [rest.slice(0, question), rest.slice(question + 1)];
}

/** What a listener does with requests. */
interface Requests {
  readonly handle: Handler;
  /** Gives the longest body of a request in bytes. */
  limitOf(request: IncomingMessage): number;
}

/**
 * Gives what a listener does with requests: a path of its own, a REST endpoint, or a method of Connect and
 * gRPC-Web. `draining` aborts when the listener closes.
 */
export function requestsOf(options: RequestOptions, draining: AbortSignal): Requests {
  const { upstream, listener, deadlineMs, secureMessageBytes = 0, extra } = options;
  const onFault = options.onFault ?? (() => undefined);
  const find = finder(routesOf(listener));
  const bounds = boundsOf(deadlineMs, secureMessageBytes);
  const serve = rest({ upstream, bounds, draining, onFault });
  const cors = crossOrigin(options.origins);
  const peerOf = peers(options.trustedProxies);
  const originOf = (request: IncomingMessage) => ({
    header: headerOf(request, request.headers["x-request-id"] as string),
    peer: peerOf(request),
  });
  const relayed = relay(upstream, listener, bounds, originOf, draining);

  function relayTo(request: IncomingMessage, { response, id, marks }: Asker): void {
    request.headers["x-request-id"] = id;
    const headers = ["Cache-Control", "no-store", "X-Request-Id", id, ...marks];
    for (let i = 0; i < headers.length; i += 2) {
      response.setHeader(headers[i] as string, headers[i + 1] as string);
    }
    try {
      relayed.serve(request, response);
    } catch (cause) {
      // The adapter makes a URL of the request's target and host, which may not be one.
      throw new Failure("REQUEST_INVALID", { detail: "the host is not valid" }, { cause });
    }
  }

  function route(request: IncomingMessage, asker: Asker): void {
    const { response, id } = asker;
    const [path, query] = target(request.url as string);
    const own = extra?.get(path);
    if (own) {
      own(request, response);
      return;
    }
    const found = find(path);
    if (found) {
      const call: Exchanged["call"] = (timeoutMs, ending) =>
        restCall(request, response, id, peerOf(request), timeoutMs, ending);
      serve(found, { ...asker, request, query, call });
      return;
    }
    checkHead(request);
    if (relayed.exchangeAt(path)) relayTo(request, asker);
    else throw new Failure("ENDPOINT_NOT_FOUND");
  }

  function limitOf(request: IncomingMessage): number {
    const [path] = target(request.url as string);
    const found = find(path);
    const exchange = found ? routeOf(found.place, request)?.exchange : relayed.exchangeAt(path);
    return bounds.requestBytes(exchange ?? { large: false });
  }

  const handle: Handler = (request, response) => {
    const { headers, preflight } = cors(request);
    const asker = { response, id: requestId(request), marks: headers };
    if (preflight) {
      response.writeHead(204, headers as string[]).end();
      return;
    }
    try {
      route(request, asker);
    } catch (error) {
      refuse(asker, error, onFault);
    }
  };
  return { handle, limitOf };
}
