// Signs ID tokens.

import { hash } from "node:crypto";
import type { Seconds } from "../core/clock.ts";
import { signJwt } from "./signed_jwt.ts";
import type { SigningKey } from "./signing_keys.ts";

/** What an ID token says. Instants are seconds since the epoch. */
export interface IdTokenClaims {
  readonly issuer: string;
  readonly subject: string;
  /** The client that the token is for. */
  readonly audience: string;
  readonly issuedAt: Seconds;
  readonly expiresAt: Seconds;
  readonly authenticatedAt: Seconds;
  /** How the user was authenticated, in the script's words; absent when it gave none. */
  readonly amr?: readonly string[] | undefined;
  /** The access token given along with it. */
  readonly accessToken?: string | undefined;
  /** Further members of the script's `user`, JSON values by name. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The claims that mean something to whoever verifies an ID token. A script's attributes are never
 * written under these names. Source: OpenID Connect Core 1.0 sections 2, 3.1.3.6, 3.3.2.11, 5.6.2
 * and 7.4, RFC 7519 section 4.1, RFC 7800, RFC 8417, RFC 8693, OpenID Connect session management,
 * FAPI 1.0 part 2, CIBA, D-19.
 */
export const registeredClaims: ReadonlySet<string> = new Set([
  "iss",
  "sub",
  "aud",
  "exp",
  "nbf",
  "iat",
  "jti",
  "auth_time",
  "nonce",
  "acr",
  "amr",
  "azp",
  "at_hash",
  "c_hash",
  "s_hash",
  "sid",
  "sub_jwk",
  "cnf",
  "act",
  "may_act",
  "client_id",
  "scope",
  "events",
  "_claim_names",
  "_claim_sources",
  "urn:openid:params:jwt:claim:rt_hash",
  "urn:openid:params:jwt:claim:auth_req_id",
]);

/** Gives the left half of the hash of an access token, which ties the two tokens together. */
const accessTokenHash = (token: string): string =>
  hash("sha256", token, "buffer").subarray(0, 16).toString("base64url");

const payloadOf = (claims: IdTokenClaims): Record<string, unknown> => {
  const payload: Record<string, unknown> = Object.create(null);
  payload.iss = claims.issuer;
  payload.sub = claims.subject;
  payload.aud = claims.audience;
  payload.exp = claims.expiresAt;
  payload.iat = claims.issuedAt;
  payload.auth_time = claims.authenticatedAt;
  if (claims.amr !== undefined) payload.amr = claims.amr;
  if (claims.accessToken !== undefined) payload.at_hash = accessTokenHash(claims.accessToken);
  for (const [name, value] of Object.entries(claims.attributes ?? {})) {
    if (!registeredClaims.has(name)) payload[name] = value;
  }
  return payload;
};

/**
 * Signs an ID token and returns it in compact form: ES256, `typ` JWT, the key's `kid`; the claims
 * iss, sub, aud, exp, iat, auth_time, and amr and at_hash where there are any; then the attributes,
 * except those named like a registered claim. Synchronous, at the cost of one signature. Source:
 * OpenID Connect Core 1.0 sections 2 and 3.1.3.6, RFC 7515 section 7.1, D-13, D-19, D-61, SEC-26.
 */
export const signIdToken = (key: SigningKey, claims: IdTokenClaims): string =>
  signJwt(key, payloadOf(claims));
