// An HTTP server that keeps what it is sent: the portal's callback, or any host that scripts call.
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that was received. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The receiver. */
export interface Receiver extends AsyncDisposable {
  /** Its origin, such as `http://127.0.0.1:9000`. */
  readonly url: string;
  /** What it received, first to last. */
  readonly received: readonly Received[];
}

/**
 * Starts a receiver on a free port of the loopback; it answers everything with 200 and a JSON
 * object, as soon as `hold`, which is told of the request, lets it.
 */
export async function startReceiver(
  hold: (request: Received) => Promise<void> = async () => {},
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const { method = "", url = "", headers } = request;
      const body = Buffer.concat(chunks).toString();
      received.push({ method, path: url, headers, body });
      await hold({ method, path: url, headers, body });
      response.writeHead(200, { "content-type": "application/json" }).end('{"received":true}');
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
