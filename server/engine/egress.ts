// The one guarded way out: every request by scripts, callbacks and key fetching goes through here.
import http from "node:http";
import https from "node:https";
import ipaddr from "ipaddr.js";
import { addressFault } from "./egress_address.ts";
import {
  bodyBytes,
  type Destination,
  exchange,
  guardedLookup,
  type Resolve,
  resolveBySystem,
} from "./egress_exchange.ts";
import { type EgressAnswer, type EgressRequest, headerFault } from "./egress_message.ts";
import { type EgressPolicy, hasUserinfo, isHttp, readPolicy } from "./egress_policy.ts";

/** A client that is held by one policy. Disposing ends requests under way as failed. */
export interface Egress extends AsyncDisposable {
  request(request: EgressRequest): Promise<EgressAnswer>;
}

const urlLength = 8 * 1024;
const connectionsPerDestination = 256;
const idleMs = 5_000;
const methods: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
]);

/**
 * Opens a client for `policy`. A request is checked by its URL, by every address that `resolve`
 * gives for its name, and by the peer that was really connected; redirects are answers and are not
 * followed; each destination has a pool of its own. Throws a fault when the policy cannot be read.
 * Source: D-25, SEC-56 to SEC-60.
 */
export const openEgress = (policy: EgressPolicy, options: { resolve?: Resolve } = {}): Egress => {
  const { origins, networks } = readPolicy(policy);
  const resolve = options.resolve ?? resolveBySystem;
  const agents = new Map<string, http.Agent>();
  const underWay = new Set<() => void>();
  let isClosed = false;

  const agentOf = (destination: Destination): http.Agent => {
    const known = agents.get(destination.url.origin);
    if (known !== undefined) return known;
    const { Agent } = destination.url.protocol === "https:" ? https : http;
    const agent = new Agent({
      keepAlive: true,
      timeout: idleMs,
      maxSockets: connectionsPerDestination,
      lookup: guardedLookup(resolve, destination.fault),
    });
    agents.set(destination.url.origin, agent);
    return agent;
  };

  const destinationOf = (text: string): Destination | string => {
    const url = text.length <= urlLength && URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !isHttp(url)) return "the URL is not an absolute http or https URL";
    if (hasUserinfo(url)) return "the URL carries a user name or password";
    if (!origins.has(url.origin)) return `${url.origin} is not on the egress allow list`;
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const literal = ipaddr.isValid(host);
    const named = literal ? "address" : host === "localhost" ? "localhost" : "name";
    const fault = (address: string): string | undefined => addressFault(address, named, networks);
    const literalFault = literal ? fault(host) : undefined;
    return literalFault === undefined ? { url, fault } : `${host} ${literalFault}`;
  };

  return {
    async request(request) {
      const destination = destinationOf(request.url);
      if (typeof destination === "string") return { kind: "refused", message: destination };
      const fault = requestFault(request);
      if (fault !== undefined) return { kind: "refused", message: fault };
      if (isClosed || request.signal?.aborted) {
        return { kind: "failed", message: "the request was withdrawn" };
      }
      return exchange(request, destination, agentOf(destination), underWay);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      for (const withdraw of [...underWay]) withdraw();
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
};

const requestFault = (request: EgressRequest): string | undefined => {
  if (!methods.has(request.method)) return "the method is not allowed";
  const size = request.body === undefined ? 0 : Buffer.byteLength(request.body);
  if (size > bodyBytes) return `the body is larger than ${bodyBytes} bytes`;
  for (const [name, value] of request.headers ?? []) {
    const fault = headerFault(name, value);
    if (fault !== undefined) return fault;
  }
  return undefined;
};
