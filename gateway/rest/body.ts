// Reads a request's body: bounded, of a media type that the endpoint takes, and strict.
import type { IncomingMessage } from "node:http";
import type { Exchange } from "../../proto/contract.ts";
import type { JsonValue } from "../../proto/strict_json.ts";
import { JsonFault, readJson } from "../../proto/strict_json.ts";
import { Failure } from "../upstream/upstream.ts";
import type { Form } from "./form.ts";
import { readForm } from "./form.ts";

// How much of a body that is too long is still taken in, so that its sender gets to read the
// answer.
const discardLimitBytes = 8 << 20;

/** A body as its media type has it; undefined when there is none. */
export type Body =
  | { readonly kind: "json"; readonly value: JsonValue }
  | { readonly kind: "form"; readonly form: Form }
  | undefined;

/** Tells whether a request brings a body of at least one byte, or says nothing of its length. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined ||
  (headers["content-length"] !== undefined && headers["content-length"] !== "0");

/** Tells whether a request announces more than `limitBytes`. */
export const announcesTooMuch = ({ headers }: IncomingMessage, limitBytes: number): boolean =>
  Number(headers["content-length"] ?? 0) > limitBytes;

/**
 * Tells whether what a request announces beyond the bound is soon over. Who sends it on a connection that
 * ends with the answer would lose that by an answer in the middle.
 */
const isSoonOver = ({ headers }: IncomingMessage, limitBytes: number): boolean =>
  headers.expect === undefined &&
  Number(headers["content-length"]) <= limitBytes + discardLimitBytes;

/**
 * Reads the bytes of a body and calls `done` with them, or with BODY_TOO_LARGE as soon as they pass
 * `limitBytes`, or when they are over, if that is soon. Calls nothing when the caller goes away or sends
 * less than announced: there is nobody to answer.
 */
export function readBytes(
  request: IncomingMessage,
  limitBytes: number,
  done: (failure: Failure | undefined, bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let limit = limitBytes;
  let isDeferred = false;
  const tooLarge = (): void => {
    limit = limitBytes + discardLimitBytes;
    chunks.length = 0;
    isDeferred = isSoonOver(request, limitBytes);
    if (!isDeferred) done(new Failure("BODY_TOO_LARGE"), Buffer.alloc(0));
  };
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) {
      if (limit === limitBytes) tooLarge();
      else request.socket.destroy();
    } else if (limit === limitBytes) chunks.push(chunk);
  });
  request.on("end", () => {
    if (isDeferred) done(new Failure("BODY_TOO_LARGE"), Buffer.alloc(0));
    if (limit !== limitBytes) return;
    done(undefined, chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
  });
  if (announcesTooMuch(request, limitBytes)) tooLarge();
}

type Kind = "json" | "form";

const kinds: ReadonlyMap<string, Kind> = new Map([
  ["application/json", "json"],
  ["application/x-www-form-urlencoded", "form"],
]);

const accepted: Readonly<Record<Exchange["form"], readonly Kind[]>> = {
  json: ["json"],
  urlencoded: ["form"],
  either: ["json", "form"],
};

const charset = /;\s*charset\s*=\s*"?([^";\s]*)"?/i;

function kindOf(contentType: string): Kind | undefined {
  const quick = kinds.get(contentType);
  if (quick) return quick;
  const semicolon = contentType.indexOf(";");
  if (semicolon === -1) return kinds.get(contentType.trim().toLowerCase());
  const named = charset.exec(contentType)?.[1]?.toLowerCase() ?? "utf-8";
  if (named !== "utf-8" && named !== "utf8") return undefined;
  return kinds.get(contentType.slice(0, semicolon).trim().toLowerCase());
}

/**
 * Gives a body from its bytes. `form`: what the endpoint takes. Throws MEDIA_TYPE_UNSUPPORTED for
 * another media type, a character set other than UTF-8 or a content coding, and REQUEST_INVALID for
 * bytes that are not of the type. Without bytes there is no body, whatever the headers say. Source:
 * RFC 9110 sections 8.3, 8.4 and 15.5.16, D-64.
 */
export function readBody(request: IncomingMessage, bytes: Buffer, form: Exchange["form"]): Body {
  if (bytes.length === 0) return undefined;
  const { headers } = request;
  const kind = kindOf(headers["content-type"] ?? "");
  const coding = headers["content-encoding"] ?? "identity";
  if (!kind || !accepted[form].includes(kind) || coding.toLowerCase() !== "identity") {
    throw new Failure("MEDIA_TYPE_UNSUPPORTED");
  }
  if (kind === "form") return { kind, form: readForm(bytes) };
  try {
    return { kind, value: readJson(bytes) };
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause;
    throw new Failure("REQUEST_INVALID", { detail: cause.message }, { cause });
  }
}
