// HTTP as a stranger speaks it: whole requests through node:http, and bytes straight onto a socket.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { request } from "node:http";
import { connect } from "node:net";

/** An answer with its body read to the end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as an object; empty when the body is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** A request; POST unless told otherwise. */
export interface HttpRequest {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

// Nothing is served so slowly that a test could take a longer silence for an answer.
const silenceMs = 30_000;

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Sends one request on a connection of its own. Rejects when it is silent for 30 s. */
export function send(
  url: string,
  { method, headers, body }: HttpRequest = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const options = { method: method ?? "POST", headers: headers ?? {}, agent: false } as const;
    const outgoing = request(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode: status = 0, headers: answered } = incoming;
        resolve({ status, headers: answered, text, json: objectOf(text) });
      });
    });
    outgoing.setTimeout(silenceMs, () => outgoing.destroy(new Error(`${url} is silent`)));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Sends a GET. */
export const get = (url: string, headers: OutgoingHttpHeaders = {}): Promise<HttpAnswer> =>
  send(url, { method: "GET", headers });

/** Posts a value as JSON. A member that is undefined is left out. */
export const postJson = (
  url: string,
  value: unknown,
  headers: OutgoingHttpHeaders = {},
): Promise<HttpAnswer> =>
  send(url, {
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  });

/** The fields of a form; one that is undefined is left out. */
export type Fields = Readonly<Record<string, string | undefined>>;

/** Posts a form. */
export function postForm(
  url: string,
  fields: Fields,
  headers: OutgoingHttpHeaders = {},
): Promise<HttpAnswer> {
  const given = Object.entries(fields).filter((field): field is [string, string] => !!field[1]);
  return send(url, {
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(given).toString(),
  });
}

/** Gives the header of HTTP Basic for a client (RFC 6749 section 2.3.1). */
export function basic(clientId: string, secret: string): string {
  const escaped = [clientId, secret].map((text) => encodeURIComponent(text)).join(":");
  return `Basic ${Buffer.from(escaped).toString("base64")}`;
}

/**
 * Writes bytes onto a new connection to the base URL, says that there are no more, and gives all
 * that comes back until the server closes. Rejects after 30 s of silence.
 */
export function sendBytes(base: string, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.end(bytes));
    const chunks: Buffer[] = [];
    socket.setTimeout(silenceMs, () => socket.destroy(new Error(`${base} is silent`)));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  });
}
