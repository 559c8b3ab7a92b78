// Keys that gpg does not make: taken apart and put together with openpgp.js.
import assert from "node:assert/strict";
import {
  config,
  type enums,
  generateKey,
  type PacketList,
  PrivateKey,
  PublicKey,
  readKey,
  readPrivateKey,
  reformatKey,
  type SecretKeyPacket,
} from "openpgp";

type Packets = PacketList<never>;

/** Gives the public half of a key whose first subkey is revoked, by a signature with this hash. */
export async function revokedSubkey(armoredKey: string, hash: enums.hash): Promise<string> {
  const key = await readPrivateKey({ armoredKey });
  const [subkey] = key.subkeys;
  assert.ok(subkey);
  const owner = key.keyPacket as SecretKeyPacket;
  // A salt is longer than SHA-1 has room for.
  const own = { preferredHashAlgorithm: hash, nonDeterministicSignaturesViaNotation: false };
  const revoked = await subkey.revoke(owner, undefined, undefined, { ...config, ...own });
  assert.equal(revoked.revocationSignatures[0]?.hashAlgorithm, hash);
  key.subkeys[0] = revoked;
  return key.toPublic().armor();
}

/** Gives the public half of a key with the subkeys of another appended, signatures and all. */
export async function strangersSubkey(armoredKey: string, stranger: string): Promise<string> {
  const packets = (await readPrivateKey({ armoredKey })).toPublic().toPacketList() as Packets;
  const { subkeys } = await readKey({ armoredKey: stranger });
  for (const { keyPacket, bindingSignatures } of subkeys) {
    packets.push(keyPacket as never, ...(bindingSignatures as never[]));
  }
  return new PublicKey(packets).armor();
}

/** Gives an RSA key with a modulus of 8192 bits, which takes too long to make. */
export async function strengthened(armoredKey: string): Promise<string> {
  const key = await readKey({ armoredKey });
  const { publicParams } = key.keyPacket as unknown as { publicParams: { n: Uint8Array } };
  publicParams.n = new Uint8Array(1024).fill(0xff);
  return key.armor();
}

/** Gives a key that its owner has signed although the point of its subkey is not on the curve. */
export async function damagedKey(): Promise<string> {
  const userIDs = { name: "phone" };
  const { privateKey } = await generateKey({
    type: "ecc",
    curve: "nistP256",
    userIDs,
    format: "object",
  });
  const [subkey] = privateKey.subkeys;
  assert.ok(subkey);
  const { publicParams } = subkey.keyPacket as unknown as { publicParams: { Q: Uint8Array } };
  publicParams.Q.fill(7, 1);
  const packets = privateKey.toPacketList() as Packets;
  const { publicKey } = await reformatKey({
    privateKey: new PrivateKey(packets),
    userIDs,
    format: "object",
  });
  return publicKey.armor();
}
