// A small HTTP server on loopback, as the portal and the resource server of the demo have one each.
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Json } from "./exchange.ts";

/** A request that a party received. */
interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Address of the caller. */
  readonly from: string;
  /** Null when there is none. */
  readonly body: Json;
  /** The body as it came. */
  readonly text: string;
}

/** What a party answers; without a body it is empty. */
export interface Reply {
  readonly status: number;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers one kind of request. What it throws is answered with 502 and its message. */
export type Handler = (received: Received) => Reply | Promise<Reply>;

/** A party that listens. Disposing closes it with all its connections. */
export interface Party extends AsyncDisposable {
  /** `http://127.0.0.1:` and the port. */
  readonly url: string;
}

const bodyLimitBytes = 64 * 1024;

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > bodyLimitBytes) throw new Error(`the body is larger than ${bodyLimitBytes} bytes`);
    pieces.push(piece);
  }
  return String(Buffer.concat(pieces));
}

const lastSegment = /[^/]+$/;

/**
 * Opens a party on a free port of 127.0.0.1. A route is a method and a path, such as
 * `POST /callback`; a last segment `*` stands for any. `other` gets what no route is for, unread.
 */
export async function openParty(
  routes: Readonly<Record<string, Handler>>,
  other?: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Party> {
  const known = new Map(Object.entries(routes));

  const handlerOf = ({ method, url = "/" }: IncomingMessage): Handler | undefined => {
    const exact = `${method} ${url}`;
    return known.get(exact) ?? known.get(exact.replace(lastSegment, "*"));
  };

  async function reply(request: IncomingMessage): Promise<Reply> {
    const path = request.url ?? "/";
    const exact = `${request.method} ${path}`;
    const handler = handlerOf(request);
    if (!handler) return { status: 404, body: { problem: `there is no ${exact}` } };
    try {
      const text = await textOf(request);
      const body = text === "" ? null : (JSON.parse(text) as Json);
      const from = request.socket.remoteAddress ?? "";
      return await handler({ path, headers: request.headers, from, body, text });
    } catch (error) {
      return { status: 502, body: { problem: (error as Error).message } };
    }
  }

  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    if (other && !handlerOf(request))
      return other(request, response).catch(() => response.destroy());
    const { status, body, headers } = await reply(request);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
