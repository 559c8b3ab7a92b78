// An unmodified OAuth library as the client: oauth4webapi configures itself by discovery and does
// everything that the token service offers (D-60).
import assert from "node:assert/strict";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { newKey } from "../support/assertions.ts";
import type { KeyClient, Tokens } from "../support/client.ts";
import { registerPhone, tokensOf } from "../support/client.ts";
import { get } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";

// The tests speak plain HTTP on the loopback; nothing else of the library is changed.
const options = { [oauth.allowInsecureRequests]: true };
const profile_id = "W8DUJ2";
const implicitGrant = "urn:gatewright:oauth2:grant_type:implicit_authentication";

describe("oauth4webapi as the client (D-60)", function () {
  this.timeout(20_000);
  let usual: UsualSetup;
  let phone: KeyClient;
  let as: oauth.AuthorizationServer;
  const server = serverFor(async () => {
    usual = await usualSetup();
    return usual;
  });

  const discover = async (algorithm: "oidc" | "oauth2"): Promise<oauth.AuthorizationServer> => {
    const issuer = new URL(server().issuer);
    const response = await oauth.discoveryRequest(issuer, { ...options, algorithm });
    return oauth.processDiscoveryResponse(issuer, response);
  };
  const byKey = ({ key }: Pick<KeyClient, "key">): oauth.ClientAuth =>
    oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.kid });
  const register = async (): Promise<Tokens> => {
    const body = { data: letIn("alice", { amr: ["qr"], department: "claims", iss: "evil" }) };
    return tokensOf(
      await phone.complete("puppet", { ...body, profile_id, scope: ["openid", "read"] }),
    );
  };
  const refresh = async (refreshToken: string): Promise<oauth.TokenEndpointResponse> => {
    const client = { client_id: phone.clientId };
    const more = { ...options, additionalParameters: { profile_id } };
    const response = await oauth.refreshTokenGrantRequest(
      as,
      client,
      byKey(phone),
      refreshToken,
      more,
    );
    const result = await oauth.processRefreshTokenResponse(as, client, response);
    if (result.id_token) await oauth.validateApplicationLevelSignature(as, response, options);
    return result;
  };

  before(async () => {
    phone = await registerPhone(server());
    as = await discover("oidc");
  });

  it("discovers the same server at both places of its metadata (D-64, SEC-29)", async () => {
    assert.deepEqual(await discover("oauth2"), as);
    assert.equal(as.issuer, server().issuer);
    for (const [name, value] of Object.entries(as)) {
      if (!name.endsWith("_endpoint") && name !== "jwks_uri") continue;
      assert.ok(String(value).startsWith(`${server().issuer}/`), `${name} is ${value}`);
    }
    assert.ok(as.token_endpoint_auth_methods_supported?.includes("private_key_jwt"));
    assert.deepEqual(as.token_endpoint_auth_signing_alg_values_supported, ["ES256"]);
    assert.deepEqual(as.id_token_signing_alg_values_supported, ["ES256"]);
    assert.deepEqual(as.grant_types_supported?.toSorted(), [
      "client_credentials",
      "refresh_token",
      implicitGrant,
    ]);
  });

  it("registers an app installation (RFC 7591)", async () => {
    const { publicJwk } = await newKey();
    const metadata = {
      software_id: "app",
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [publicJwk as oauth.JWK] },
    };
    const response = await oauth.dynamicClientRegistrationRequest(as, metadata, options);
    const { client_id } = await oauth.processDynamicClientRegistrationResponse(response);
    assert.equal(typeof client_id, "string");
  });

  it("refreshes, and validates the ID token with its signature", async () => {
    const { refresh_token = "" } = await register();
    const result = await refresh(refresh_token);
    assert.notEqual(result.refresh_token, refresh_token);
    assert.equal(result.scope, "openid read");
    assert.equal(result.profile_id, profile_id);
    const claims = oauth.getValidatedIdTokenClaims(result);
    assert.deepEqual([claims?.sub, claims?.aud, claims?.iss], ["alice", phone.clientId, as.issuer]);
  });

  it("gets an ID token that jose verifies by the published keys (D-19, D-61)", async () => {
    const { id_token = "" } = await register();
    const keys = createRemoteJWKSet(new URL(as.jwks_uri ?? ""));
    const { payload, protectedHeader } = await jwtVerify(id_token, keys, {
      issuer: server().issuer,
      audience: phone.clientId,
      algorithms: ["ES256"],
      requiredClaims: ["exp", "iat", "auth_time"],
    });
    assert.equal(protectedHeader.alg, "ES256");
    assert.equal(payload.sub, "alice");
    assert.deepEqual(payload.amr, ["qr"]);
    assert.equal(payload.department, "claims");
    assert.ok(Math.abs(Number(payload.auth_time) - Date.now() / 1000) < 60);
  });

  it("narrows the scope at a refresh and cannot widen it (RFC 6749 section 6)", async () => {
    const narrow = async (refreshToken: string, scope: string) =>
      phone.refresh(refreshToken, { profile_id, scope });
    const { refresh_token = "" } = await register();
    assert.equal((await narrow(refresh_token, "write")).json.error, "invalid_scope");
    const narrowed = await narrow(refresh_token, "read");
    assert.equal(narrowed.json.scope, "read");
    assert.equal("id_token" in narrowed.json, false);
    const again = await refresh(String(narrowed.json.refresh_token));
    assert.equal(again.scope, "openid read");
  });

  const ownScopes: [string, oauth.Client, () => oauth.ClientAuth, string | undefined, string][] = [
    [
      "an API client by its secret, all its scopes",
      { client_id: "portal" },
      () => oauth.ClientSecretBasic(secrets.portal),
      undefined,
      "onegini_api_user_registration onegini_api_token_introspection",
    ],
    [
      "an API client by a form, some of its scopes",
      { client_id: "portal" },
      () => oauth.ClientSecretPost(secrets.portal),
      "onegini_api_token_introspection",
      "onegini_api_token_introspection",
    ],
    [
      "an API client by its key",
      { client_id: "machine" },
      () => byKey({ key: usual.keys.machine }),
      "onegini_api_user_registration",
      "onegini_api_user_registration",
    ],
    [
      "a static client by its key, the application's client scopes",
      { client_id: "web" },
      () => byKey({ key: usual.keys.web }),
      "pong",
      "pong",
    ],
  ];
  for (const [which, client, authentication, scope, granted] of ownScopes) {
    it(`grants client_credentials to ${which}`, async () => {
      const parameters = scope === undefined ? {} : { scope };
      const response = await oauth.clientCredentialsGrantRequest(
        as,
        client,
        authentication(),
        parameters,
        options,
      );
      const result = await oauth.processClientCredentialsResponse(as, client, response);
      assert.equal(result.scope, granted);
      assert.equal(result.refresh_token, undefined);
      assert.equal(result.id_token, undefined);
      assert.match(result.access_token, /^[0-9A-F]{64}$/);
    });
  }

  const introspect = async (token: string): Promise<oauth.IntrospectionResponse> => {
    const client = { client_id: "machine" };
    const authentication = byKey({ key: usual.keys.machine });
    const response = await oauth.introspectionRequest(as, client, authentication, token, options);
    return oauth.processIntrospectionResponse(as, client, response);
  };

  it("introspects a token of a user", async () => {
    const { access_token } = await register();
    const { iat, exp, nbf, ...told } = await introspect(access_token);
    assert.equal(Number(exp) - Number(iat), 3600);
    assert.equal(nbf, iat);
    assert.deepEqual(told, {
      active: true,
      scope: "openid read",
      client_id: phone.clientId,
      sub: "alice",
      token_type: "bearer",
      iss: server().issuer,
      amr: ["DEFAULT", "qr"],
      app_identifier: "app",
      app_version: "1.0",
      profile_id,
      usage_limit: 0,
      user_details: { department: "claims", iss: "evil" },
    });
  });

  it("introspects a client's own token, which is of no user", async () => {
    const answer = await phone.token({ grant_type: "client_credentials", scope: "ping" });
    const { active, scope, sub, amr, user_details } = await introspect(
      tokensOf(answer).access_token,
    );
    assert.deepEqual(
      [active, scope, sub, amr, user_details],
      [true, "ping", undefined, undefined, undefined],
    );
  });

  it("revokes an access token alone (RFC 7009)", async () => {
    const { access_token, refresh_token = "" } = await register();
    const client = { client_id: phone.clientId };
    const response = await oauth.revocationRequest(as, client, byKey(phone), access_token, options);
    await oauth.processRevocationResponse(response);
    assert.deepEqual(await introspect(access_token), { active: false });
    assert.equal((await refresh(refresh_token)).token_type, "bearer");
  });

  it("revokes a login by its refresh token and the profile (D-42)", async () => {
    const { access_token, refresh_token = "" } = await register();
    const client = { client_id: phone.clientId };
    const more = { ...options, additionalParameters: { profile_id } };
    const revoke = (given: typeof options) =>
      oauth.revocationRequest(as, client, byKey(phone), refresh_token, given);
    const refused = oauth.processRevocationResponse(await revoke(options));
    await assert.rejects(refused, { error: "invalid_request" });
    await oauth.processRevocationResponse(await revoke(more));
    assert.deepEqual(await introspect(access_token), { active: false });
    await assert.rejects(refresh(refresh_token), { error: "invalid_grant" });
  });

  it("gets UserInfo that is the ID token's user (OpenID Connect Core 1.0 section 5.3)", async () => {
    const { access_token } = await register();
    const client = { client_id: phone.clientId };
    const response = await oauth.userInfoRequest(as, client, access_token, options);
    const claims = await oauth.processUserInfoResponse(as, client, "alice", response);
    assert.deepEqual(claims, { sub: "alice", department: "claims" });
  });

  it("grants implicit authentication by the extension grant (D-65)", async () => {
    await register();
    const client = { client_id: phone.clientId };
    const response = await oauth.genericTokenEndpointRequest(
      as,
      client,
      byKey(phone),
      implicitGrant,
      { profile_id },
      options,
    );
    const result = await oauth.processGenericTokenEndpointResponse(as, client, response);
    assert.deepEqual([result.scope, result.profile_id], ["read", profile_id]);
    assert.equal(result.refresh_token, undefined);
    assert.deepEqual((await introspect(result.access_token)).amr, [
      "IMPLICIT_AUTHENTICATION",
      "qr",
    ]);
  });

  it("gets a key set that has public keys only (SEC-19)", async () => {
    const { text, headers } = await get(as.jwks_uri ?? "");
    const { keys } = JSON.parse(text);
    assert.ok(keys.length >= 1);
    for (const key of keys) {
      assert.deepEqual(Object.keys(key).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }
    assert.equal(headers["cache-control"], "public, max-age=60");
  });
});
