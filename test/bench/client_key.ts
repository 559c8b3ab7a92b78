// The key of the bench's OAuth clients, and assertions signed with it ahead of a round.
import type { KeyObject } from "node:crypto";
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";

/** Whose assertion it is and what it says otherwise than usual. */
export interface AssertionOf {
  readonly clientId: string;
  readonly kid: string;
  readonly audience: string;
  /** In place of ES256; the signature stays one of ES256. */
  readonly alg?: string;
}

/** A key pair that authenticates clients. */
export interface ClientKey {
  /** Gives the public key as a JWK set in which it has this name. */
  jwks(kid: string): { keys: Record<string, unknown>[] };
  /** Gives an assertion that nobody has seen, good for five minutes. */
  assertion(of: AssertionOf): string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function assertionBy(privateKey: KeyObject, { clientId, kid, audience, alg }: AssertionOf): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    exp: now + 300,
    iat: now,
    jti: randomUUID(),
  };
  const signed = `${encode({ alg: alg ?? "ES256", kid, typ: "JWT" })}.${encode(claims)}`;
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

/** Makes a P-256 key pair. */
export function makeClientKey(): ClientKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  return {
    jwks: (kid) => ({ keys: [{ ...jwk, kid, use: "sig", alg: "ES256" }] }),
    assertion: (of) => assertionBy(privateKey, of),
  };
}

/** The form field and JSON member that announces an assertion (RFC 7523 section 2.2). */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
