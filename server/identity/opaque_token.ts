// Access and refresh tokens: random values without meaning of their own, stored only hashed.

import { Buffer } from "node:buffer";
import { createHmac, hash, type KeyObject, randomFillSync } from "node:crypto";

const tokenBytes = 32;
const poolBytes = 8 * 1024;
const form = /^[0-9A-F]{64}$/;

const hexOf = (bytes: Buffer): string => bytes.toString("hex").toUpperCase();

/**
 * Gives a function that makes a new token at each call: 256 bits of the system's generator as 64
 * upper-case hexadecimal characters. The bits are drawn 8 KiB at a time, which makes a token twenty
 * times cheaper, and wiped once used. Source: product 7.2, D-61, SEC-21.
 */
export const tokenSource = (): (() => string) => {
  const pool = Buffer.alloc(poolBytes);
  let used = poolBytes;
  return () => {
    if (used === poolBytes) {
      randomFillSync(pool);
      used = 0;
    }
    const bytes = pool.subarray(used, used + tokenBytes);
    used += tokenBytes;
    const token = hexOf(bytes);
    bytes.fill(0);
    return token;
  };
};

/**
 * Tells whether a text has the form of a token: 64 upper-case hexadecimal characters. Source: D-61.
 */
export const isTokenForm = (text: string): boolean => form.test(text);

/**
 * Gives what is stored and looked up in place of a token: the SHA-256 of its characters as 43
 * characters of base64url. The token has 256 random bits, so neither salt nor slowness is needed.
 * Any text may be given. Source: D-61, SEC-22.
 */
export const hashToken = (token: string): string => hash("sha256", token, "base64url");

/**
 * Gives the token that follows a refresh token when it is used: always the same one for the same
 * key and token, and of the same form, so that an answer lost on its way can be given again without
 * the token being stored. `key`: derived for the purpose `refresh_successor`, the same one for the
 * whole life of the token. Source: RFC 2104, D-62.
 */
export const successorOf = (key: KeyObject, token: string): string =>
  createHmac("sha256", key).update(token).digest("hex").toUpperCase();
