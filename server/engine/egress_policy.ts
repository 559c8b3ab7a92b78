// Which destinations an operator allows for outgoing requests.
import ipaddr from "ipaddr.js";

/**
 * The operator's list. `allow` holds entries `scheme://host[:port]`, each an exact destination;
 * empty allows nothing. `networks` holds CIDR blocks of private address space in which the allowed
 * names may lie; without it, only destinations that are written as an address or as `localhost` may
 * be private. Source: D-25, SEC-56, SEC-57.
 */
export interface EgressPolicy {
  readonly allow: readonly string[];
  readonly networks?: readonly string[];
}

/** An address with the length of its network prefix, as ipaddr.js keeps a CIDR block. */
export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** A policy that has been read: destinations by their origin, such as `https://host:8443`. */
export interface ReadPolicy {
  readonly origins: ReadonlySet<string>;
  readonly networks: readonly Network[];
}

/** Reads a policy. Throws a fault that names the entry that cannot be read. */
export const readPolicy = (policy: EgressPolicy): ReadPolicy => ({
  origins: new Set(policy.allow.map(originOfEntry)),
  networks: (policy.networks ?? []).map(networkOfEntry),
});

const originOfEntry = (entry: string): string => {
  const url = URL.canParse(entry) ? new URL(entry) : undefined;
  const isOriginOnly = url !== undefined && url.pathname === "/" && url.search + url.hash === "";
  if (!isOriginOnly || !isHttp(url) || hasUserinfo(url) || url.hostname.includes("*")) {
    throw new Error(
      `egress entry ${JSON.stringify(entry)} is not of the form scheme://host[:port]`,
    );
  }
  return url.origin;
};

const networkOfEntry = (entry: string): Network => {
  try {
    return ipaddr.parseCIDR(entry);
  } catch (cause) {
    throw new Error(`egress network ${JSON.stringify(entry)} is not a CIDR block`, { cause });
  }
};

/** True for the two schemes that a request may have. */
export const isHttp = (url: URL): boolean => url.protocol === "https:" || url.protocol === "http:";

/** True when a URL carries a user name or a password. */
export const hasUserinfo = (url: URL): boolean => url.username + url.password !== "";
