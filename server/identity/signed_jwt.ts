// Signs JWTs with our keys, for whatever purpose.

import { Buffer } from "node:buffer";
import { sign } from "node:crypto";
import type { SigningKey } from "./signing_keys.ts";

/**
 * Signs a payload and returns the compact form: ES256, `typ` JWT, the key's `kid`. Synchronous, at the
 * cost of one signature. Source: RFC 7515 section 7.1, D-61.
 */
export const signJwt = (key: SigningKey, payload: Readonly<Record<string, unknown>>): string => {
  const text = `${key.header}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}`;
  const signer = { key: key.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${text}.${sign("sha256", Buffer.from(text), signer).toString("base64url")}`;
};
