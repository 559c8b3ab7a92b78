// Makes client assertions for tests, right ones unless told otherwise.

import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { milliseconds, seconds } from "../../server/core/clock.ts";
import { Refusal } from "../../server/core/refusal.ts";
import {
  type AssertionRules,
  readAssertion,
  type VerifiedAssertion,
  verifyAssertion,
} from "../../server/identity/assertion.ts";
import type { ClientKeys } from "../../server/identity/client_keys.ts";

export const issuer = "https://token-server.example.com/oauth";
export const clientId = "installation-4711";
export const nowSeconds = 1_800_000_000;
export const now = milliseconds(nowSeconds * 1000);
export const rules: AssertionRules = { issuer, now, maxLifetime: seconds(3600) };

export const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const keys: ClientKeys = new Map([["k1", pair.publicKey]]);

export const goodHeader = { alg: "ES256", kid: "k1", typ: "JWT" };
export const goodClaims = {
  iss: clientId,
  sub: clientId,
  aud: issuer,
  exp: nowSeconds + 60,
  iat: nowSeconds,
  jti: "one",
};

export const encode = (text: string | Uint8Array): string =>
  Buffer.from(text as string).toString("base64url");

/** What a forged assertion differs in from a right one. */
export interface Forgery {
  /** Members laid over the good header; undefined removes one. */
  readonly header?: Record<string, unknown>;
  /** Members laid over the good claims; undefined removes one. */
  readonly claims?: Record<string, unknown>;
  /** In place of the whole header. */
  readonly headerText?: string | Uint8Array;
  /** In place of all claims. */
  readonly claimsText?: string | Uint8Array;
  readonly key?: KeyObject;
}

/** Signs an assertion that differs in the given respects; the signature is right for its key. */
export const forge = ({ header, claims, headerText, claimsText, key }: Forgery = {}): string => {
  const first = encode(headerText ?? JSON.stringify({ ...goodHeader, ...header }));
  const second = encode(claimsText ?? JSON.stringify({ ...goodClaims, ...claims }));
  const signed = `${first}.${second}`;
  const signer = { key: key ?? pair.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${signed}.${sign("sha256", Buffer.from(signed), signer).toString("base64url")}`;
};

/** Reads and verifies an assertion by the rules of these tests. */
export const believe = (assertion: string, over: Partial<AssertionRules> = {}): VerifiedAssertion =>
  verifyAssertion(readAssertion(assertion), keys, { ...rules, ...over });

/** Gives the refusal that a piece of work ends in; anything else that is thrown passes through. */
export const refusalOf = (work: () => unknown): Refusal | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
};
