// Messages: encrypted and signed, decrypted and verified.
import { isDeepStrictEqual } from "node:util";
import {
  createMessage,
  decrypt,
  encrypt,
  generateSessionKey,
  type PrivateKey,
  type PublicKey,
  readMessage,
  type SignaturePacket,
  sign,
} from "openpgp";
import { packetTags, tags } from "./packets.ts";
import { asOf, config, messageLimitBytes } from "./policy.ts";

// Intended Recipient Fingerprint (RFC 9580 section 5.2.3.36), which openpgp.js does not look at.
const intendedRecipient = 35;

// What is unknown in a message is not passed over.
const strict = { ...config, ignoreUnsupportedPackets: false };

/**
 * Encrypts bytes to one key: AES in SEIPD version 1, whatever else the key says that it could read, so that
 * GnuPG 2.2 can; uncompressed; signed when there is a signer. Source: D-53, SEC-49.
 */
export async function encryptTo(
  recipient: PublicKey,
  bytes: Uint8Array,
  signer?: PrivateKey,
): Promise<Uint8Array> {
  const plain = await createMessage({ binary: bytes });
  const message = signer
    ? await sign({ message: plain, signingKeys: signer, format: "object", config })
    : plain;
  const date = asOf();
  const { data, algorithm } = await generateSessionKey({
    encryptionKeys: recipient,
    date,
    config,
  });
  return encrypt({
    message,
    encryptionKeys: recipient,
    // Without the AEAD algorithm, which it has for keys that can do more than GnuPG 2.2.
    sessionKey: { data, algorithm },
    format: "binary",
    date,
    config,
  });
}

/** Tells whether a message is one session key for one recipient and data of proven integrity, no more. */
const isForOne = (bytes: Uint8Array): boolean =>
  isDeepStrictEqual(packetTags(bytes, 2), [tags.sessionKeyForPublicKey, tags.protectedData]);

/** Tells whether a signature that names recipients names this one. */
function isMeantFor(signature: SignaturePacket, recipient: PrivateKey): boolean {
  const named = signature.unknownSubpackets.filter(({ type }) => type === intendedRecipient);
  const own = recipient.getFingerprint();
  return (
    named.length === 0 ||
    named.some(({ body }) => Buffer.from(body.subarray(1)).toString("hex") === own)
  );
}

/** Gives the bytes of a message, or throws whatever is wrong with it. */
async function open(
  bytes: Uint8Array,
  recipient: PrivateKey,
  signer: PublicKey,
): Promise<Uint8Array> {
  if (!isForOne(bytes)) throw new Error("not one encrypted message for one recipient");
  const { data, signatures } = await decrypt({
    message: await readMessage({ binaryMessage: bytes, config: strict }),
    decryptionKeys: recipient,
    verificationKeys: signer,
    expectSigned: true,
    format: "binary",
    date: asOf(),
    config: strict,
  });
  const [only, ...more] = signatures;
  if (!only || more.length > 0) throw new Error("not exactly one signature");
  await only.verified;
  const { packets } = await only.signature;
  const isMeant = packets.every((packet) => isMeantFor(packet as SignaturePacket, recipient));
  if (!isMeant) throw new Error("signed for another recipient");
  return data as Uint8Array;
}

/**
 * Gives the text of a message, undefined when anything about it is wrong: why is nobody's business but the
 * sender's, who sees that his answer was none. Source: D-52, D-53, SEC-50.
 */
export async function decryptFrom(
  bytes: Uint8Array,
  recipient: PrivateKey,
  signer: PublicKey,
): Promise<string | undefined> {
  if (bytes.length > messageLimitBytes) return undefined;
  try {
    const plain = await open(bytes, recipient, signer);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    return undefined;
  }
}
