// What a request says of its caller, for the upstream and for the answer.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { UpstreamCall } from "./upstream/upstream.ts";
import { Failure, forwardedHeaders } from "./upstream/upstream.ts";

const known: ReadonlySet<string> = new Set(forwardedHeaders);
const printable = /^[\x20-\x7e]*$/;
const requestIdForm = /^[A-Za-z0-9._~:/+=-]{1,128}$/;

/**
 * Gives the request's `x-request-id`, or a new one when it has none that is 1 to 128 harmless
 * characters: the id is echoed and logged.
 */
export function requestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && requestIdForm.test(given) ? given : randomUUID();
}

const singles: ReadonlyMap<number, string> = new Map(
  ["authorization", "content-type"].map((name) => [name.length, name]),
);

/**
 * Refuses a request that names its caller or its media type twice: of two such headers each reader
 * might take another one. Refuses credentials that are not printable ASCII as well, which no wire
 * behind the gateway would carry. Throws REQUEST_INVALID. Source: SEC-15.
 */
export function checkHead(request: IncomingMessage): void {
  const { rawHeaders } = request;
  let seen = "";
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const single = singles.get(name.length);
    if (single === undefined || name.toLowerCase() !== single) continue;
    if (seen.includes(single))
      throw new Failure("REQUEST_INVALID", { detail: `${single} is given twice` });
    seen += single;
  }
  const { authorization } = request.headers;
  if (authorization !== undefined && !printable.test(authorization)) {
    throw new Failure("REQUEST_INVALID", { detail: "authorization has unprintable characters" });
  }
}

// It only tells people what called, and must not cost a call its place within the bounds of a wire.
const userAgentLimit = 512;

/** Gives a reader of the headers that the upstream may see; unprintable ones are as good as absent. */
export const headerOf =
  (request: IncomingMessage, id: string): UpstreamCall["header"] =>
  (name) => {
    if (name === "x-request-id") return id;
    if (!known.has(name)) return undefined;
    const value = request.headers[name];
    if (typeof value !== "string" || !printable.test(value)) return undefined;
    return name === "user-agent" ? value.slice(0, userAgentLimit) : value;
  };

/**
 * Gives the call of a REST request. Its signal aborts when the connection ends before the answer
 * did, and when `ending` does.
 */
export function restCall(
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  peer: string,
  timeoutMs: number,
  ending?: AbortSignal,
): UpstreamCall {
  let signal: AbortSignal | undefined;
  return {
    header: headerOf(request, id),
    timeoutMs,
    peer,
    get signal() {
      if (!signal) {
        const made = new AbortController();
        signal = ending ? AbortSignal.any([made.signal, ending]) : made.signal;
        // An abort costs as much as an error, so an answer that was given aborts nothing.
        const gone = (): void => (response.writableFinished ? undefined : made.abort());
        if (response.destroyed) gone();
        else response.once("close", gone);
      }
      return signal;
    },
  };
}
