// OpenPGP between a phone and the server. The library is loaded by those who need it only.
import type { PrivateKey } from "openpgp";
import { fromBase64, toBase64 } from "./base64.ts";
import { SdkError } from "./error.ts";

const load = () => import("openpgp");

/** A key pair, armored. */
export interface OpenPgpKeys {
  readonly privateKey: string;
  readonly publicKey: string;
  /** In upper-case hexadecimal. */
  readonly fingerprint: string;
}

/** Makes the key pair of a user, as old as `date` says: one that GnuPG 2.2 reads as well. Source: D-53. */
export async function makeOpenPgpKeys(name: string, date: Date): Promise<OpenPgpKeys> {
  const { generateKey, readKey } = await load();
  const made = await generateKey({
    type: "ecc",
    curve: "curve25519Legacy",
    userIDs: [{ name }],
    date,
    format: "armored",
    config: { aeadProtect: false },
  });
  const { publicKey, privateKey } = made;
  const key = await readKey({ armoredKey: publicKey });
  return { publicKey, privateKey, fingerprint: key.getFingerprint().toUpperCase() };
}

/** Gives the public half of a private key, armored. */
export async function publicHalf(privateKey: string): Promise<string> {
  const { readPrivateKey } = await load();
  const key = await readPrivateKey({ armoredKey: privateKey });
  return key.toPublic().armor();
}

/** The keys of a conversation, armored, and its time. */
export interface Conversation {
  /** The user's private key. */
  readonly own: string;
  /** The server's public key. */
  readonly server: string;
  /** The time by the clock of the server: nothing is signed in its future, and nothing in the phone's. */
  now(): Date;
}

async function keysOf({ own, server }: Conversation) {
  const { readKey, readPrivateKey } = await load();
  const decryptionKeys: PrivateKey = await readPrivateKey({ armoredKey: own });
  return { own: decryptionKeys, server: await readKey({ armoredKey: server }) };
}

// A message of the largest size that a server may be set to, and what holds it.
const mostBytes = 8 << 20;

/**
 * Opens a message of the server: base64 of a text that is encrypted to the user and signed by the server. Throws
 * NOT_HANDLEABLE for anything else. Source: D-52, D-53.
 */
export async function openMessage(text: string, conversation: Conversation): Promise<string> {
  const { decrypt, readMessage } = await load();
  try {
    const { own, server } = await keysOf(conversation);
    const bytes = fromBase64(text);
    if (!bytes) throw new Error("The message is not base64.");
    const { data } = await decrypt({
      message: await readMessage({ binaryMessage: bytes }),
      decryptionKeys: own,
      verificationKeys: server,
      expectSigned: true,
      date: conversation.now(),
      format: "binary",
      config: { maxDecompressedMessageSize: mostBytes },
    });
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch (cause) {
    throw new SdkError("NOT_HANDLEABLE", "The message is not one of the server's.", { cause });
  }
}

/** Closes a text for the server: encrypted to it and signed by the user, as base64. Source: D-52. */
export async function closeAnswer(text: string, conversation: Conversation): Promise<string> {
  const { createMessage, encrypt } = await load();
  const { own, server } = await keysOf(conversation);
  const encrypted = await encrypt({
    message: await createMessage({ binary: new TextEncoder().encode(text) }),
    encryptionKeys: server,
    signingKeys: own,
    date: conversation.now(),
    format: "binary",
    config: { aeadProtect: false },
  });
  return toBase64(encrypted);
}
