// Who is calling over gRPC: the connection's address, or the one that a gateway of ours forwards.
import { BlockList, isIP, SocketAddress } from "node:net";

/** A caller. */
export interface Peer {
  readonly address: string;
  /** Whether a gateway that is believed called in its name. */
  readonly isForwarded: boolean;
}

/** Gives the caller from the connection's address and the `x-forwarded-for` of the call. */
export type PeerOf = (connection: string, forwarded: string | undefined) => Peer;

const family = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

/** Takes the port off an address as grpc-js writes it: `127.0.0.1:1`, `[::1]:1`, `unix:...`. */
const hostOf = (connection: string): string =>
  SocketAddress.parse(connection)?.address ?? connection;

/**
 * Gives the reader of callers. Forwarded addresses are believed from loopback, where our own
 * gateway is, and from `proxies` (addresses or CIDR blocks). Source: SEC-81.
 */
export function peersBehind(proxies: readonly string[]): PeerOf {
  const trusted = new BlockList();
  for (const block of ["127.0.0.0/8", "::1/128", ...proxies]) {
    const [address = "", bits] = block.split("/");
    const prefix = Number(bits ?? (family(address) === "ipv6" ? 128 : 32));
    trusted.addSubnet(address, prefix, family(address));
  }
  return (connection, forwarded) => {
    const host = hostOf(connection);
    const last = forwarded?.split(",").at(-1)?.trim() ?? "";
    const isForwarded = isIP(last) !== 0 && isIP(host) !== 0 && trusted.check(host, family(host));
    return { address: isForwarded ? last : host, isForwarded };
  };
}
