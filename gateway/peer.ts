// Whose address a request comes from, when proxies stand between.
import type { IncomingMessage } from "node:http";
import type { IPv4, IPv6 } from "ipaddr.js";
import ipaddr from "ipaddr.js";

type Address = IPv4 | IPv6;

/** Tells the address of a request's caller. */
export type PeerOf = (request: IncomingMessage) => string;

// Node writes an IPv4 peer of a dual-stack socket as a mapped address.
const plain = (address: string): string =>
  address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;

// Looser spellings, such as octal parts, are read differently by different programs.
const parse = (text: string): Address | undefined =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
    ? ipaddr.process(text)
    : undefined;

const withPort = /^(?:\[(.+)\]|([0-9.]+))(?::[0-9]{1,5})?$/;

/** One element of X-Forwarded-For: an address, possibly with a port. */
function forwarded(element: string): Address | undefined {
  const text = element.trim();
  const found = withPort.exec(text);
  return parse(found?.[1] ?? found?.[2] ?? text);
}

function block(entry: string): [Address, number] {
  const [text = "", bits] = entry.split("/");
  const address = parse(text);
  const width = address?.kind() === "ipv4" ? 32 : 128;
  const length = bits === undefined ? width : Number(bits || NaN);
  if (!address || !Number.isInteger(length) || length < 0 || length > width) {
    throw new Error(`${entry} is neither an address nor a CIDR block`);
  }
  return [address, length];
}

/**
 * Gives the function that tells a caller's address. `trusted`: addresses and CIDR blocks of
 * proxies. The address is the socket's; behind a trusted proxy it is the right-most one of
 * X-Forwarded-For that is not itself trusted, since everything to the left of that was written by
 * somebody unknown. An element that is no address ends the search at the proxy that sent it. Throws
 * an Error for an entry of `trusted` that is neither address nor block. Source: SEC-81.
 */
export function peers(trusted: readonly string[]): PeerOf {
  const blocks = trusted.map(block);
  const believed = (address: Address): boolean =>
    blocks.some(([net, bits]) => net.kind() === address.kind() && address.match(net, bits));
  const socketAddress = (request: IncomingMessage): string =>
    plain(request.socket.remoteAddress ?? "");
  if (blocks.length === 0) return socketAddress;
  return (request) => {
    const direct = socketAddress(request);
    const chain = request.headers["x-forwarded-for"];
    let peer = parse(direct);
    if (chain === undefined || !peer || !believed(peer)) return direct;
    const elements = String(chain).split(",");
    for (let i = elements.length - 1; i >= 0 && believed(peer); i--) {
      const next = forwarded(elements[i] as string);
      if (!next) break;
      peer = next;
    }
    return peer.toString();
  };
}
