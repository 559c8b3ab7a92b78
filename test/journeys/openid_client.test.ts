// An unmodified openid-client as the app installation, the web application and the resource server (D-60).
import assert from "node:assert/strict";
import * as client from "openid-client";
import { newKey } from "../support/assertions.ts";
import type { KeyClient, Tokens } from "../support/client.ts";
import { keyClient, registerPhone, tokensOf } from "../support/client.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";

const profile_id = "W8DUJ2";
const implicitGrant = "urn:gatewright:oauth2:grant_type:implicit_authentication";
// The tests speak plain HTTP on the loopback; nothing else of the library is changed.
const options = { execute: [client.allowInsecureRequests] };

describe("openid-client as the client (D-60)", function () {
  this.timeout(20_000);
  let usual: UsualSetup;
  let phone: KeyClient;
  let app: client.Configuration;
  const server = serverFor(async () => {
    usual = await usualSetup();
    return usual;
  });

  const discover = (clientId: string, auth: client.ClientAuth): Promise<client.Configuration> =>
    client.discovery(new URL(server().issuer), clientId, {}, auth, options);
  const byKey = ({ key }: Pick<KeyClient, "key">): client.ClientAuth =>
    client.PrivateKeyJwt({ key: key.privateKey, kid: key.kid });
  const register = async (): Promise<Tokens> =>
    tokensOf(
      await phone.complete("puppet", {
        data: letIn("alice", { name: "Alice Adams" }),
        profile_id,
        scope: ["openid", "read"],
      }),
    );

  before(async () => {
    phone = await registerPhone(server());
    app = await discover(phone.clientId, byKey(phone));
  });

  it("registers an app installation, and configures itself as one (RFC 7591)", async () => {
    const key = await newKey();
    const registered = await client.dynamicClientRegistration(
      new URL(server().issuer),
      { software_id: "app", software_version: "2.0", jwks: { keys: [key.publicJwk] } } as never,
      byKey({ key }),
      options,
    );
    assert.match(registered.clientMetadata().client_id, /^[0-9a-f-]{36}$/);
    const token = await client.clientCredentialsGrant(registered, { scope: "ping" });
    assert.equal(token.scope, "ping");
  });

  it("logs in with the PIN's refresh token, and reads the ID token and UserInfo", async () => {
    const { refresh_token } = await register();
    const answer = await client.refreshTokenGrant(app, String(refresh_token), { profile_id });
    assert.equal(answer.claims()?.sub, "alice");
    assert.notEqual(answer.refresh_token, refresh_token);
    const info = await client.fetchUserInfo(app, answer.access_token, "alice");
    assert.deepEqual(info, { sub: "alice", name: "Alice Adams" });
  });

  it("is told how many tries are left after a wrong one (D-42)", async () => {
    await register();
    const wrong = client.refreshTokenGrant(app, "0".repeat(64), { profile_id });
    await assert.rejects(wrong, (error: client.ResponseBodyError) => {
      assert.equal(error.error, "invalid_grant");
      assert.equal(error.cause.remaining_attempts, 4);
      return true;
    });
  });

  it("gets in implicitly, with the scopes for that and without a refresh token (D-65)", async () => {
    await register();
    const answer = await client.genericGrantRequest(app, implicitGrant, { profile_id });
    assert.deepEqual([answer.scope, answer.refresh_token], ["read", undefined]);
    await assert.rejects(client.fetchUserInfo(app, answer.access_token, "alice"));
  });

  it("ends its login, and the resource server sees it (RFC 7009, RFC 7662)", async () => {
    const { access_token, refresh_token } = await register();
    const resource = await discover("portal", client.ClientSecretBasic(secrets.portal));
    const seen = await client.tokenIntrospection(resource, access_token);
    assert.deepEqual([seen.active, seen.sub, seen.iss], [true, "alice", server().issuer]);
    await client.tokenRevocation(app, String(refresh_token), { profile_id });
    assert.deepEqual(await client.tokenIntrospection(resource, access_token), { active: false });
  });

  it("serves a web application that keeps its refresh token", async () => {
    const web = keyClient(server(), "web", usual.keys.web);
    const configuration = await discover("web", byKey(web));
    const body = { data: letIn("walter"), scope: ["openid", "read"] };
    const { refresh_token } = tokensOf(await web.complete("puppet", body));
    for (const _ of [1, 2]) {
      const answer = await client.refreshTokenGrant(configuration, String(refresh_token));
      assert.equal(answer.claims()?.sub, "walter");
      const info = await client.fetchUserInfo(configuration, answer.access_token, "walter");
      assert.equal(info.sub, "walter");
    }
  });
});
