// The documented REST endpoints: one request in, one unary call on the upstream, one JSON answer
// out.
import type { IncomingMessage } from "node:http";
import type { Message } from "@bufbuild/protobuf";
import type { Bounds } from "../bounds.ts";
import { waitMs } from "../bounds.ts";
import { checkHead } from "../caller.ts";
import type { Upstream, UpstreamCall } from "../upstream/upstream.ts";
import { Failure } from "../upstream/upstream.ts";
import type { Asker, OnFault } from "./answer.ts";
import { answer, refuse } from "./answer.ts";
import { hasBody, readBody, readBytes } from "./body.ts";
import type { Found, Route } from "./routes.ts";
import { routeOf } from "./routes.ts";

/** One request on its way. */
export interface Exchanged extends Asker {
  readonly request: IncomingMessage;
  /** The query without its question mark. */
  readonly query: string;
  /** Gives the call of the request, which may take so long, and ends when `ending` aborts. */
  call(timeoutMs: number, ending?: AbortSignal): UpstreamCall;
}

/** What serves REST. */
export interface RestOptions {
  readonly upstream: Upstream;
  readonly bounds: Bounds;
  /** Aborts when the listener closes. */
  readonly draining: AbortSignal;
  readonly onFault: OnFault;
}

const nothing = Buffer.alloc(0);

/**
 * Gives the function that serves a request at a path that was found. HEAD is answered as GET
 * without the body, OPTIONS with `allow`, and a verb that the path does not have with
 * METHOD_NOT_ALLOWED. A request that waits is answered UNAVAILABLE when the listener closes, so that
 * its caller asks elsewhere. Source: D-57.
 */
export function rest({
  upstream,
  bounds,
  draining,
  onFault,
}: RestOptions): (found: Found, exchanged: Exchanged) => void {
  function respond(route: Route, exchanged: Exchanged, message: Message): void {
    const { success, maxAge } = route.exchange;
    answer(exchanged, success, route.write(message), maxAge);
  }

  function serve(
    route: Route,
    segments: readonly string[],
    exchanged: Exchanged,
    bytes: Buffer,
  ): void {
    const { request, query } = exchanged;
    const { exchange } = route;
    const failed = (error: unknown): void => refuse(exchanged, error, onFault);
    try {
      const body = route.takesBody ? readBody(request, bytes, exchange.form) : undefined;
      const message = route.bind({ segments, query, body });
      const ending = waitMs(exchange, message) > 0 ? draining : undefined;
      upstream
        .unary(route.method, message, exchanged.call(bounds.timeoutMs(exchange, message), ending))
        .then((reply) => respond(route, exchanged, reply))
        .catch((error) => failed(ending?.aborted ? new Failure("UNAVAILABLE") : error));
    } catch (error) {
      failed(error);
    }
  }

  function receive(route: Route, segments: readonly string[], exchanged: Exchanged): void {
    const { request } = exchanged;
    try {
      checkHead(request);
    } catch (error) {
      refuse(exchanged, error, onFault);
      return;
    }
    if (!route.takesBody || !hasBody(request)) serve(route, segments, exchanged, nothing);
    else {
      readBytes(request, bounds.requestBytes(route.exchange), (failure, bytes) => {
        if (failure) refuse(exchanged, failure, onFault);
        else serve(route, segments, exchanged, bytes);
      });
    }
  }

  return ({ place, segments }, exchanged) => {
    const route = routeOf(place, exchanged.request);
    if (route) {
      const { numbered } = route.exchange;
      receive(route, segments, numbered ? { ...exchanged, numbered } : exchanged);
      return;
    }
    const allow = ["Allow", place.allow];
    if (exchanged.request.method === "OPTIONS") answer(exchanged, 204, null, 0, allow);
    else refuse(exchanged, new Failure("METHOD_NOT_ALLOWED"), onFault, allow);
  };
}
