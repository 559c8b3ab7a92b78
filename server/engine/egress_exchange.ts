// One exchange of the guarded client: connects only to checked addresses and reads within bounds.
import { lookup as lookUp } from "node:dns/promises";
import http from "node:http";
import https from "node:https";
import type { LookupFunction, Socket } from "node:net";
import ipaddr from "ipaddr.js";
import { type EgressAnswer, type EgressRequest, isOurs, receive } from "./egress_message.ts";

/** Gives all addresses of a host name, as text. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** A URL that is allowed, and the judgement of the addresses behind it. */
export interface Destination {
  readonly url: URL;
  readonly fault: (address: string) => string | undefined;
}

const connectMs = 2_500;
const readMs = 10_000;

/** The largest body of a request, and of an answer unless the request says otherwise. */
export const bodyBytes = 256 * 1024;

/**
 * Sends a request that was judged to be allowed and gives what came of it. Nothing is sent before
 * the connected peer was checked. `underWay` holds a way to withdraw each exchange that is not over.
 */
export const exchange = (
  request: EgressRequest,
  { url, fault }: Destination,
  agent: http.Agent,
  underWay: Set<() => void>,
): Promise<EgressAnswer> =>
  new Promise((settle) => {
    const { request: open } = url.protocol === "https:" ? https : http;
    const outgoing = open({
      agent,
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port,
      path: url.pathname + url.search,
    });
    let isFinished = false;
    let status: EgressAnswer | undefined;
    const finish = (answer: EgressAnswer): void => {
      if (isFinished) return;
      isFinished = true;
      clearTimeout(timer);
      underWay.delete(withdraw);
      request.signal?.removeEventListener("abort", withdraw);
      if (answer.kind !== "answered" || answer === status) outgoing.destroy();
      settle(answer);
    };
    const end = (message: string): void => finish(status ?? { kind: "failed", message });
    const withdraw = (): void => end("the request was withdrawn");
    let timer = later(connectMs, () => end("the connection took too long"));
    underWay.add(withdraw);
    request.signal?.addEventListener("abort", withdraw);

    for (const [name, value] of request.headers ?? []) {
      if (!isOurs(name)) outgoing.appendHeader(name, value);
    }
    outgoing.on("error", (error: NodeJS.ErrnoException) =>
      error instanceof AddressRefused
        ? finish({ kind: "refused", message: error.message })
        : end(failureText(error)),
    );
    const closedEarly = (): void => end("the connection was closed");
    outgoing.on("close", closedEarly);
    outgoing.on("socket", (socket) => {
      const connected = (): void => {
        const peer = socket.remoteAddress ?? "";
        const peerFault = fault(peer);
        if (peerFault !== undefined) {
          finish({ kind: "refused", message: `${url.hostname}: ${peer} ${peerFault}` });
          return;
        }
        clearTimeout(timer);
        timer = later(request.timeoutMs ?? readMs, () => end("the answer took too long"));
        // Nothing of the request is sent before the peer is known to be an allowed one.
        outgoing.end(request.body);
      };
      if (isConnecting(socket)) {
        socket.once(url.protocol === "https:" ? "secureConnect" : "connect", connected);
      } else connected();
    });
    outgoing.on("response", (incoming) => {
      // From here on the body says how the exchange ends, unless the status did.
      outgoing.off("close", closedEarly);
      const { statusCode = 0 } = incoming;
      if (request.statusOnly) {
        status = { kind: "answered", status: statusCode, headers: [], body: Buffer.alloc(0) };
      }
      receive(incoming, request.limitBytes ?? bodyBytes, (received) =>
        typeof received === "string"
          ? end(received)
          : finish({ kind: "answered", status: statusCode, ...received }),
      );
    });
  });

/** A name whose addresses are not all allowed. It travels through the socket as its error. */
class AddressRefused extends Error {}

/**
 * A thread that was busy with a script finds its timers due before it has looked at its sockets, so
 * what has arrived meanwhile gets its chance first.
 */
const later = (ms: number, end: () => void): NodeJS.Timeout =>
  setTimeout(() => setImmediate(end), ms);

/** A new TLS socket is connected before it is secure; one from the pool is both. */
const isConnecting = (socket: Socket & { secureConnecting?: boolean }): boolean =>
  socket.connecting || socket.secureConnecting === true;

/** Looks a name up and refuses it when any of its addresses may not be connected to. */
export const guardedLookup =
  (resolve: Resolve, fault: Destination["fault"]): LookupFunction =>
  (hostname, options, callback) => {
    const judge = (addresses: readonly string[]): void => {
      const bad = addresses.find((address) => fault(address) !== undefined);
      if (bad !== undefined) throw new AddressRefused(`${hostname}: ${bad} ${fault(bad)}`);
      const found = addresses.map((address) => ({
        address,
        family: ipaddr.parse(address).kind() === "ipv6" ? 6 : 4,
      }));
      const [first] = found;
      if (first === undefined) throw new Error("the name has no address");
      if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    };
    resolve(hostname)
      .then(judge)
      .catch((error: Error) => callback(error, []));
  };

/** Resolves as the operating system does. */
export const resolveBySystem: Resolve = async (hostname) =>
  (await lookUp(hostname, { all: true })).map(({ address }) => address);

/** Node's texts may hold addresses and file names; the code says enough to act on. */
const failureText = (error: NodeJS.ErrnoException): string =>
  error.code === undefined ? "the exchange failed" : `the exchange failed (${error.code})`;
