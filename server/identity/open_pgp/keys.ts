// Parsed keys, kept within bounds: reading and verifying one costs as much as a message does.
import { LRUCache } from "lru-cache";
import { type PrivateKey, type PublicKey, readKey, readPrivateKey } from "openpgp";
import type { OpenPgpKey, OpenPgpPublicKey } from "../open_pgp.ts";

/** Gives the parsed keys. A text that is not the key it was kept as is a fault. */
export interface ParsedKeys {
  publicKey(key: OpenPgpPublicKey): Promise<PublicKey>;
  privateKey(key: OpenPgpKey): Promise<PrivateKey>;
}

interface Kept<Key> {
  readonly armored: string;
  readonly key: Key;
}

/** How many characters of armor are kept parsed: 5,000 usual keys, which take eleven bytes for each character. */
const keptCharacters = 4 * 1024 * 1024;

/** Remembers keys by id, and trusts none whose text is another than the remembered one. */
const remembering = <Key>(read: (armored: string) => Promise<Key>) => {
  const kept = new LRUCache<string, Kept<Key>>({
    maxSize: keptCharacters,
    sizeCalculation: ({ armored }) => armored.length,
  });
  return async (id: string, armored: string): Promise<Key> => {
    const known = kept.get(id);
    if (known?.armored === armored) return known.key;
    const key = await read(armored);
    kept.set(id, { armored, key });
    return key;
  };
};

/** Opens the place where parsed keys are kept, the most recently used ones. */
export const parsedKeys = (): ParsedKeys => {
  const publicKeys = remembering((armoredKey) => readKey({ armoredKey }));
  const privateKeys = remembering((armoredKey) => readPrivateKey({ armoredKey }));
  return {
    publicKey: ({ id, publicKey }) => publicKeys(id, publicKey),
    privateKey: ({ id, privateKey }) => privateKeys(id, privateKey),
  };
};
