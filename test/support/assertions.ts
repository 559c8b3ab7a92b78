// Keys of clients, and real client assertions made with them by jose.
import { randomUUID } from "node:crypto";
import type { CryptoKey, JWK } from "jose";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";

/** The one type of client assertion. */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** A client's key pair. */
export interface ClientKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** With `kid`, as a client registers it. */
  readonly publicJwk: JWK;
}

/** Makes a P-256 key pair whose `kid` is its thumbprint. */
export async function newKey(): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, publicJwk: { ...jwk, kid } };
}

/** Whose assertion it is, and for whom. */
export interface Signer {
  readonly issuer: string;
  readonly clientId: string;
  readonly key: ClientKey;
}

/** In what an assertion differs from a right one; undefined leaves a member out. */
export interface Deviation {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: ClientKey;
}

/** Makes an assertion that lives a minute and has a `jti` of its own, right unless it deviates. */
export async function assertionOf(signer: Signer, deviation: Deviation = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const { issuer, clientId } = signer;
  const key = deviation.key ?? signer.key;
  const usual = { iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + 60 };
  const claims = { ...usual, jti: randomUUID(), ...deviation.claims };
  const header = { alg: "ES256", kid: signer.key.kid, ...deviation.header };
  return new SignJWT(claims).setProtectedHeader(header).sign(key.privateKey);
}

/** Gives the two members with which a client authenticates. */
export const authenticated = async (
  signer: Signer,
  deviation: Deviation = {},
): Promise<{ client_assertion_type: string; client_assertion: string }> => ({
  client_assertion_type: assertionType,
  client_assertion: await assertionOf(signer, deviation),
});
