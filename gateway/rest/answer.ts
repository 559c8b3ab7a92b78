// The answers of the REST endpoints: JSON, or a refusal as errors.proto words it.
import type { ServerResponse } from "node:http";
import type { JsonValue } from "@bufbuild/protobuf";
import type { Answer } from "../../proto/contract.ts";
import { answerTo } from "../../proto/contract.ts";
import { Failure } from "../upstream/upstream.ts";

/** Told of faults of the gateway itself, which its callers see as internal_server_error. */
export type OnFault = (error: unknown, facts: Readonly<Record<string, string>>) => void;

/** Names and values of headers, one after the other. */
export type HeaderList = readonly string[];

/** Who is answered. */
export interface Asker {
  readonly response: ServerResponse;
  /** The request's id. */
  readonly id: string;
  /** Headers that the request's origin asks for. */
  readonly marks: HeaderList;
  /** Whether refusals have the number of their reason as well. */
  readonly numbered?: boolean;
}

const uncached: HeaderList = ["Cache-Control", "no-store", "Pragma", "no-cache"];

/**
 * Sends one answer, unless the caller is gone. `json`: the body; none for status 204.
 * `maxAgeSeconds`: how long it may be cached; 0 stands for not at all. Source: RFC 6749 section
 * 5.1, SEC-32.
 */
export function answer(
  { response, id, marks }: Asker,
  status: number,
  json: JsonValue,
  maxAgeSeconds: number,
  more: HeaderList = [],
): void {
  if (response.headersSent || response.destroyed) return;
  const text = status === 204 ? "" : JSON.stringify(json);
  const headers: string[] = [];
  if (status !== 204) {
    headers.push("Content-Type", "application/json;charset=UTF-8");
    headers.push("Content-Length", String(Buffer.byteLength(text)));
  }
  if (maxAgeSeconds === 0) headers.push(...uncached);
  else headers.push("Cache-Control", `public, max-age=${maxAgeSeconds}`);
  headers.push("X-Request-Id", id, ...marks, ...more);
  response.writeHead(status, headers).end(text);
}

// RFC 6749 section 5.2 allows neither quotes nor backslashes nor anything beyond ASCII in a
// description.
const describable = (text: string): string =>
  text
    .replaceAll('"', "'")
    .replaceAll("\\", "/")
    .replace(/[^\x20-\x7e]/g, "?");

// The errors of access tokens, which are answered with a challenge of their own. Source: RFC 6750
// section 3.
const ofAccessTokens: ReadonlySet<string> = new Set(["invalid_token", "insufficient_scope"]);

function headersOf(failure: Failure, { word, http }: Answer): string[] {
  const headers: string[] = [];
  if (ofAccessTokens.has(word)) {
    headers.push("WWW-Authenticate", `Bearer realm="gatewright", error="${word}"`);
  } else if (http === 401) headers.push("WWW-Authenticate", 'Basic realm="gatewright"');
  const after = failure.facts.retry_after;
  if (after !== undefined && /^[0-9]{1,9}$/.test(after)) headers.push("Retry-After", after);
  return headers;
}

/**
 * Sends a refusal: the word and sentence of its reason, those of its facts that the reason's row
 * makes members and, for who is answered with numbers, `error_code`, where the reason has one, and
 * the sentence as `description`. What is no `Failure` is a fault: `onFault` gets it under the
 * request's id, the caller internal_server_error. Source: errors.proto, D-50.
 */
export function refuse(
  asker: Asker,
  error: unknown,
  onFault: OnFault,
  more: HeaderList = [],
): void {
  const failure =
    error instanceof Failure ? error : new Failure("UNSPECIFIED", {}, { cause: error });
  const { reason, facts } = failure;
  // A fault of the server's has an id and is in the server's log under it.
  if (reason === "UNSPECIFIED" && facts.error_id === undefined) {
    onFault(failure.cause ?? failure, { request_id: asker.id });
  }
  const row = answerTo(reason);
  const given = (name: string): boolean => facts[name] !== undefined;
  const members = [
    ...row.members.filter(given).map((name) => [name, facts[name]]),
    ...row.numbers.filter(given).map((name) => [name, Number(facts[name])]),
  ];
  const sentence = describable(failure.message);
  const json = {
    error: row.word,
    error_description: sentence,
    ...Object.fromEntries(members),
    ...(asker.numbered && row.code !== "" && { error_code: row.code }),
    ...(asker.numbered && { description: sentence }),
  };
  answer(asker, row.http, json, 0, [...headersOf(failure, row), ...more]);
}
