// Requests that are not well formed: each is a right request of a phone but for what the row
// spoils.
import { gzipSync } from "node:zlib";
import type { HttpRequest } from "../support/http.ts";

/** The members of a right request. */
export type Good = Readonly<Record<string, unknown>>;

/** A spoilt request, and how it is refused. */
export interface BadRow {
  readonly name: string;
  /** Appended to the path of the endpoint. */
  readonly suffix?: string;
  readonly spoil: (good: Good) => HttpRequest;
  readonly status: number;
  readonly word: string;
}

const type = { "content-type": "application/json" };
const json = (value: unknown): HttpRequest => ({ headers: type, body: JSON.stringify(value) });
const malformed = { status: 400, word: "invalid_request" } as const;
const mediaType = { status: 415, word: "invalid_request" } as const;

/** A body that is another text than the JSON of a right one. */
const text = (name: string, spoil: (right: string) => string | Uint8Array): BadRow => ({
  name,
  spoil: (good) => ({ headers: type, body: spoil(JSON.stringify(good)) }),
  ...malformed,
});

/** A body in which a member has another value. */
const member = (name: string, change: object): BadRow => ({
  name,
  spoil: (good) => json({ ...good, ...change }),
  ...malformed,
});

const withType = (contentType: string | undefined): BadRow => ({
  name: `the content type ${contentType ?? "left out"}`,
  spoil: (good) => ({
    headers: contentType === undefined ? {} : { "content-type": contentType },
    body: JSON.stringify(good),
  }),
  ...mediaType,
});

const verb = (method: string): BadRow => ({
  name: `the method ${method}`,
  spoil: (good) => ({ ...json(good), method }),
  status: 405,
  word: "invalid_request",
});

const inner = (right: string, more: string): string => `${right.slice(0, -1)},${more}}`;
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

const texts: readonly BadRow[] = [
  text("no body", () => ""),
  text("a body that ends early", (right) => right.slice(0, -1)),
  text("a body that goes on", (right) => `${right}{}`),
  text("a body without quotes", (right) => right.replace('"data"', "data")),
  text("a body with a comment", (right) => `${right}// comment`),
  text("a body that is a list", (right) => `[${right}]`),
  text("a body that is a text", (right) => JSON.stringify(right)),
  text("a body that is null", () => "null"),
  text("a body that is an empty object", () => "{}"),
  text("a member twice", (right) => inner(right, '"data":"again"')),
  text("a member twice, once in escapes", (right) => inner(right, '"d\\u0061ta":"again"')),
  text("an unknown member twice", (right) => inner(right, '"x":1,"x":2')),
  text("bytes that are not UTF-8", (right) => Buffer.from(inner(right, '"x":"ü"'), "latin1")),
  text("an overlong encoding", (right) =>
    Buffer.concat([Buffer.from(right), Buffer.of(0xc0, 0x80)]),
  ),
  text("a byte order mark", (right) => `\ufeff${right}`),
  text("UTF-16", (right) => Buffer.from(right, "utf16le")),
  text("half a surrogate pair", (right) => inner(right, '"x":"\\ud800"')),
  text("a number out of range", (right) => inner(right, '"x":1e400')),
  text("a control character in a text", (right) => inner(right, '"x":"\u0000"')),
  text("nesting beyond the bound", (right) => inner(right, `"x":${nested(17)}`)),
  text("nesting without end", (right) => inner(right, `"x":${"[".repeat(200_000)}`)),
  text("objects nested deeply", (right) => inner(right, `"x":${'{"a":'.repeat(50_000)}`)),
];

const wrongKinds: readonly BadRow[] = [
  member("data that is a number", { data: 7 }),
  member("data that is an object", { data: { userId: "alice" } }),
  member("data that is a list", { data: ["alice"] }),
  member("data that is a switch", { data: true }),
  member("scope that is a text", { scope: "read" }),
  member("scope that is an object", { scope: { 0: "read" } }),
  member("scope with a number", { scope: [1] }),
  member("scope with null", { scope: [null] }),
  member("scope with a list", { scope: [["read"]] }),
  member("profile_id that is a number", { profile_id: 123456 }),
  member("transaction_id that is a number", { transaction_id: 123123 }),
  member("client_assertion that is an object", { client_assertion: {} }),
  member("client_assertion_type that is a list", { client_assertion_type: [] }),
  member("grant_type that is a number", { grant_type: 0 }),
  member("hook parameters that are a list", { hook_context_custom_params: [] }),
  member("hook parameters that are a text", { hook_context_custom_params: "a" }),
  member("a hook parameter that is a text", { hook_context_custom_params: { a: "b" } }),
  member("a hook parameter with a number", { hook_context_custom_params: { a: [1] } }),
  member("a hook parameter with an object", { hook_context_custom_params: { a: [{}] } }),
  member("a hook parameter with null", { hook_context_custom_params: { a: [null] } }),
];

