// A listener of the gateway: one HTTP/1.1 server with REST, Connect and gRPC-Web for its methods.
import { once } from "node:events";
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { RequestOptions } from "./requests.ts";
import { requestsOf } from "./requests.ts";
import { announcesTooMuch } from "./rest/body.ts";

/** What a listener is and whom it believes. */
export interface ListenerOptions extends RequestOptions {
  /** `host:port`; an IPv6 host in brackets; port 0 takes a free one. */
  readonly address: string;
  /** PEM texts; plain HTTP when absent. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
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
 * Starts a listener and resolves when it serves. Rejects with the system's error when the address
 * cannot be had, and with an Error for a trusted proxy that is no address. Slow and idle
 * connections are closed, headers are bounded to 16 KiB and bodies to 1 MiB, or more where the
 * contract says `large`. Source: SEC-79, SEC-81, D-54.
 */
export async function listen(options: ListenerOptions): Promise<Listening> {
  const times = { ...usual, ...options.timeouts };
  const server = serverOf(options, times);
  const draining = new AbortController();
  const { handle, limitOf } = requestsOf(options, draining.signal);
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    if (draining.signal.aborted) response.shouldKeepAlive = false;
    handle(request, response);
  };
  server.on("request", receive);
  // A caller that asks before it sends too much is refused without having sent it.
  server.on("checkContinue", (request, response) => {
    if (announcesTooMuch(request, limitOf(request))) response.shouldKeepAlive = false;
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
