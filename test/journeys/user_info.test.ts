// UserInfo: what a client learns of the user whose access token it has.
import assert from "node:assert/strict";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, keyClient, registerPhone, tokensOf, userInfo } from "../support/client.ts";
import { basic, postForm, send } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";

const profile_id = "INFO01";

describe("UserInfo (OpenID Connect Core 1.0 section 5.3, D-60)", function () {
  this.timeout(20_000);
  let usual: UsualSetup;
  let phone: KeyClient;
  let web: KeyClient;
  const server = serverFor(async () => {
    usual = await usualSetup();
    return usual;
  });
  before(async () => {
    phone = await registerPhone(server());
    web = keyClient(server(), "web", usual.keys.web);
  });

  const register = async (client: KeyClient, scope: readonly string[], more: object = {}) =>
    tokensOf(await client.complete("puppet", { data: letIn("alice", more), profile_id, scope }));

  it("has the user and the attributes, for phones and for web applications", async () => {
    const more = { department: "claims", nested: { list: [1, null, "ü"] }, amr: ["qr"] };
    for (const client of [phone, web]) {
      const { access_token } = await register(client, ["openid"], more);
      const { status, json, headers } = await userInfo(server(), access_token);
      assert.equal(status, 200);
      const { amr, ...attributes } = more;
      assert.deepEqual(json, { sub: "alice", ...attributes });
      assert.equal(headers["cache-control"], "no-store");
    }
  });

  it("is the same by POST, with or without a form (RFC 6750 section 2.1)", async () => {
    const { access_token } = await register(phone, ["openid"], { department: "claims" });
    const authorization = `Bearer ${access_token}`;
    const url = `${server().http}/oauth/v1/userinfo`;
    const { text } = await userInfo(server(), access_token);
    assert.equal((await postForm(url, {}, { authorization })).text, text);
    const form = { refresh_user_details: "true" };
    assert.equal((await postForm(url, form, { authorization })).text, text);
    const query = { method: "GET", headers: { authorization } };
    assert.equal((await send(`${url}?refresh_user_details=true`, query)).text, text);
  });

  it("has no attribute in place of a claim with a meaning of its own (D-19)", async () => {
    const evil = { sub: "mallory", iss: "evil", aud: "evil", email: "a@example.org" };
    const { access_token } = await register(phone, ["openid"], evil);
    const { json } = await userInfo(server(), access_token);
    assert.deepEqual(json, { sub: "alice", email: "a@example.org" });
  });

  it("needs openid among the scopes that the token has, not the login", async () => {
    const first = await register(phone, ["openid", "read"]);
    const refresh_token = first.refresh_token ?? "";
    const narrowed = tokensOf(await phone.refresh(refresh_token, { profile_id, scope: "read" }));
    const answer = await userInfo(server(), narrowed.access_token);
    assertRefused(answer, 403, "insufficient_scope");
    assert.match(String(answer.headers["www-authenticate"]), /^Bearer .*insufficient_scope/);
    assert.equal((await userInfo(server(), first.access_token)).status, 200);
  });

  it("takes no other credentials, and no token that is not a user's (SEC-30)", async () => {
    const { access_token, refresh_token = "", id_token = "" } = await register(phone, ["openid"]);
    const own = tokensOf(await phone.token({ grant_type: "client_credentials", scope: "ping" }));
    const others = ["A".repeat(64), refresh_token, id_token, access_token.toLowerCase(), "x"];
    for (const token of [...others, own.access_token]) {
      const answer = await userInfo(server(), token);
      assertRefused(answer, 401, "invalid_token");
      assert.match(String(answer.headers["www-authenticate"]), /^Bearer /);
    }
    const url = `${server().http}/oauth/v1/userinfo`;
    const headers = { authorization: basic("portal", secrets.portal) };
    assertRefused(await send(url, { method: "GET", headers }), 401, "invalid_token");
    assertRefused(await send(url, { method: "GET" }), 401, "invalid_token");
  });

  it("ends with the token", async () => {
    const { access_token } = await register(phone, ["openid"]);
    await phone.revoke(access_token);
    assertRefused(await userInfo(server(), access_token), 401, "invalid_token");
  });
});
