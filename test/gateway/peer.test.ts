// Whose address counts when proxies stand between.
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { peers } from "../../gateway/peer.ts";

const request = (socket: string, chain?: string): IncomingMessage =>
  ({
    socket: { remoteAddress: socket },
    headers: chain === undefined ? {} : { "x-forwarded-for": chain },
  }) as never;

const trusted = ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"];

const cases: readonly (readonly [
  what: string,
  socket: string,
  chain: string | undefined,
  peer: string,
])[] = [
  ["a direct caller", "203.0.113.5", undefined, "203.0.113.5"],
  ["a direct caller who claims another address", "203.0.113.5", "198.51.100.1", "203.0.113.5"],
  ["a mapped address", "::ffff:203.0.113.5", undefined, "203.0.113.5"],
  ["a trusted proxy", "10.1.2.3", "203.0.113.5", "203.0.113.5"],
  ["a trusted proxy by its mapped address", "::ffff:10.1.2.3", "203.0.113.5", "203.0.113.5"],
  ["two trusted proxies", "10.1.2.3", "203.0.113.5, 192.0.2.7", "203.0.113.5"],
  ["an element that the caller wrote itself", "10.1.2.3", "1.1.1.1, 203.0.113.5", "203.0.113.5"],
  ["only trusted addresses", "10.1.2.3", "10.9.9.9, 192.0.2.7", "10.9.9.9"],
  ["an element that is no address", "10.1.2.3", "203.0.113.5, unknown", "10.1.2.3"],
  ["an address in octal", "10.1.2.3", "0313.0.0161.5", "10.1.2.3"],
  ["an element with a port", "10.1.2.3", "203.0.113.5:4711", "203.0.113.5"],
  ["an IPv6 element with a port", "2001:db8::1", "[2001:dead::9]:4711", "2001:dead::9"],
  ["an empty header", "10.1.2.3", "", "10.1.2.3"],
  ["a neighbour of a trusted address", "192.0.2.8", "203.0.113.5", "192.0.2.8"],
];

describe("peers", () => {
  for (const [what, socket, chain, peer] of cases) {
    it(`names the address behind ${what} (SEC-81)`, () => {
      assert.equal(peers(trusted)(request(socket, chain)), peer);
    });
  }

  it("believes nobody when no proxy is trusted", () => {
    assert.equal(peers([])(request("10.1.2.3", "203.0.113.5")), "10.1.2.3");
  });

  for (const entry of ["localhost", "10.0.0.0/33", "10.0.0.0/", "::1/129", "10.0.0/8", ""]) {
    it(`refuses to trust ${JSON.stringify(entry)}`, () => {
      assert.throws(() => peers([entry]), /neither an address nor a CIDR block/);
    });
  }
});
