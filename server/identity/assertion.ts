// Believes a client assertion (private_key_jwt) in two steps: read cheaply, then verified.

import { generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { type Milliseconds, milliseconds, type Seconds } from "../core/clock.ts";
import { Refusal } from "../core/refusal.ts";
import type { ClientKeys } from "./client_keys.ts";
import { readCompactJws } from "./compact_jws.ts";
import type { Json, JsonObject, Refuse } from "./strict_json.ts";

/**
 * What an assertion says of itself, in the right form and of the right types but not yet believed.
 */
export interface ClaimedAssertion {
  /** `iss` and `sub`: 1 to 255 printable ASCII characters. */
  readonly clientId: string;
  readonly kid: string;
  /** The only value of `aud`. */
  readonly audience: string;
  /** `exp`, finite, in seconds since the epoch, perhaps with a fraction. */
  readonly expiresAt: number;
  readonly issuedAt: number | undefined;
  readonly notBefore: number | undefined;
  /** Any 1 to 128 Unicode characters: store it hashed or encoded, never bare. */
  readonly jti: string;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/**
 * An assertion that is believed, but for having been used before: that is the store's to decide.
 */
export interface VerifiedAssertion {
  readonly clientId: string;
  readonly jti: string;
  /**
   * The instant from which it is refused, leeway included; the mark of its `jti` must live until
   * then.
   */
  readonly expiresAt: Milliseconds;
}

/** What a verification measures an assertion by. */
export interface AssertionRules {
  /** Our issuer, byte for byte what `aud` must be. */
  readonly issuer: string;
  readonly now: Milliseconds;
  /** How far ahead `exp` may lie. */
  readonly maxLifetime: Seconds;
}

const leewaySeconds = 10;
const futureLimitSeconds = 60;
const jtiLimit = 128;
const kidLimit = 255;

const headerMembers = new Set(["alg", "kid", "typ"]);

const types = new Set<Json | undefined>([
  undefined,
  "JWT",
  "application/JWT",
  "client-authentication+jwt",
  "application/client-authentication+jwt",
]);

const clientIdForm = /^[\x20-\x7e]{1,255}$/;

// A key that belongs to nobody: its private half is gone when this line ends.
const nobody = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;

const refuse: Refuse = (why) => {
  throw new Refusal("CLIENT_AUTHENTICATION_FAILED", {}, { cause: `the assertion: ${why}` });
};

/** Shows a value of the caller's in a log line, within bounds. */
const shown = (value: Json | undefined): string =>
  (JSON.stringify(value) ?? "absent").slice(0, 120);

const text = (claims: JsonObject, name: string): string => {
  const value = claims[name];
  return typeof value === "string" && value !== "" ? value : refuse(`${name} must be a string`);
};

const instant = (claims: JsonObject, name: string): number | undefined => {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return refuse(`${name} must be a number of seconds, not ${shown(value)}`);
};

const readKid = (header: JsonObject): string => {
  for (const name in header) {
    if (!headerMembers.has(name)) return refuse(`header member ${shown(name)} is not accepted`);
  }
  if (header.alg !== "ES256") return refuse(`alg must be ES256, not ${shown(header.alg)}`);
  if (!types.has(header.typ)) return refuse(`typ ${shown(header.typ)} is not accepted`);
  const kid = text(header, "kid");
  return kid.length <= kidLimit ? kid : refuse("kid is longer than 255 characters");
};

const readClientId = (claims: JsonObject): string => {
  const clientId = text(claims, "iss");
  if (claims.sub !== clientId) return refuse("sub must be the same string as iss");
  return clientIdForm.test(clientId) ? clientId : refuse("iss has not the form of a client id");
};

const readAudience = (claims: JsonObject): string => {
  const { aud } = claims;
  const only = Array.isArray(aud) && aud.length === 1 ? (aud[0] as Json) : aud;
  return typeof only === "string" ? only : refuse(`aud must be one string, not ${shown(only)}`);
};

const readJti = (claims: JsonObject): string => {
  const jti = text(claims, "jti");
  // A character is a code point here; only a text between the two lengths needs counting.
  const tooLong =
    jti.length > jtiLimit && (jti.length > 2 * jtiLimit || [...jti].length > jtiLimit);
  return tooLong ? refuse("jti is longer than 128 characters") : jti;
};

/**
 * Reads a client assertion without believing it, so that its client can be looked up. `assertion`:
 * the compact form. Costs no cryptography. Throws CLIENT_AUTHENTICATION_FAILED, without facts and
 * with the exact reason as its cause, unless the assertion has the strict form, a header of `alg`
 * ES256, `kid` and perhaps an accepted `typ` only, `iss` equal to `sub`, one audience, a finite
 * `exp` and a `jti`; `iat` and `nbf`, if there, are finite numbers. Other claims are not read.
 * Source: RFC 7523 section 3, D-01, D-03, D-04, D-05, SEC-01, SEC-02, SEC-03, SEC-09 to SEC-12.
 */
export const readAssertion = (assertion: string): ClaimedAssertion => {
  const { header, readPayload, signed, signature } = readCompactJws(assertion, refuse);
  const kid = readKid(header);
  const payload = readPayload();
  return {
    kid,
    clientId: readClientId(payload),
    audience: readAudience(payload),
    expiresAt: instant(payload, "exp") ?? refuse("exp is missing"),
    issuedAt: instant(payload, "iat"),
    notBefore: instant(payload, "nbf"),
    jti: readJti(payload),
    signed,
    signature,
  };
};

/**
 * Checks the instants and gives the one from which the assertion is refused, in whole milliseconds.
 */
const checkInstants = (claimed: ClaimedAssertion, rules: AssertionRules): Milliseconds => {
  const now = rules.now / 1000;
  const ahead = Math.ceil(claimed.expiresAt - now);
  if (claimed.expiresAt - now > rules.maxLifetime) {
    return refuse(`exp is ${ahead} s ahead; at most ${rules.maxLifetime} s are accepted`);
  }
  const expiresAt = milliseconds(Math.ceil((claimed.expiresAt + leewaySeconds) * 1000));
  if (rules.now >= expiresAt) return refuse(`exp passed ${-ahead} s ago`);
  const latest = now + futureLimitSeconds;
  if (claimed.issuedAt !== undefined && claimed.issuedAt > latest) {
    return refuse(`iat is ${Math.ceil(claimed.issuedAt - now)} s in the future`);
  }
  if (claimed.notBefore !== undefined && claimed.notBefore > latest) {
    return refuse(`nbf is ${Math.ceil(claimed.notBefore - now)} s in the future`);
  }
  return expiresAt;
};

const signedBy = (claimed: ClaimedAssertion, key: KeyObject): boolean =>
  verify("sha256", claimed.signed, { key, dsaEncoding: "ieee-p1363" }, claimed.signature);

/**
 * Spends what verifying this assertion would cost, on a key that is nobody's. The answer to an
 * unknown client or key then takes as long as the answer to a wrong signature. Source: D-06,
 * SEC-14.
 */
export const dummyVerify = (claimed: ClaimedAssertion): void => {
  signedBy(claimed, nobody);
};

/**
 * Believes a client assertion. `keys`: those of the client that `claimed` names, or `noKeys` when
 * there is no such client, so that both take the same path and time. Returns what is left to check:
 * that the `jti` is new for this client until `expiresAt`. Throws CLIENT_AUTHENTICATION_FAILED,
 * without facts and with the exact reason as its cause, when the audience is not our issuer, `exp`
 * has passed by 10 s or lies more than `maxLifetime` ahead, `iat` or `nbf` are over 60 s in the
 * future, no key of the client has that `kid`, or the signature is wrong. The order is from cheap
 * to dear, and what a stranger can see does not depend on whether the client exists. Source: RFC
 * 7523 section 3, D-01 to D-04, D-06, SEC-02 to SEC-05, SEC-08, SEC-13, SEC-14.
 */
export const verifyAssertion = (
  claimed: ClaimedAssertion,
  keys: ClientKeys,
  rules: AssertionRules,
): VerifiedAssertion => {
  if (claimed.audience !== rules.issuer) {
    return refuse(`aud must be ${shown(rules.issuer)}, not ${shown(claimed.audience)}`);
  }
  const expiresAt = checkInstants(claimed, rules);
  const key = keys.get(claimed.kid);
  if (key === undefined) {
    dummyVerify(claimed);
    return refuse(`the client is unknown or has no key with kid ${shown(claimed.kid)}`);
  }
  if (!signedBy(claimed, key)) return refuse("the signature is wrong");
  return { clientId: claimed.clientId, jti: claimed.jti, expiresAt };
};
