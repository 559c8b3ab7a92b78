// OpenPGP keys of phones whose messages nobody reads.
import { generateKey } from "openpgp";

/** Gives the armored public key of a new pair, of a kind that is accepted. */
export async function newPublicKey(): Promise<string> {
  const { publicKey } = await generateKey({
    type: "ecc",
    curve: "curve25519Legacy",
    userIDs: [{ name: "phone" }],
  });
  return publicKey;
}
