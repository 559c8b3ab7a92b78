// The borders of packets: found as GnuPG finds them, and nothing strange is taken for a packet.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { packetTags } from "../../server/identity/open_pgp/packets.ts";
import type { Gpg } from "../support/gpg.ts";
import { openGpg } from "../support/gpg.ts";

let gpg: Gpg;
let fingerprint: string;

before(async () => {
  gpg = openGpg();
  fingerprint = await gpg.makeKey();
});

after(() => gpg[Symbol.asyncDispose]());

/** The tags that gpg itself finds on the outside. */
const tagsByGpg = async (message: Uint8Array): Promise<number[]> => {
  const { output } = await gpg.run(["--list-packets"], message);
  const found = String(output).matchAll(/^# off=(\d+) ctb=\w+ tag=(\d+)/gm);
  return [...found].map(([, , tag]) => Number(tag));
};

const encryptTo = (...options: string[]) => [
  "--trust-model",
  "always",
  "-r",
  fingerprint,
  ...options,
  "--encrypt",
];

describe("the borders of packets", () => {
  const plain = ["--compress-algo", "uncompressed"];
  // Lengths of one, two and five octets, parts, old lengths, and one that ends with the message.
  for (const size of [0, 10, 150, 191, 192, 300, 8_383, 8_384, 70_000]) {
    it(`are those that GnuPG sees: ${size} bytes`, async () => {
      const text = randomBytes(size);
      const literal = await gpg.write([...plain, "--store"], text);
      assert.deepEqual(packetTags(literal, 10), await tagsByGpg(literal));
      const signature = await gpg.write(["-u", fingerprint, "--detach-sign"], text);
      const both = Buffer.concat([signature, literal]);
      assert.deepEqual(packetTags(both, 10), await tagsByGpg(both));
      const encrypted = await gpg.write(encryptTo(), text);
      assert.deepEqual(packetTags(encrypted, 10), [1, 18]);
      const compressed = await gpg.write(["--store"], text);
      assert.deepEqual(packetTags(compressed, 10), [8]);
    });
  }

  it("are those of keys", async () => {
    const key = await gpg.write(["--export", fingerprint]);
    assert.deepEqual(packetTags(key, 10), [6, 13, 2, 14, 2]);
    assert.deepEqual(packetTags(key, 10), await tagsByGpg(key));
  });

  it("are looked for only as far as there may be any", () => {
    const empty = (count: number) => Buffer.concat(Array(count).fill(Buffer.from([0xfc, 0])));
    assert.equal(packetTags(empty(100), 100)?.length, 100);
    assert.equal(packetTags(empty(101), 100), undefined);
  });

  it("are nowhere in what was cut off within a packet", async () => {
    const key = await gpg.write(["--export", fingerprint]);
    const whole = [];
    for (let end = 0; end <= key.length; end++) {
      const found = packetTags(key.subarray(0, end), 10);
      if (found) whole.push(found);
    }
    assert.deepEqual(whole, [[], [6], [6, 13], [6, 13, 2], [6, 13, 2, 14], [6, 13, 2, 14, 2]]);
  });

  it("are found or not in any bytes, and that is all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const found = packetTags(bytes, 20);
        assert.ok(found === undefined || (found.length <= 20 && found.every((tag) => tag < 64)));
      }),
    );
  });
});
