// The headers that may be sent, and the reading of an answer within its bounds.
import type { IncomingMessage } from "node:http";

/** Header names and values in order; a name may repeat. */
export type Headers = readonly (readonly [name: string, value: string])[];

/**
 * One outgoing request. `url` is read by WHATWG rules; `timeoutMs` bounds the time from connecting
 * to the last byte of the answer (default 10 s) and `limitBytes` its body (default 256 KiB). With
 * `statusOnly` whatever becomes of the body, the status that came before it is the answer, with neither
 * headers nor body; the connection is closed where the body was not read to its end.
 */
export interface EgressRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Headers;
  readonly body?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly limitBytes?: number;
  readonly statusOnly?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * What came of a request: an answer of any status, a refusal by the policy before anything was
 * sent, or a failure of the exchange. Messages hold no
 * header and no body.
 */
export type EgressAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Headers;
      readonly body: Buffer;
    }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
// A header value: visible characters, blanks and tabs of Latin-1, so neither CR, LF nor NUL.
const fieldValue = /^[\t\x20-\x7e\x80-\xff]{0,8192}$/;

/** Headers that belong to one connection and would let a caller split or redirect a request. */
const refused: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that the client writes itself; what a caller says of them is dropped. */
const ours: ReadonlySet<string> = new Set(["accept-encoding", "content-length"]);

/** Why a header must not be sent; undefined when it may. Source: SEC-60. */
export const headerFault = (name: string, value: string): string | undefined => {
  if (!token.test(name)) return "a header name is not a token";
  if (!fieldValue.test(value)) return `the value of header ${name} has a forbidden character`;
  return refused.has(name.toLowerCase()) ? `header ${name} may not be set` : undefined;
};

/** True for a header that the client writes itself. */
export const isOurs = (name: string): boolean => ours.has(name.toLowerCase());

/** An answer that was read to its end. */
export interface Received {
  readonly headers: Headers;
  readonly body: Buffer;
}

/**
 * Reads an answer to its end and gives it to `done`, or says why it is not acceptable: it broke off,
 * is larger than `limitBytes`, or is compressed, which no request asked for. Source: D-25, SEC-59.
 */
export const receive = (
  incoming: IncomingMessage,
  limitBytes: number,
  done: (received: Received | string) => void,
): void => {
  const tooLarge = `the answer is larger than ${limitBytes} bytes`;
  const { "content-encoding": encoding = "identity", "content-length": length } = incoming.headers;
  const fault = encoding.toLowerCase() === "identity" ? undefined : "the answer is compressed";
  if (fault !== undefined || Number(length ?? 0) > limitBytes) {
    done(fault ?? tooLarge);
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
    else done(tooLarge);
  });
  incoming.on("end", () => {
    done({ headers: pairsOf(incoming.rawHeaders), body: Buffer.concat(chunks) });
  });
  incoming.on("error", () => done("the answer broke off"));
};

const pairsOf = (raw: readonly string[]): Headers => {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    pairs.push([raw[index] ?? "", raw[index + 1] ?? ""]);
  }
  return pairs;
};
