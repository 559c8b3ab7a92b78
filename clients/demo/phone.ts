// A phone with the app on it: an OAuth client with a key that never leaves it.
import { randomInt, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Answer, Json, Witness } from "./exchange.ts";
import { bearer, send } from "./exchange.ts";
import { expectStatus, textAt } from "./expectation.ts";
import type { Metadata } from "./metadata.ts";
import { discover } from "./metadata.ts";

/** What a phone sends to the complete step of an identity provider. */
interface Completion {
  readonly data: Json;
  readonly profileId: string;
  /** Of the init step, where there is one. */
  readonly transactionId?: string;
}

/** A phone whose app is registered. Its methods give the server's answers, whatever they are. */
export interface Phone {
  readonly clientId: string;
  /** First step of a two-step registration. */
  init(provider: string): Promise<Answer>;
  /** The only step, or the second one. Asks for the scopes `read` and `openid`. */
  complete(provider: string, completion: Completion): Promise<Answer>;
  /** Logs in with the refresh token that the PIN decrypts. */
  refresh(refreshToken: string, profileId: string): Promise<Answer>;
  /** Registers its user with a custom authenticator. */
  registerAuthenticator(authenticator: string, data: Json, accessToken: string): Promise<Answer>;
  /** Logs in with a custom authenticator. */
  authenticate(authenticator: string, data: Json, profileId: string): Promise<Answer>;
  /** Ends a refresh token. Gives status and no body when it went well. */
  revoke(refreshToken: string, profileId: string): Promise<Answer>;
  /** Calls an API with an access token. */
  call(url: string, accessToken: string, json?: Json): Promise<Answer>;
}

const application = "demo-app";
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/**
 * Makes the id of a profile, six characters: the app tells its users apart by it; it is no secret.
 */
export const newProfileId = (): string =>
  Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join("");

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/**
 * Registers the installation with its public key and gives the id of its OAuth client (RFC 7591).
 */
async function register(witness: Witness, metadata: Metadata): Promise<Key & { clientId: string }> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const answer = await send(witness, metadata.registration, {
    json: {
      software_id: application,
      software_version: "1.0",
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [{ ...(jwk as Record<string, Json>), kid, use: "sig", alg: "ES256" }] },
      device_name: "Alice's phone",
      device_platform: "demo",
    },
  });
  return { clientId: textAt(expectStatus(answer, 201).body, "client_id"), kid, privateKey };
}

/**
 * Opens a phone: it makes a P-256 key, finds the server's endpoints and registers its installation.
 * From then on it proves who it is by signing an assertion for every single request (RFC 7523).
 */
export async function openPhone(witness: Witness, issuer: string): Promise<Phone> {
  const metadata = await discover(witness, issuer);
  const { clientId, kid, privateKey } = await register(witness, metadata);

  const assertion = async (): Promise<Record<string, string>> => ({
    client_assertion_type: assertionType,
    client_assertion: await new SignJWT()
      .setProtectedHeader({ alg: "ES256", kid, typ: "client-authentication+jwt" })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime("60s")
      .sign(privateKey),
  });
  const step = (provider: string, name: string): string =>
    `${issuer}/v2/custom-registration/${provider}/${name}`;

  return {
    clientId,
    async init(provider) {
      return send(witness, step(provider, "init"), { json: await assertion() });
    },
    async complete(provider, { data, profileId, transactionId }) {
      const json = {
        ...(await assertion()),
        ...(transactionId !== undefined && { transaction_id: transactionId }),
        data: JSON.stringify(data),
        scope: ["read", "openid"],
        profile_id: profileId,
      };
      return send(witness, step(provider, "complete"), { json });
    },
    async refresh(refreshToken, profileId) {
      const grant = { grant_type: "refresh_token", refresh_token: refreshToken };
      const form = { ...grant, profile_id: profileId, ...(await assertion()) };
      return send(witness, metadata.token, { form });
    },
    registerAuthenticator: (authenticator, data, accessToken) =>
      send(witness, `${issuer}/v1/authenticators/${authenticator}/register`, {
        headers: bearer(accessToken),
        json: { data: JSON.stringify(data) },
      }),
    async authenticate(authenticator, data, profileId) {
      const json = {
        ...(await assertion()),
        data: JSON.stringify(data),
        profile_id: profileId,
      };
      return send(witness, `${issuer}/v1/authenticators/${authenticator}/authenticate`, { json });
    },
    async revoke(refreshToken, profileId) {
      const form = {
        token: refreshToken,
        token_type_hint: "refresh_token",
        profile_id: profileId,
        ...(await assertion()),
      };
      return send(witness, metadata.revocation, { form });
    },
    call: (url, accessToken, json) =>
      send(witness, url, { headers: bearer(accessToken), ...(json !== undefined && { json }) }),
  };
}
