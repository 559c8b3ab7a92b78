// The clients of the journeys: phones, web applications and portals, as their makers would write
// them.
import assert from "node:assert/strict";
import type { ClientKey, Signer } from "./assertions.ts";
import { authenticated, newKey } from "./assertions.ts";
import type { Fields, HttpAnswer } from "./http.ts";
import { basic, get, postForm, postJson } from "./http.ts";

/** Where a server is, as a client knows it. */
export interface Place {
  readonly http: string;
  readonly issuer: string;
}

/** Members of a JSON body; an undefined one is left out. */
export type Body = Readonly<Record<string, unknown>>;

/** The tokens of an answer. */
export interface Tokens {
  readonly token_type: string;
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly expires_in: number;
}

/** A client with a key of its own: a phone, or a web application. */
export interface KeyClient extends Signer {
  /** The first step of a two-step registration. */
  init(idp: string, body?: Body): Promise<HttpAnswer>;
  /** The step that gives tokens. */
  complete(idp: string, body?: Body): Promise<HttpAnswer>;
  /** The grant refresh_token. */
  refresh(refreshToken: string, fields?: Fields): Promise<HttpAnswer>;
  /** Any other call of the token endpoint. */
  token(fields: Fields): Promise<HttpAnswer>;
  revoke(token: string, fields?: Fields): Promise<HttpAnswer>;
}

/** Gives the path of a step of version 2. */
export const stepPath = (idp: string, step: "init" | "complete"): string =>
  `/oauth/v2/custom-registration/${encodeURIComponent(idp)}/${step}`;

/** Gives the path of the backchannel. */
export const backchannelPath = (idp: string): string =>
  `/oauth/api/v3/custom-registration/${encodeURIComponent(idp)}/backchannel`;

/** Gives a client that authenticates with its key. */
export function keyClient(server: Place, clientId: string, key: ClientKey): KeyClient {
  const signer = { issuer: server.issuer, clientId, key };
  const step = async (idp: string, name: "init" | "complete", body: Body): Promise<HttpAnswer> =>
    postJson(server.http + stepPath(idp, name), { ...(await authenticated(signer)), ...body });
  const form = async (path: string, fields: Fields): Promise<HttpAnswer> =>
    postForm(`${server.http}/oauth${path}`, { ...(await authenticated(signer)), ...fields });
  return {
    ...signer,
    init: (idp, body = {}) => step(idp, "init", body),
    complete: (idp, body = {}) => step(idp, "complete", body),
    refresh: (refreshToken, fields = {}) =>
      form("/v1/token", { grant_type: "refresh_token", refresh_token: refreshToken, ...fields }),
    token: (fields) => form("/v1/token", fields),
    revoke: (token, fields = {}) => form("/v1/revoke", { token, ...fields }),
  };
}

/** Registers an app installation of an application, with a new key, and gives it as a client. */
export async function registerPhone(
  server: Place,
  application = "app",
  more: Body = {},
): Promise<KeyClient> {
  const key = await newKey();
  const answer = await postJson(`${server.http}/oauth/register`, {
    software_id: application,
    software_version: "1.0",
    jwks: { keys: [key.publicJwk] },
    token_endpoint_auth_method: "private_key_jwt",
    ...more,
  });
  assert.equal(answer.status, 201, answer.text);
  return keyClient(server, String(answer.json.client_id), key);
}

/** An API client with a secret. */
export interface Portal {
  /** Its header of HTTP Basic. */
  readonly authorization: string;
  backchannel(idp: string, data?: string): Promise<HttpAnswer>;
  introspect(token: string): Promise<HttpAnswer>;
}

/** Asks for UserInfo with an access token. */
export const userInfo = (server: Place, token: string): Promise<HttpAnswer> =>
  get(`${server.http}/oauth/v1/userinfo`, { authorization: `Bearer ${token}` });

/** Gives an API client that authenticates with HTTP Basic. */
export function portal(server: Place, clientId: string, secret: string): Portal {
  const authorization = basic(clientId, secret);
  return {
    authorization,
    backchannel: (idp, data) =>
      postJson(server.http + backchannelPath(idp), { data }, { authorization }),
    introspect: (token) =>
      postForm(`${server.http}/oauth/api/v2/token/introspect`, { token }, { authorization }),
  };
}

/** Gives the tokens of a registration or of a token response; fails when there are none. */
export function tokensOf(answer: HttpAnswer): Tokens {
  assert.equal(answer.status, 200, answer.text);
  const tokens = (answer.json.oauth_token ?? answer.json) as Tokens;
  assert.match(tokens.access_token ?? "", /^[0-9A-F]{64}$/, answer.text);
  return tokens;
}

/** Asserts that an answer is a refusal with this status and word, and that no token is in it. */
export function assertRefused(answer: HttpAnswer, status: number, word: string): void {
  assert.deepEqual([answer.status, answer.json.error], [status, word], answer.text);
  assert.equal(typeof answer.json.error_description, "string", answer.text);
  assert.doesNotMatch(answer.text, /[0-9A-F]{64}/);
}