const many = (count: number, make: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => make(i));

const tooLong: readonly BadRow[] = [
  member("data beyond 65536 characters", { data: "x".repeat(65_537) }),
  member("a client assertion beyond 65536 characters", { client_assertion: "x".repeat(65_537) }),
  member("a profile_id beyond 256 characters", { profile_id: "x".repeat(257) }),
  member("a transaction_id beyond 256 characters", { transaction_id: "x".repeat(257) }),
  member("a scope beyond 256 characters", { scope: ["x".repeat(257)] }),
  member("more than 128 scopes", { scope: many(129, () => "read") }),
  member("more than 64 hook parameters", {
    hook_context_custom_params: Object.fromEntries(many(65, String).map((name) => [name, []])),
  }),
  member("a hook parameter's name beyond 256 characters", {
    hook_context_custom_params: { ["x".repeat(257)]: [] },
  }),
  {
    name: "a body beyond a mebibyte",
    spoil: (good) => json({ ...good, padding: "x".repeat(1 << 20) }),
    status: 413,
    word: "invalid_request",
  },
];

const heads: readonly BadRow[] = [
  withType(undefined),
  withType("text/plain"),
  withType("text/json"),
  withType("application/x-www-form-urlencoded"),
  withType("multipart/form-data; boundary=x"),
  withType("application/json; charset=iso-8859-1"),
  withType("application/json, application/json"),
  {
    name: "a content coding",
    spoil: (good) => ({
      headers: { ...type, "content-encoding": "gzip" },
      body: gzipSync(JSON.stringify(good)),
    }),
    ...mediaType,
  },
  {
    name: "the content type twice",
    spoil: (good) => ({
      headers: { "Content-Type": ["application/json", "application/json"] },
      body: JSON.stringify(good),
    }),
    ...malformed,
  },
  {
    name: "two Authorization headers",
    spoil: (good) => ({
      ...json(good),
      headers: { ...type, Authorization: ["Basic YTpi", "Basic YTpi"] },
    }),
    ...malformed,
  },
  ...["GET", "PUT", "DELETE", "PATCH", "PROPFIND"].map(verb),
];

const paths: readonly BadRow[] = [
  { name: "a member that is in the query too", suffix: "?data=x", spoil: json, ...malformed },
  { name: "a query that is not well encoded", suffix: "?x=%zz", spoil: json, ...malformed },
  { name: "a query parameter twice", suffix: "?idp=a&idp=b", spoil: json, ...malformed },
  ...["/", "/x", ";x=1", "%2f"].map((suffix) => ({
    name: `the path with ${suffix} at its end`,
    suffix,
    spoil: json,
    status: 404,
    word: "not_found",
  })),
];

/** All rows. Source: D-64, SEC-10, SEC-15, SEC-79, SEC-83. */
export const badRows: readonly BadRow[] = [...texts, ...wrongKinds, ...tooLong, ...heads, ...paths];

/** Additions to a right request that change nothing: unknown names are ignored (D-64, SEC-83). */
export const harmless: Readonly<Record<string, (right: string) => string>> = {
  "an unknown member": (right) => inner(right, '"unknown":{"a":[1,null,true]}'),
  "a member in another spelling": (right) => inner(right, '"profileId":"no"'),
  "the member __proto__": (right) => inner(right, '"__proto__":{"profile_id":"no","data":7}'),
  "the member constructor": (right) => inner(right, '"constructor":{"prototype":{"data":7}}'),
  "nesting up to the bound": (right) => inner(right, `"unknown":${nested(14)}`),
  "white space": (right) => ` \r\n\t${right} \n`,
};
