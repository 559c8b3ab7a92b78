// Who counts as one caller by address.
import ipaddr from "ipaddr.js";

const ownedBits = 64;

/**
 * Gives the network that an address stands for: an IPv4 address itself, also when it is written as a
 * mapped one, and the first 64 bits of an IPv6 address, of which one caller has all the rest. What is no
 * address stands for itself. Source: RFC 6177, SEC-75.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  // A link-local address may have a zone, which is no part of it.
  const [plain] = parsed.toString().split("%");
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${plain}/${ownedBits}`);
  return `${network.toString()}/${ownedBits}`;
}
