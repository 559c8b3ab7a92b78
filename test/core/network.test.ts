// Which addresses count as one caller.
import assert from "node:assert/strict";
import { networkOf } from "../../server/core/network.ts";

describe("networkOf (SEC-75)", () => {
  const rows: readonly [string, string, string][] = [
    ["an IPv4 address", "203.0.113.5", "203.0.113.5"],
    ["an IPv4 address that is mapped", "::ffff:203.0.113.5", "203.0.113.5"],
    ["an IPv6 address", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["its neighbour, spelt in another way", "2001:DB8:1:2::ffff", "2001:db8:1:2::/64"],
    ["another network", "2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["an address with a zone", "fe80::1%eth0", "fe80::/64"],
    ["a socket without address", "unix:/run/x", "unix:/run/x"],
    ["nothing", "", ""],
  ];
  for (const [what, address, expected] of rows) {
    it(`gives ${expected || "nothing"} for ${what}`, () => {
      assert.equal(networkOf(address), expected);
    });
  }
});
