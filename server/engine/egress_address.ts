// Which addresses a request may be connected to, whatever a name server says.
import ipaddr from "ipaddr.js";
import type { Network } from "./egress_policy.ts";

/**
 * Why an address must not be connected to; undefined when it may. `named` says what the operator has
 * allowed by writing the destination: private and loopback space by an address, loopback by
 * `localhost`, whatever it is said to be, and neither by another name.
 * Link-local space (the metadata services of clouds), multicast and the like are never allowed.
 * Source: D-25, SEC-58.
 */
export const addressFault = (
  text: string,
  named: keyof typeof allowedBy,
  networks: readonly Network[],
): string | undefined => {
  if (!ipaddr.isValid(text)) return "is not an address";
  const address = ipaddr.process(text);
  const range = rangeOf(address);
  if (range === "public") return undefined;
  if (!privateRanges.has(range)) return `is ${range} address space`;
  const allowed = allowedBy[named](range) || networks.some((one) => contains(one, address));
  return allowed ? undefined : `is ${range} address space`;
};

/** Which ranges a way of writing a destination allows. */
const allowedBy = {
  address: () => true,
  localhost: (range: string) => range === "loopback",
  name: () => false,
} as const;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Ranges of an operator's own networks, which may be allowed by name. */
const privateRanges: ReadonlySet<string> = new Set([
  "private",
  "loopback",
  "uniqueLocal",
  "carrierGradeNat",
]);

/** Addresses that look public and are not: hosts' own services, documentation, old tunnels. */
const furtherReserved: readonly Network[] = [
  ipaddr.parseCIDR("168.63.129.16/32"),
  ipaddr.parseCIDR("192.88.99.0/24"),
  ipaddr.parseCIDR("64:ff9b:1::/48"),
  ipaddr.parseCIDR("3fff::/20"),
  ipaddr.parseCIDR("2001::/23"),
];

/** All unicast space that is in use for IPv6; everything outside is special or unassigned. */
const globalUnicast: Network = ipaddr.parseCIDR("2000::/3");

const rangeOf = (address: Address): string => {
  const range = address.range();
  if (range !== "unicast") return range;
  const reserved = furtherReserved.some((network) => contains(network, address));
  const unassigned = address.kind() === "ipv6" && !contains(globalUnicast, address);
  return reserved || unassigned ? "reserved" : "public";
};

const contains = ([network, length]: Network, address: Address): boolean =>
  network.kind() === address.kind() && address.match(network, length);
