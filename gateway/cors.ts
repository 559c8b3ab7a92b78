// Cross-origin calls from browsers: only from configured origins, and never with cookies.
import type { IncomingMessage } from "node:http";
import { cors } from "@connectrpc/connect";
import { forwardedHeaders } from "./upstream/upstream.ts";

const methods = "GET, POST, PUT, DELETE";
const allowed = [
  ...new Set([...cors.allowedHeaders.map((h) => h.toLowerCase()), ...forwardedHeaders]),
].join(", ");
// `Date` lets an app tell a wrong clock from wrong credentials (D-66).
const exposed = [
  ...cors.exposedHeaders,
  "date",
  "retry-after",
  "www-authenticate",
  "x-request-id",
].join(", ");

/** What the origin of a request asks of its answer. */
interface Marks {
  /** Names and values of headers, one after the other. */
  readonly headers: readonly string[];
  /** True for a preflight, which these headers answer in full. */
  readonly preflight: boolean;
}

/** Gives the marks of a request's answer. */
export type CrossOrigin = (request: IncomingMessage) => Marks;

const vary = ["Vary", "Origin"] as const;

/**
 * Gives the rule for the listed `origins`, compared byte for byte. Another origin gets no
 * permission and so nothing that a browser would show to its page. Source: the fetch standard, CORS
 * protocol.
 */
export function crossOrigin(origins: readonly string[]): CrossOrigin {
  const unmarked: Marks = { headers: origins.length === 0 ? [] : vary, preflight: false };
  const marks = new Map(
    origins.map((origin) => {
      const permission = [...vary, "Access-Control-Allow-Origin", origin];
      const plain = [...permission, "Access-Control-Expose-Headers", exposed];
      const preflight = [
        ...permission,
        "Access-Control-Allow-Methods",
        methods,
        "Access-Control-Allow-Headers",
        allowed,
        "Access-Control-Max-Age",
        "7200",
      ];
      return [
        origin,
        {
          plain: { headers: plain, preflight: false },
          preflight: { headers: preflight, preflight: true },
        },
      ];
    }),
  );
  return ({ method, headers }) => {
    const known = headers.origin === undefined ? undefined : marks.get(headers.origin);
    if (!known) return unmarked;
    const asks = method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
    return asks ? known.preflight : known.plain;
  };
}
