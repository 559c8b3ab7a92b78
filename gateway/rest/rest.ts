// The documented REST endpoints: one request in, one unary call on the upstream, one JSON answer
// out.
import type { IncomingMessage } from "node:http";
import type { Message } from "@bufbuild/protobuf";
import type { Upstream, UpstreamCall } from "../upstream/upstream.ts";
import { Failure } from "../upstream/upstream.ts";
import type { Asker, OnFault } from "./answer.ts";
import { answer, refuse } from "./answer.ts";
import { hasBody, readBody, readBytes } from "./body.ts";
import type { Found, Route } from "./routes.ts";

/** One request on its way. */
export interface Exchanged extends Asker {
  readonly request: IncomingMessage;
  /** The query without its question mark. */
  readonly query: string;
  readonly call: UpstreamCall;
}

const nothing = Buffer.alloc(0);

/**
 * Gives the function that serves a request at a path that was found. HEAD is answered as GET
 * without the body, OPTIONS with `allow`, and a verb that the path does not have with
 * METHOD_NOT_ALLOWED.
 */
export function rest(
  upstream: Upstream,
  onFault: OnFault,
): (found: Found, exchanged: Exchanged) => void {
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
    const { request, query, call } = exchanged;
    const failed = (error: unknown): void => refuse(exchanged, error, onFault);
    try {
      const body = route.takesBody ? readBody(request, bytes, route.exchange.form) : undefined;
      const message = route.bind({ segments, query, body });
      upstream
        .unary(route.method, message, call)
        .then((reply) => respond(route, exchanged, reply))
        .catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  return ({ place, segments }, exchanged) => {
    const { request } = exchanged;
    const verb = request.method === "HEAD" ? "GET" : (request.method as string);
    const route = place.routes.get(verb);
    if (!route) {
      const allow = ["Allow", place.allow];
      if (verb === "OPTIONS") answer(exchanged, 204, null, 0, allow);
      else refuse(exchanged, new Failure("METHOD_NOT_ALLOWED"), onFault, allow);
    } else if (!route.takesBody || !hasBody(request)) {
      serve(route, segments, exchanged, nothing);
    } else {
      readBytes(request, (failure, bytes) => {
        if (failure) refuse(exchanged, failure, onFault);
        else serve(route, segments, exchanged, bytes);
      });
    }
  };
}
