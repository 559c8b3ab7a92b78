// Seals secrets before they are stored, so that a copy of the database alone is worth nothing.

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
import { derive, type MasterKey } from "./master_key.ts";

/** Seals and opens secrets, each bound to the record that it belongs to. */
export interface Sealer {
  /**
   * Seals a secret under the first master key. `identity`: what names the record for ever, such as
   * `signing_key/<kid>`; the sealed text opens under no other. Returns text of `[A-Za-z0-9_.-]`,
   * different each time.
   */
  seal(identity: string, secret: string): string;
  /**
   * Opens what was sealed for this identity under any known master key. A text that is unknown in
   * form, was sealed under a key not known here, belongs to another record or was changed is a
   * fault, and its message tells which.
   */
  open(identity: string, sealed: string): string;
  /** Tells whether a sealed text is under the first master key, or ought to be sealed again. */
  isCurrent(sealed: string): boolean;
}

const version = "s1";
const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const head = /^s1\.([\w-]{8})\.([\w-]{16})\./;

/** Binds version, key and record to the ciphertext; the first two have a fixed length. */
const associatedData = (keyId: string, identity: string): Buffer =>
  Buffer.from(`${version}.${keyId}.${identity}`);

const parts = (sealed: string): { keyId: string; nonce: Buffer; body: Buffer } => {
  const [beginning = "", keyId = "", nonce = ""] = head.exec(sealed) ?? [];
  // What is sealed may be megabytes long, for which no regular expression has the stack.
  const text = sealed.slice(beginning.length);
  const body = Buffer.from(text, "base64url");
  if (beginning === "" || body.length < tagBytes || body.toString("base64url") !== text) {
    throw new Error("a sealed record has not the form of one");
  }
  return { keyId, nonce: Buffer.from(nonce, "base64url"), body };
};

const decrypt = (key: KeyObject, data: Buffer, nonce: Buffer, body: Buffer): string => {
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(data);
  decipher.setAuthTag(body.subarray(-tagBytes));
  const opened = decipher.update(body.subarray(0, -tagBytes), undefined, "utf8");
  return opened + decipher.final("utf8");
};

/**
 * Makes the sealer of some master keys. The first seals, all open, so a new one is put in front and
 * old ones stay until everything is sealed again: open what is not `isCurrent`, seal it, store it.
 * AES-256-GCM under a key derived for sealing, a random nonce of 96 bits, and key id and identity
 * as associated data; one master key must not seal more than 2^32 times. Source: NIST SP 800-38D
 * section 8.3, SEC-19.
 */
export const sealer = (masters: readonly [MasterKey, ...MasterKey[]]): Sealer => {
  const keys = new Map(masters.map((master) => [master.id, derive(master, "sealing")]));
  const current = masters[0].id;

  const keyOf = (keyId: string, identity: string): KeyObject => {
    const key = keys.get(keyId);
    if (key !== undefined) return key;
    throw new Error(
      `${identity} is sealed under master key ${keyId}, which is not in the settings`,
    );
  };

  return {
    seal(identity, secret) {
      const nonce = randomBytes(nonceBytes);
      const key = keyOf(current, identity);
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(associatedData(current, identity));
      const body = Buffer.concat([
        cipher.update(secret, "utf8"),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return `${version}.${current}.${nonce.toString("base64url")}.${body.toString("base64url")}`;
    },
    open(identity, sealed) {
      const { keyId, nonce, body } = parts(sealed);
      const key = keyOf(keyId, identity);
      try {
        return decrypt(key, associatedData(keyId, identity), nonce, body);
      } catch (cause) {
        throw new Error(`${identity} cannot be opened: it was changed or is another record's`, {
          cause,
        });
      }
    },
    isCurrent: (sealed) => parts(sealed).keyId === current,
  };
};
