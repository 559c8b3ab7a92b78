// Implicit authentication: the phone acts for a profile's user without asking the user (D-65).
import assert from "node:assert/strict";
import type { KeyClient, Portal } from "../support/client.ts";
import { assertRefused, keyClient, portal, registerPhone, tokensOf } from "../support/client.ts";
import type { Fields } from "../support/http.ts";
import { basic, postForm } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";

const grant_type = "urn:gatewright:oauth2:grant_type:implicit_authentication";

describe("implicit authentication (D-65)", function () {
  this.timeout(20_000);
  let usual: UsualSetup;
  let phone: KeyClient;
  let open: KeyClient;
  let resource: Portal;
  const server = serverFor(async () => {
    usual = await usualSetup();
    const [app, ...others] = usual.setup.applications;
    const more = { id: "open", implicit_scopes: ["read", "write", "openid"] };
    const applications = [app, { ...app, ...more }, ...others];
    return { ...usual, setup: { ...usual.setup, applications } };
  });
  before(async () => {
    phone = await registerPhone(server());
    open = await registerPhone(server(), "open");
    resource = portal(server(), "portal", secrets.portal);
  });

  const implicit = (client: KeyClient, fields: Fields = {}) =>
    client.token({ grant_type, ...fields });
  const register = async (client: KeyClient, profile_id: string, scope: readonly string[]) => {
    const data = letIn("alice", { amr: ["qr"], department: "claims" });
    return tokensOf(await client.complete("puppet", { data, profile_id, scope }));
  };

  it("gives an access token of its own type, and no refresh token", async () => {
    await register(phone, "IMPL01", ["openid", "read", "write"]);
    const { json, status } = await implicit(phone, { profile_id: "IMPL01" });
    assert.equal(status, 200);
    const names = ["access_token", "expires_in", "profile_id", "scope", "token_type"];
    assert.deepEqual(Object.keys(json).toSorted(), names);
    assert.deepEqual([json.scope, json.profile_id, json.token_type], ["read", "IMPL01", "bearer"]);
    const { json: told } = await resource.introspect(String(json.access_token));
    assert.deepEqual(
      [told.sub, told.amr, told.scope, told.user_details],
      ["alice", ["IMPLICIT_AUTHENTICATION", "qr"], "read", { department: "claims" }],
    );
  });

  it("grants what application and registration both allow, and nothing else (SEC-24)", async () => {
    await register(open, "IMPL02", ["read"]);
    const all = await implicit(open, { profile_id: "IMPL02" });
    assert.equal(all.json.scope, "read");
    for (const scope of ["write", "gone", "read write", "openid"]) {
      const refused = await implicit(open, { profile_id: "IMPL02", scope });
      assertRefused(refused, 400, "invalid_scope");
    }
    await register(phone, "IMPL03", ["write"]);
    assertRefused(await implicit(phone, { profile_id: "IMPL03" }), 400, "invalid_scope");
  });

  it("gives an ID token with openid, of the moment when the user last logged in", async () => {
    const { id_token = "" } = await register(open, "IMPL04", ["openid", "read"]);
    const given = tokensOf(await implicit(open, { profile_id: "IMPL04", scope: "openid" }));
    const claimsOf = (token = "") =>
      JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const [registered, claims] = [claimsOf(id_token), claimsOf(given.id_token)];
    assert.deepEqual([claims.sub, claims.aud, claims.amr], ["alice", open.clientId, ["qr"]]);
    assert.equal(claims.auth_time, registered.auth_time);
    assert.equal(given.refresh_token, undefined);
  });

  it("is for profiles of this phone", async () => {
    await register(phone, "IMPL05", ["read"]);
    const answers = [
      await implicit(await registerPhone(server()), { profile_id: "IMPL05" }),
      await implicit(phone, { profile_id: "NOBODY" }),
      await implicit(phone, { profile_id: "a\u0000" }),
    ];
    for (const answer of answers) {
      assertRefused(answer, 400, "invalid_grant");
      assert.equal(answer.json.error_code, "profile_revoked");
    }
    assertRefused(await implicit(phone), 400, "invalid_request");
  });

  it("ends with the profile, and cannot be had after it", async () => {
    await register(phone, "IMPL06", ["read"]);
    const { access_token } = tokensOf(await implicit(phone, { profile_id: "IMPL06" }));
    for (let i = 0; i < 5; i += 1) {
      await phone.refresh("A".repeat(64), { profile_id: "IMPL06" });
    }
    assert.equal((await resource.introspect(access_token)).text, '{"active":false}');
    assertRefused(await implicit(phone, { profile_id: "IMPL06" }), 400, "invalid_grant");
  });

  it("is off unless the application allows it, and never for other clients", async () => {
    const strict = await registerPhone(server(), "strict");
    const web = keyClient(server(), "web", usual.keys.web);
    for (const client of [strict, web]) {
      const answer = await implicit(client, { profile_id: "IMPL01" });
      assertRefused(answer, 400, "unauthorized_client");
    }
    const url = `${server().http}/oauth/v1/token`;
    const authorization = basic("portal", secrets.portal);
    const answer = await postForm(url, { grant_type, profile_id: "IMPL01" }, { authorization });
    assertRefused(answer, 400, "unauthorized_client");
  });
});
