// A listener of the gateway: one HTTP/1.1 server with REST, Connect and gRPC-Web for its methods.
import { once } from "node:events";
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { checkHead, headerOf, requestId, restCall } from "./caller.ts";
import { crossOrigin } from "./cors.ts";
import { peers } from "./peer.ts";
import { relay } from "./relay.ts";
import type { Asker, OnFault } from "./rest/answer.ts";
import { refuse } from "./rest/answer.ts";
import { announcesTooMuch } from "./rest/body.ts";
import { rest } from "./rest/rest.ts";
import { finder, routesOf } from "./rest/routes.ts";
import type { Upstream } from "./upstream/upstream.ts";
import { Failure } from "./upstream/upstream.ts";

/** Serves one path in a way of its own, such as health or metrics. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What a listener is and whom it believes. */
export interface ListenerOptions {
  readonly upstream: Upstream;
  /** Whose methods are served. */
  readonly listener: "public" | "admin";
  /** `host:port`; an IPv6 host in brackets; port 0 takes a free one. */
  readonly address: string;
  /** PEM texts; plain HTTP when absent. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  /** Browser origins that may call, such as `https://portal.example.com`. */
  readonly origins: readonly string[];
  /** Addresses and CIDR blocks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** How long a call may take at the upstream, in milliseconds. */
  readonly deadlineMs: number;
  /** Further paths with handlers of their own; looked at first. */
  readonly extra?: ReadonlyMap<string, Handler> | undefined;
  /** Told of faults of the gateway itself, which the caller sees as internal_server_error. */
  readonly onFault?: OnFault | undefined;
  /** Bounds on slow and idle connections, in milliseconds. */
  readonly timeouts?: Partial<Timeouts> | undefined;
}

/** Bounds on slow and idle connections, in milliseconds. */
interface Timeouts {
  /** From the first byte of a connection or request until its headers are complete. */
  readonly headersMs: number;
  /** From the first byte until the body is complete. */
  readonly requestMs: number;
  /** How long a connection may idle between two requests. */
  readonly keepAliveMs: number;
  /** How long `close` waits for requests under way. */
  readonly graceMs: number;
}

/** A listener that serves. */
export interface Listening {
  /** `host:port` with the port that is really taken. */
  readonly address: string;
  /**
   * Stops accepting, ends streams, finishes other requests under way within the grace, closes what
   * idles.
   */
  close(): Promise<void>;
}

const usual: Timeouts = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 65_000,
  graceMs: 10_000,
};

// All headers of a request together; a client assertion and a token fit in it several times.
const headerLimitBytes = 16 << 10;

/** Splits `host:port`; the host of an IPv6 address loses its brackets. */
function split(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(colon + 1)) };
}

function serverOf({ tls }: ListenerOptions, times: Timeouts): HttpServer {
  const options = {
    maxHeaderSize: headerLimitBytes,
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.keepAliveMs,
    connectionsCheckingInterval: Math.min(1_000, times.headersMs),
  };
  const server = tls
    ? createTlsServer({
        ...options,
        ...tls,
        minVersion: "TLSv1.2",
        handshakeTimeout: times.headersMs,
      })
    : createServer(options);
  // Headers beyond a number would be dropped in silence; their size is bounded already.
  server.maxHeadersCount = 0;
  return server;
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

function handlerOf(options: ListenerOptions, draining: AbortSignal): Handler {
  const { upstream, listener, deadlineMs, extra } = options;
  const onFault = options.onFault ?? (() => undefined);
  const find = finder(routesOf(listener));
  const serve = rest(upstream, onFault);
  const cors = crossOrigin(options.origins);
  const peerOf = peers(options.trustedProxies);
  const originOf = (request: IncomingMessage) => ({
    header: headerOf(request, request.headers["x-request-id"] as string),
    peer: peerOf(request),
    timeoutMs: deadlineMs,
  });
  const relayed = relay(upstream, listener, originOf, draining);

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
    checkHead(request);
    const found = find(path);
    if (found) {
      const call = restCall(request, response, id, peerOf(request), deadlineMs);
      serve(found, { ...asker, request, query, call });
    } else if (relayed.serves(path)) relayTo(request, asker);
    else throw new Failure("ENDPOINT_NOT_FOUND");
  }

  return (request, response) => {
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
}

/**
 * Starts a listener and resolves when it serves. Rejects with the system's error when the address
 * cannot be had, and with an Error for a trusted proxy that is no address. Slow and idle
 * connections are closed, headers are bounded to 16 KiB and bodies to 1 MiB. Source: SEC-79,
 * SEC-81.
 */
export async function listen(options: ListenerOptions): Promise<Listening> {
  const times = { ...usual, ...options.timeouts };
  const server = serverOf(options, times);
  const draining = new AbortController();
  const handle = handlerOf(options, draining.signal);
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    if (draining.signal.aborted) response.shouldKeepAlive = false;
    handle(request, response);
  };
  server.on("request", receive);
  // A caller that asks before it sends too much is refused without having sent it.
  server.on("checkContinue", (request, response) => {
    if (announcesTooMuch(request)) response.shouldKeepAlive = false;
    else response.writeContinue();
    receive(request, response);
  });
  const { host, port } = split(options.address);
  server.listen(port, host);
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  return {
    address: `${options.address.slice(0, options.address.lastIndexOf(":"))}:${bound}`,
    async close() {
      draining.abort();
      const closed = once(server, "close");
      server.close();
      // A connection whose request ends now would idle until its client lets go of it.
      const sweep = setInterval(() => server.closeIdleConnections(), 20);
      const grace = setTimeout(() => server.closeAllConnections(), times.graceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(grace);
    },
  };
}
