// A signature by hand, as newer programs make it: it names the recipients that it is meant for.
import type { KeyObject } from "node:crypto";
import { createHash, createPrivateKey, sign } from "node:crypto";
import { readPrivateKey } from "openpgp";

// RFC 9580 sections 5.2.3 and 9.1: a binary document, EdDSA as GnuPG 2.2 has it, SHA-256.
const head = [4, 0, 22, 8];
const subpackets = { created: 2, issuer: 16, issuerFingerprint: 33, intendedRecipient: 35 };

const subpacket = (type: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([body.length + 1, type]), body]);

const withLength = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A number as OpenPGP writes it: how many bits, then its bytes without zeros in front. */
function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(start);
  const bits = Buffer.alloc(2);
  bits.writeUInt16BE(digits.length * 8 - Math.clz32(digits.readUInt8(0)) + 24);
  return Buffer.concat([bits, digits]);
}

const fingerprintBody = (fingerprint: string): Buffer =>
  Buffer.concat([Buffer.from([4]), Buffer.from(fingerprint, "hex")]);

/** Gives the Ed25519 key of an armored private key, and its fingerprint. */
async function signerOf(armoredKey: string): Promise<{ key: KeyObject; fingerprint: string }> {
  const { keyPacket } = await readPrivateKey({ armoredKey });
  const { privateParams, publicParams } = keyPacket as unknown as {
    privateParams: { seed: Uint8Array };
    publicParams: { Q: Uint8Array };
  };
  const coded = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  const [d, x] = [coded(privateParams.seed), coded(publicParams.Q.subarray(1))];
  const key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", d, x }, format: "jwk" });
  return { key, fingerprint: keyPacket.getFingerprint() };
}

/** Gives the part that is signed, beside the text itself. */
function signedPart(fingerprint: string, recipients: readonly string[]): Buffer {
  const created = Buffer.alloc(4);
  created.writeUInt32BE(Math.floor(Date.now() / 1000));
  const parts = [
    subpacket(subpackets.created, created),
    subpacket(subpackets.issuerFingerprint, fingerprintBody(fingerprint)),
    ...recipients.map((each) => subpacket(subpackets.intendedRecipient, fingerprintBody(each))),
  ];
  return Buffer.concat([Buffer.from(head), withLength(Buffer.concat(parts))]);
}

/** Signs a text with the Ed25519 key of an armored private key, for the recipients with these fingerprints. */
export async function signatureFor(
  text: string,
  armoredKey: string,
  recipients: readonly string[],
): Promise<Buffer> {
  const { key, fingerprint } = await signerOf(armoredKey);
  const signed = signedPart(fingerprint, recipients);
  const trailer = Buffer.from([4, 0xff, 0, 0, 0, signed.length]);
  const digest = createHash("sha256").update(text).update(signed).update(trailer).digest();
  const value = sign(null, digest, key);
  const body = Buffer.concat([
    signed,
    withLength(subpacket(subpackets.issuer, Buffer.from(fingerprint.slice(-16), "hex"))),
    digest.subarray(0, 2),
    integer(value.subarray(0, 32)),
    integer(value.subarray(32)),
  ]);
  // The tag of an old packet whose length is in two octets.
  return Buffer.concat([Buffer.from([0x89]), withLength(body)]);
}
