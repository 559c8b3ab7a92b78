// The work of the thread, kind by kind.
import { generateKey, type PublicKey } from "openpgp";
import type { OpenPgpKey } from "../open_pgp.ts";
import { checkKey } from "./check_key.ts";
import type { Work } from "./job.ts";
import { parsedKeys } from "./keys.ts";
import { decryptFrom, encryptTo } from "./messages.ts";
import { asOf, config } from "./policy.ts";

// So that no phone whose clock is behind takes the key for one from the future.
const backdatedMs = 24 * 3_600_000;

/** Makes a key pair for signing, with a subkey for encryption, both of the kinds that GnuPG 2.2 knows. */
async function newKey(): Promise<OpenPgpKey> {
  const { privateKey, publicKey } = await generateKey({
    type: "ecc",
    curve: "curve25519Legacy",
    userIDs: { name: "Gatewright" },
    date: new Date(Date.now() - backdatedMs),
    format: "object",
    config,
  });
  const fingerprint = publicKey.getFingerprint().toUpperCase();
  return { id: fingerprint, publicKey: publicKey.armor(), privateKey: privateKey.armor() };
}

/** Tells whether a key that was checked is still valid: it may have expired since. */
async function canBeEncryptedTo(key: PublicKey): Promise<boolean> {
  try {
    await key.getEncryptionKey(undefined, asOf(), undefined, config);
    return true;
  } catch {
    return false;
  }
}

/** Gives what does the work; keys are kept parsed for as long as it lives. */
export const work = (): Work => {
  const keys = parsedKeys();
  return {
    checkKey: ({ armored }) => checkKey(armored),
    generateKey: newKey,
    async encrypt({ text, to, from }) {
      const [recipient, signer] = [await keys.publicKey(to), await keys.privateKey(from)];
      try {
        return await encryptTo(recipient, Buffer.from(text), signer);
      } catch (error) {
        if (await canBeEncryptedTo(recipient)) throw error;
        return undefined;
      }
    },
    async decrypt({ message, to, from }) {
      const [recipient, signer] = [await keys.privateKey(to), await keys.publicKey(from)];
      return decryptFrom(message, recipient, signer);
    },
  };
};

/** Does everything once, so that the first phone does not wait for it. */
export async function warm({ generateKey, encrypt, decrypt, checkKey }: Work): Promise<void> {
  const key = await generateKey({});
  const message = await encrypt({ text: "warm", to: key, from: key });
  if (message === undefined) throw new Error("a fresh OpenPGP key has expired");
  const text = await decrypt({ message, to: key, from: key });
  const { kind } = await checkKey({ armored: key.publicKey });
  if (text !== "warm" || kind !== "accepted") throw new Error("OpenPGP does not work");
}
