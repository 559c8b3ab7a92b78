// The resource server: an API that takes access tokens and asks what they are worth.
import { hash } from "node:crypto";
import type { JSONWebKeySet, JWTPayload } from "jose";
import { createLocalJWKSet, jwtVerify } from "jose";
import { basicAuthorization } from "../basic_authorization.ts";
import type { Json, Witness } from "./exchange.ts";
import { send } from "./exchange.ts";
import { at, expectStatus, expectThat, textAt } from "./expectation.ts";
import type { Metadata } from "./metadata.ts";
import { discover } from "./metadata.ts";
import type { Handler, Party, Reply } from "./party.ts";
import { openParty } from "./party.ts";

/** The resource server, open. */
export interface ResourceServer extends Party {
  /** Names the token server, and the secret of the API client `resource-server` there. */
  join(issuer: string, secret: string): void;
}

// The word of RFC 6750 section 3 for a token that is not, or no longer, good.
const rejected = (token: Json): Reply => ({
  status: 401,
  headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  body: { error: "invalid_token", token },
});

const tokenOf = (authorization: string | undefined): string =>
  /^Bearer ([A-Za-z0-9._~+/=-]+)$/.exec(authorization ?? "")?.[1] ?? "";

/**
 * Opens the resource server. `GET /account` needs an access token with the scope `read`.
 * `POST /session` needs an ID token as well, {"id_token"}, which has to be for the same app as the
 * access token. What it learned of a token is in its answers, for the demo's sake.
 */
export async function openResourceServer(witness: Witness): Promise<ResourceServer> {
  let issuer = "";
  let secret = "";
  let known: Metadata | undefined;

  const metadata = async (): Promise<Metadata> => {
    known ??= await discover(witness, issuer);
    return known;
  };

  async function introspect(token: string): Promise<Json> {
    if (token === "") return { active: false };
    const answer = await send(witness, (await metadata()).introspection, {
      headers: basicAuthorization("resource-server", secret),
      form: { token },
    });
    return expectStatus(answer, 200).body;
  }

  const showAccount: Handler = async ({ headers }) => {
    const token = await introspect(tokenOf(headers.authorization));
    if (at(token, "active") !== true) return rejected(token);
    const scopes = textAt(token, "scope").split(" ");
    return scopes.includes("read") ? { status: 200, body: { token } } : { status: 403 };
  };

  const openSession: Handler = async ({ headers, body }) => {
    const accessToken = tokenOf(headers.authorization);
    const token = await introspect(accessToken);
    if (at(token, "active") !== true) return rejected(token);
    const claims = await verifyIdToken(witness, await metadata(), textAt(body, "id_token"), {
      clientId: textAt(token, "client_id"),
      accessToken,
    });
    return { status: 201, body: { claims: claims as Record<string, Json> } };
  };

  const party = await openParty({ "GET /account": showAccount, "POST /session": openSession });
  return {
    ...party,
    join(address, given) {
      issuer = address;
      secret = given;
    },
  };
}

/**
 * Gives the claims of an ID token. Throws unless it was signed by one of the keys that the issuer
 * publishes now, names issuer and client, has not expired, and belongs to the access token.
 * Source: OpenID Connect Core 1.0 sections 3.1.3.7 and 3.1.3.8.
 */
async function verifyIdToken(
  witness: Witness,
  { issuer, keys }: Metadata,
  idToken: string,
  wanted: { readonly clientId: string; readonly accessToken: string },
): Promise<JWTPayload> {
  const { body } = expectStatus(await send(witness, keys), 200);
  const { payload } = await jwtVerify(
    idToken,
    createLocalJWKSet(body as unknown as JSONWebKeySet),
    {
      issuer,
      audience: wanted.clientId,
      algorithms: ["ES256"],
      requiredClaims: ["sub", "iat", "exp", "auth_time"],
    },
  );
  const half = hash("sha256", wanted.accessToken, "buffer").subarray(0, 16).toString("base64url");
  expectThat(payload.at_hash === half, "at_hash of the access token", payload.at_hash);
  return payload;
}
