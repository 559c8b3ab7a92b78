// What of OpenPGP is good enough here: kinds of keys, hashes, sizes.
import { type Config, config as defaults, enums, type PublicKey, type Subkey } from "openpgp";

// How far the clock of a phone may be ahead of ours.
const clockLeadMs = 5 * 60_000;

/**
 * The longest message that is read, and the most that it may inflate to, in bytes. An answer has a few hundred;
 * in more than this there would be room for so many empty packets that reading them takes seconds.
 */
export const messageLimitBytes = 8 * 1024;

/** What openpgp.js holds to everywhere, in addition to what it does by itself. Source: D-53, SEC-50. */
export const config: Config = {
  ...defaults,
  aeadProtect: false,
  preferredCompressionAlgorithm: enums.compression.uncompressed,
  preferredSymmetricAlgorithm: enums.symmetric.aes256,
  maxDecompressedMessageSize: messageLimitBytes,
  minRSABits: 2048,
  rejectHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1]),
};

const curves = new Set(["nistP256", "nistP384", "nistP521", "ed25519Legacy", "curve25519Legacy"]);
const kinds = new Set(["rsaEncryptSign", "ecdsa", "eddsaLegacy", "ecdh"]);
const maxRsaBits = 4096;
const minRsaBits = 2048;

/** Says what kinds of keys are accepted. */
export const acceptedKinds =
  "RSA of 2048 to 4096 bits, NIST P-256, P-384 and P-521, Ed25519 and Curve25519 as GnuPG 2.2 makes them";

/** The instant at which keys and signatures have to be good. */
export const asOf = (): Date => new Date(Date.now() + clockLeadMs);

/** Tells whether a key or subkey is of a kind that GnuPG 2.2 can use and that is strong. */
export const isAcceptedKind = (key: PublicKey | Subkey): boolean => {
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  if (key.keyPacket.version !== 4 || !kinds.has(algorithm)) return false;
  if (bits !== undefined) return bits >= minRsaBits && bits <= maxRsaBits;
  return curve !== undefined && curves.has(curve);
};
