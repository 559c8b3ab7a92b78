// Reads credentials from the Authorization header: HTTP Basic and Bearer.

import { Buffer, isUtf8 } from "node:buffer";
import { Refusal } from "../core/refusal.ts";

/** A client's id and secret, sent as HTTP Basic. */
export interface BasicCredentials {
  readonly scheme: "basic";
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A token or assertion, sent as Bearer. */
export interface BearerCredentials {
  readonly scheme: "bearer";
  readonly token: string;
}

/** What an Authorization header may hold here. */
export type Credentials = BasicCredentials | BearerCredentials;

const headerLimit = 9 * 1024;
const clientIdLimit = 255;
const secretLimit = 1024;

const valueForm = /^ +([\w.~+/-]+=*)$/;
const control = /\p{Cc}/u;
const badEscape = /%(?![0-9A-Fa-f]{2})/;

const malformed = (why: string): never => {
  throw new Refusal("REQUEST_INVALID", { detail: `the Authorization header ${why}` });
};

/**
 * Undoes the form encoding that RFC 6749 puts on id and secret before Basic encodes them. Deployed
 * callers differ: careful libraries encode, many do not. So `+` and `%41` are decoded, and text in
 * which a `%` does not begin an escape, or whose escapes are not UTF-8, was plainly not encoded and
 * is taken as it is. Secrets that we make have neither character and mean the same either way.
 */
const formDecode = (text: string): string => {
  if (badEscape.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
};

const readable = (text: string, limit: number): string =>
  text.length > limit || control.test(text)
    ? malformed("has an over-long id or secret or a control character in it")
    : text;

const readBasic = (encoded: string): BasicCredentials => {
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.toString("base64") !== encoded || !isUtf8(bytes)) {
    return malformed("is not Basic with padded base64 of UTF-8 text");
  }
  const text = bytes.toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1) return malformed("has no id and colon in its Basic credentials");
  return {
    scheme: "basic",
    clientId: readable(formDecode(text.slice(0, colon)), clientIdLimit),
    clientSecret: readable(formDecode(text.slice(colon + 1)), secretLimit),
  };
};

const schemes: ReadonlyMap<string, (value: string) => Credentials> = new Map([
  ["basic", readBasic],
  ["bearer", (token: string): Credentials => ({ scheme: "bearer", token })],
]);

/**
 * Reads an Authorization header. `header`: its value, undefined when it is absent. Returns
 * undefined for an absent header, else the credentials, not yet believed. Throws
 * CLIENT_AUTHENTICATION_MISSING for another scheme, and REQUEST_INVALID with a `detail` for a
 * header over 9 KiB (an assertion as Bearer has up to 8), or one that does not follow the grammar:
 * Basic is canonical padded base64 of UTF-8 without control characters, id of 1 to 255 characters,
 * colon, secret of up to 1024. Source: RFC 7617 section 2, RFC 6750 section 2.1, RFC 6749 section
 * 2.3.1, D-06, D-08, D-65.
 */
export const readAuthorization = (header: string | undefined): Credentials | undefined => {
  if (header === undefined) return undefined;
  if (header.length > headerLimit) return malformed("is too long");
  const scheme = header.split(" ", 1)[0] as string;
  const read = schemes.get(scheme.toLowerCase());
  if (read === undefined) throw new Refusal("CLIENT_AUTHENTICATION_MISSING");
  const value = valueForm.exec(header.slice(scheme.length))?.[1];
  return value === undefined ? malformed("is not a scheme, a space and one value") : read(value);
};
