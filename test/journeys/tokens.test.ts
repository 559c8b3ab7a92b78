// The life of tokens: rotation and lost answers, reuse, revocation, introspection, new signing
// keys.
import assert from "node:assert/strict";
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import type { KeyClient, Portal, Tokens } from "../support/client.ts";
import { assertRefused, keyClient, portal, registerPhone, tokensOf } from "../support/client.ts";
import { basic, get, postForm, postJson } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";

const inactive = '{"active":false}';

describe("the life of tokens", function () {
  this.timeout(20_000);
  let usual: UsualSetup;
  let phone: KeyClient;
  let resource: Portal;
  let profiles = 0;
  const server = serverFor(async () => {
    usual = await usualSetup();
    return usual;
  });
  before(async () => {
    phone = await registerPhone(server());
    resource = portal(server(), "portal", secrets.portal);
  });

  interface Login extends Tokens {
    readonly refresh_token: string;
    readonly profile_id: string;
  }
  /** A login on a profile of its own. */
  const login = async (client = phone): Promise<Login> => {
    profiles += 1;
    const profile_id = `LIFE${String(profiles).padStart(2, "0")}`;
    const answer = await client.complete("puppet", {
      data: letIn("alice"),
      profile_id,
      scope: ["openid", "read"],
    });
    const tokens = tokensOf(answer);
    return { ...tokens, refresh_token: tokens.refresh_token ?? "", profile_id };
  };
  const isActive = async (token: string): Promise<boolean> =>
    (await resource.introspect(token)).json.active === true;
  const successor = (tokens: Tokens): string => tokens.refresh_token ?? "";

  describe("refresh tokens (D-62, SEC-23)", () => {
    it("are replaced at each use, and their access tokens live on", async () => {
      const { access_token, refresh_token, profile_id } = await login();
      const second = tokensOf(await phone.refresh(refresh_token, { profile_id }));
      assert.notEqual(successor(second), refresh_token);
      assert.equal(second.token_type, "bearer");
      assert.notEqual(second.access_token, access_token);
      for (const token of [access_token, second.access_token]) {
        assert.equal(await isActive(token), true);
      }
      tokensOf(await phone.refresh(successor(second), { profile_id }));
    });

    it("give a lost answer again: the same successor and a new access token", async () => {
      const { refresh_token, profile_id } = await login();
      const lost = tokensOf(await phone.refresh(refresh_token, { profile_id }));
      const again = tokensOf(await phone.refresh(refresh_token, { profile_id }));
      assert.equal(successor(again), successor(lost));
      assert.notEqual(again.access_token, lost.access_token);
      assert.equal((await resource.introspect(lost.access_token)).text, inactive);
      assert.equal(await isActive(again.access_token), true);
      tokensOf(await phone.refresh(successor(again), { profile_id }));
    });

    const uses: [string, (first: Tokens, profile_id: string) => Promise<unknown>][] = [
      ["its successor", (first, profile_id) => phone.refresh(successor(first), { profile_id })],
      ["the access token given with it", (first) => resource.introspect(first.access_token)],
    ];
    for (const [which, use] of uses) {
      it(`end the login when one is used again after ${which} was used`, async () => {
        const { refresh_token, profile_id } = await login();
        const first = tokensOf(await phone.refresh(refresh_token, { profile_id }));
        await use(first, profile_id);
        const reused = await phone.refresh(refresh_token, { profile_id });
        assertRefused(reused, 400, "invalid_grant");
        assertRefused(await phone.refresh(successor(first), { profile_id }), 400, "invalid_grant");
        assert.equal((await resource.introspect(first.access_token)).text, inactive);
      });
    }

    it("end the login when an old one is used again, many generations later", async () => {
      const { refresh_token, profile_id } = await login();
      let latest = refresh_token;
      for (let i = 0; i < 4; i += 1) {
        latest = successor(tokensOf(await phone.refresh(latest, { profile_id })));
      }
      assertRefused(await phone.refresh(refresh_token, { profile_id }), 400, "invalid_grant");
      assertRefused(await phone.refresh(latest, { profile_id }), 400, "invalid_grant");
    });

    it("are of no use to another client, whose try harms nobody", async () => {
      const { refresh_token, profile_id } = await login();
      const thief = await registerPhone(server());
      assertRefused(await thief.refresh(refresh_token, { profile_id }), 400, "invalid_grant");
      tokensOf(await phone.refresh(refresh_token, { profile_id }));
    });

    it("need the profile they are of (D-42)", async () => {
      const { refresh_token, profile_id } = await login();
      assertRefused(await phone.refresh(refresh_token), 400, "invalid_request");
      const other = await phone.refresh(refresh_token, { profile_id: "OTHER1" });
      assertRefused(other, 400, "invalid_grant");
      tokensOf(await phone.refresh(refresh_token, { profile_id }));
    });

    it("are no access tokens, and access tokens no refresh tokens (SEC-30)", async () => {
      const { access_token, refresh_token, profile_id } = await login();
      assert.equal((await resource.introspect(refresh_token)).text, inactive);
      assertRefused(await phone.refresh(access_token, { profile_id }), 400, "invalid_grant");
    });

    it("stay the same for static clients", async () => {
      const web = keyClient(server(), "web", usual.keys.web);
      const { refresh_token } = await login(web);
      for (let i = 0; i < 2; i += 1) {
        const answer = await web.refresh(refresh_token);
        tokensOf(answer);
        assert.equal("refresh_token" in answer.json, false);
        assert.equal(answer.json.profile_id, "static");
      }
    });
  });

  describe("revocation (RFC 7009, SEC-27)", () => {
    it("of a refresh token ends all of the login at once", async () => {
      const { access_token, refresh_token, profile_id } = await login();
      const { access_token: second } = tokensOf(await phone.refresh(refresh_token, { profile_id }));
      const { status, text } = await phone.revoke(refresh_token, { profile_id });
      assert.deepEqual([status, text], [200, "{}"]);
      assert.equal(await isActive(access_token), false);
      assert.equal(await isActive(second), false);
      assertRefused(await phone.refresh(refresh_token, { profile_id }), 400, "invalid_grant");
    });

    it("of an access token leaves the refresh token", async () => {
      const { access_token, refresh_token, profile_id } = await login();
      assert.equal((await phone.revoke(access_token, { profile_id })).status, 200);
      assert.equal(await isActive(access_token), false);
      tokensOf(await phone.refresh(refresh_token, { profile_id }));
    });

    it("by another client does nothing, and says nothing of it", async () => {
      const { access_token, refresh_token, profile_id } = await login();
      const stranger = await registerPhone(server());
      const unknown = await stranger.revoke("A".repeat(64), { profile_id });
      for (const token of [access_token, refresh_token]) {
        const { status, text } = await stranger.revoke(token, { profile_id });
        assert.deepEqual([status, text], [unknown.status, unknown.text]);
      }
      assert.equal(await isActive(access_token), true);
      tokensOf(await phone.refresh(refresh_token, { profile_id }));
    });

    it("of a token of any form is answered alike", async () => {
      for (const token of ["x", "A".repeat(64), "ü".repeat(100), "a.b.c"]) {
        assert.equal((await phone.revoke(token, { profile_id: "LIFE00" })).status, 200);
      }
    });
  });

  describe("introspection (RFC 7662, SEC-28)", () => {
    it("says exactly that a token is not active, whatever it is", async () => {
      const { id_token = "" } = await login();
      const { json } = await phone.init("steps", { data: '{"status":2000}' });
      const tokens = ["x", "A".repeat(64), "a".repeat(64), id_token, String(json.transaction_id)];
      for (const token of tokens) {
        const answer = await resource.introspect(token);
        assert.deepEqual([answer.status, answer.text], [200, inactive]);
      }
    });

    it("minds case: a token in lower case is another one", async () => {
      const { access_token } = await login();
      assert.equal((await resource.introspect(access_token.toLowerCase())).text, inactive);
    });

    it("is not for phones", async () => {
      const { access_token } = await login();
      const url = `${server().http}/oauth/api/v2/token/introspect`;
      const { client_id, client_secret } = {
        client_id: "web-v1",
        client_secret: secrets["web-v1"],
      };
      const answer = await postForm(url, { token: access_token, client_id, client_secret });
      assertRefused(answer, 401, "invalid_client");
      assert.match(String(answer.headers["www-authenticate"]), /^Basic /);
    });
  });

  describe("a new signing key (D-61, SEC-18)", () => {
    const keySet = async () => JSON.parse((await get(`${server().http}/oauth/v1/keys`)).text);
    const rotate = () => {
      const authorization = basic("admin", secrets.admin);
      return postJson(`${server().admin}/admin/v1/keys/rotate`, {}, { authorization });
    };

    it("is published before it signs, and what the old one signed stays verifiable", async () => {
      const { id_token: before = "" } = await login();
      const old = await keySet();
      const { json, status, text } = await rotate();
      assert.equal(status, 200, text);
      const keys = await keySet();
      assert.equal(keys.keys.length, old.keys.length + 1);
      const added = keys.keys.find(({ kid }: { kid: string }) => kid === json.kid);
      assert.equal(await calculateJwkThumbprint(added), json.kid);
      assert.ok(Number(json.active_from) > Date.now() / 1000);

      const { id_token: since = "" } = await login();
      assert.notEqual(
        decodeProtectedHeader(since).kid,
        json.kid,
        "it signs before it was announced",
      );
      for (const token of [before, since]) await jwtVerify(token, createLocalJWKSet(keys));
    });

    it("is announced once at a time, and outlives a restart", async () => {
      assertRefused(await rotate(), 409, "conflict");
      const kids = async (): Promise<string[]> =>
        (await keySet()).keys.map(({ kid }: { kid: string }) => kid);
      const before = await kids();
      assert.equal(before.length, 2);
      await server().restart();
      assert.deepEqual(await kids(), before);
    });
  });
});
