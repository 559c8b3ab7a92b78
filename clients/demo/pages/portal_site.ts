// The portal as browsers see it: its page, and what the page's script asks.
import type { IncomingMessage } from "node:http";
import { CallError } from "../../call_error.ts";
import { qrSvg } from "../../portal/qr_code.ts";
import type { RequestHandler } from "./page_answer.ts";
import { answerFile, isForHost, pageHeaders } from "./page_answer.ts";
import type { PageFiles } from "./page_files.ts";
import type { PortalRoute, RouteAnswer } from "./portal_routes.ts";
import type { ShownCodes } from "./shown_codes.ts";
import type { Visitors } from "./visitors.ts";

/** What the site is made of. */
export interface PortalSiteParts {
  readonly files: PageFiles;
  readonly visitors: Visitors;
  readonly codes: ShownCodes;
  /** By method and path; a last segment `*` stands for any. */
  readonly routes: ReadonlyMap<string, PortalRoute>;
  /** The portal's own URL. */
  url(): string;
}

const bodyLimitBytes = 4_096;
const lastSegment = /[^/]+$/;
const codePath = /^\/codes\/([\w-]{22})$/;
const codeSize = 320;

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > bodyLimitBytes) return undefined;
    pieces.push(piece);
  }
  try {
    return JSON.parse(String(Buffer.concat(pieces)));
  } catch {
    return undefined;
  }
}

const refusal = (status: number, problem: string): RouteAnswer => ({ status, json: { problem } });

/**
 * Handles requests of browsers. What changes something has to come from the portal's own page: browsers send its
 * origin along, which no other page can forge, and the cookie does not travel with requests of other sites.
 */
export function portalSite({
  files,
  visitors,
  codes,
  routes,
  url,
}: PortalSiteParts): RequestHandler {
  const isOwn = ({ method, headers }: IncomingMessage): boolean =>
    method === "GET" || headers.origin === url();

  async function answerOf(request: IncomingMessage, signal: AbortSignal): Promise<RouteAnswer> {
    const asked = URL.parse(request.url ?? "/", url());
    if (!asked) return refusal(404, "There is no such page.");
    const { pathname, searchParams } = asked;
    const exact = `${request.method} ${pathname}`;
    const route = routes.get(exact) ?? routes.get(exact.replace(lastSegment, "*"));
    if (!route) return refusal(404, "There is no such page.");
    if (!isOwn(request)) return refusal(403, "This has to come from the portal's own page.");
    const visitor = visitors.find(request);
    const last = lastSegment.exec(pathname)?.[0] ?? "";
    const from = request.socket.remoteAddress ?? "";
    const known = searchParams.get("known") ?? "";
    const json = request.method === "POST" ? await jsonOf(request) : undefined;
    try {
      return await route({ visitor, last, from, known, json: Object(json), signal });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return refusal(502, "The token server did not do it. Try again in a moment.");
    }
  }

  async function pictureOf(request: IncomingMessage): Promise<string | undefined> {
    const id = codePath.exec(request.url ?? "")?.[1];
    const code = id && codes.find(id, visitors.find(request)?.token ?? "");
    return code ? qrSvg(code.text, { size: codeSize }) : undefined;
  }

  return async (request, response) => {
    const headers = pageHeaders();
    if (!isForHost(request, url())) return void response.writeHead(421, headers).end();
    if (answerFile(request, response, files, headers)) return;
    const picture = await pictureOf(request);
    if (picture) {
      return void response
        .writeHead(200, { ...headers, "content-type": "image/svg+xml; charset=utf-8" })
        .end(picture);
    }
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const { status, json, cookie } = await answerOf(request, gone.signal);
    const typed = { ...headers, "content-type": "application/json; charset=utf-8" };
    response.writeHead(status, cookie === undefined ? typed : { ...typed, "set-cookie": cookie });
    response.end(JSON.stringify(json ?? null));
  };
}
