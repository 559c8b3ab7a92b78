// Takes a signed token in compact form apart, accepting exactly one spelling of it.

import { Buffer } from "node:buffer";
import { type JsonObject, type Refuse, readJsonObject } from "./strict_json.ts";

/** A compact JWS in its parts, none of them believed yet. */
export interface CompactJws {
  readonly header: JsonObject;
  /** Reads the second part; a function, so that a token refused for its header costs no more. */
  readonly readPayload: () => JsonObject;
  /** The bytes that the signature is about: the first two parts with the dot between them. */
  readonly signed: Buffer;
  /** 64 bytes: r and s of an ECDSA signature on P-256. */
  readonly signature: Buffer;
}

const lengthLimit = 8 * 1024;
const signatureCharacters = 86;

/**
 * Decodes base64url and demands that encoding the bytes gives the same text again. That one
 * comparison refuses foreign characters, padding, white space, impossible lengths and a last
 * character with spare bits, so each byte sequence has one spelling.
 */
const decode = (text: string, refuse: Refuse): Buffer => {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : refuse("a part is not canonical base64url");
};

/**
 * Reads the compact form of a token signed with a P-256 key. `text`: three non-empty parts of at
 * most 8 KiB in all, unpadded canonical base64url, the first two strict JSON objects, the third of
 * exactly 86 characters. Calls `refuse` otherwise, for the payload when it is read; no
 * cryptography, and time bounded by the limit. Source: RFC 7515 sections 2 and 7.1, D-05, SEC-09,
 * SEC-10.
 */
export const readCompactJws = (text: string, refuse: Refuse): CompactJws => {
  if (text.length > lengthLimit) return refuse("it is longer than 8 KiB");
  const first = text.indexOf(".");
  const second = text.indexOf(".", first + 1);
  if (first < 1 || second < first + 2) return refuse("it does not have three parts");
  if (text.length - second - 1 !== signatureCharacters) {
    return refuse("its last part is not the 86 characters of an ES256 signature");
  }
  const signature = decode(text.slice(second + 1), refuse);
  return {
    header: readJsonObject(decode(text.slice(0, first), refuse), refuse),
    readPayload: () => readJsonObject(decode(text.slice(first + 1, second), refuse), refuse),
    signed: Buffer.from(text.slice(0, second), "latin1"),
    signature,
  };
};
