// The one secret from outside the database, and the keys for single purposes made from it.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

/** A master key. `id`: 8 characters that name it in what it sealed and say nothing about it. */
export interface MasterKey {
  readonly id: string;
  readonly secret: KeyObject;
}

/**
 * What a key may be derived for. Each purpose has its own key and each key its one purpose. Keys
 * that sign ID tokens or OpenPGP messages are no rows here: they are random, and sealed at rest.
 */
export type Purpose = "sealing" | "refresh_successor" | "secret_pepper" | "audit_chain";

const keyBytes = 32;

const expand = (secret: KeyObject, info: string, length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, "", `gatewright 1 ${info}`, length));

/**
 * Derives the key of one purpose from a master key: 32 bytes by HKDF-SHA-256. The same master key
 * and purpose always give the same key; keys of two purposes tell nothing about each other. Source:
 * RFC 5869, SEC-20.
 */
export const derive = (master: MasterKey, purpose: Purpose): KeyObject =>
  createSecretKey(expand(master.secret, `purpose ${purpose}`, keyBytes));

/** Makes a master key of 32 random bytes. Other lengths are a fault. */
export const masterKey = (bytes: Uint8Array): MasterKey => {
  assert.equal(bytes.byteLength, keyBytes, "a master key must be 32 bytes");
  const secret = createSecretKey(bytes);
  return { id: expand(secret, "id", 6).toString("base64url"), secret };
};

/**
 * Reads a master key in the one form that the setting `secret` takes: 32 bytes as 44 characters of
 * base64 with padding. Anything else is a fault whose message says how to make one and does not
 * repeat the text.
 */
export const readMasterKey = (text: string): MasterKey => {
  assert.ok(
    /^[A-Za-z0-9+/]{43}=$/.test(text),
    "a master key must be 32 random bytes in base64; make one with: openssl rand -base64 32",
  );
  return masterKey(Buffer.from(text, "base64"));
};
