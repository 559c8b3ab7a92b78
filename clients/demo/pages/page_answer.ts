// How the demo's pages are answered: with files that no other site may use, and under a strict policy.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PageFiles } from "./page_files.ts";

/** Handles a request. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Gives the headers of everything that a page consists of. Scripts and styles are the page's own files; nothing is
 * inline, framed, or made out of text. `connect`: origins that the page calls beside its own.
 */
export function pageHeaders(connect: readonly string[] = []): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...connect].join(" "),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  };
}

/** Tells whether a request names the host of a URL: a name that somebody pointed at loopback is not it. */
export const isForHost = (request: IncomingMessage, url: string): boolean =>
  request.headers.host === new URL(url).host;

/** Answers with a file; false when there is none of this path. `fill` changes the text of the HTML. */
export function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  files: PageFiles,
  headers: Readonly<Record<string, string>>,
  fill: (html: string) => string = (html) => html,
): boolean {
  const pathname = URL.parse(request.url ?? "/", "http://page")?.pathname ?? "";
  const file = files.get(pathname);
  if (!file || request.method !== "GET") return false;
  const text = pathname === "/" ? fill(file.text) : file.text;
  response.writeHead(200, { ...headers, "content-type": `${file.type}; charset=utf-8` }).end(text);
  return true;
}
