// Logging in again with the PIN: the app unlocks its refresh token with it, so a wrong PIN is a wrong
// token (D-42).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { decodeJwt } from "jose";
import { assertionOf } from "../support/assertions.ts";
import { listAuthenticators, listedIn, registerAuthenticator } from "../support/authenticators.ts";
import type { KeyClient, Portal, Tokens } from "../support/client.ts";
import { assertRefused, portal, registerPhone, tokensOf, userInfo } from "../support/client.ts";
import { endLogin, loginsOf } from "../support/end_user.ts";
import type { HttpAnswer } from "../support/http.ts";
import { send } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";

/** What unlocking with a wrong PIN gives: a token of the right form. */
const wrongToken = (): string => randomBytes(32).toString("hex").toUpperCase();

describe("a login with the PIN (D-42, SEC-53)", function () {
  this.timeout(20_000);
  let phone: KeyClient;
  let resource: Portal;
  let profiles = 0;
  const server = serverFor(async () => {
    const usual = await usualSetup();
    const [app, ...others] = usual.setup.applications;
    const endless = { ...app, id: "endless", max_pin_attempts: 0 };
    const applications = [app, endless, ...others];
    return { ...usual, setup: { ...usual.setup, applications } };
  });
  before(async () => {
    phone = await registerPhone(server());
    resource = portal(server(), "portal", secrets.portal);
  });

  interface Registered extends Tokens {
    readonly refresh_token: string;
    readonly profile_id: string;
  }
  const register = async (client = phone, user = "alice"): Promise<Registered> => {
    profiles += 1;
    const profile_id = `PIN${String(profiles).padStart(3, "0")}`;
    const body = { data: letIn(user, { amr: ["qr"] }), profile_id, scope: ["openid", "read"] };
    const tokens = tokensOf(await client.complete("puppet", body));
    return { ...tokens, refresh_token: tokens.refresh_token ?? "", profile_id };
  };
  const guess = (profile_id: string, client = phone): Promise<HttpAnswer> =>
    client.refresh(wrongToken(), { profile_id });
  const isActive = async (token: string): Promise<boolean> =>
    (await resource.introspect(token)).json.active === true;
  const assertRevoked = (answer: HttpAnswer): void => {
    assertRefused(answer, 400, "invalid_grant");
    assert.equal(answer.json.error_code, "profile_revoked");
    assert.equal("remaining_attempts" in answer.json, false);
  };

  it("counts down, and revokes the profile with the last try", async () => {
    const { access_token, refresh_token, profile_id } = await register();
    for (const remaining of [4, 3, 2, 1]) {
      const answer = await guess(profile_id);
      assertRefused(answer, 400, "invalid_grant");
      assert.equal(answer.json.remaining_attempts, remaining);
      assert.equal("error_code" in answer.json, false);
    }
    assert.equal(await isActive(access_token), true);
    assertRevoked(await guess(profile_id));
    assert.equal(await isActive(access_token), false);
    assertRefused(await userInfo(server(), access_token), 401, "invalid_token");
    assertRevoked(await phone.refresh(refresh_token, { profile_id }));
    assertRevoked(await guess(profile_id));
    tokensOf(
      await phone.complete("puppet", { data: letIn("alice"), profile_id, scope: ["openid"] }),
    );
    assert.equal((await guess(profile_id)).json.remaining_attempts, 4);
  });

  it("gives all tries back once the PIN was right, and proves the user anew", async () => {
    const { id_token = "", refresh_token, profile_id } = await register();
    for (let i = 0; i < 4; i += 1) await guess(profile_id);
    const again = tokensOf(await phone.refresh(refresh_token, { profile_id }));
    const [before, now] = [decodeJwt(id_token), decodeJwt(again.id_token ?? "")];
    assert.ok(Number(now.auth_time) >= Number(before.auth_time));
    assert.equal(now.auth_time, now.iat);
    assert.deepEqual([now.sub, now.amr], ["alice", ["qr"]]);
    assert.deepEqual((await resource.introspect(again.access_token)).json.amr, ["DEFAULT", "qr"]);
    assert.equal((await guess(profile_id)).json.remaining_attempts, 4);
  });

  it("takes a malformed token for a wrong one, too, and another profile's", async () => {
    const [mine, other] = [await register(), await register()];
    const { profile_id } = mine;
    const wrong = ["x", mine.refresh_token.toLowerCase(), mine.access_token, other.refresh_token];
    for (const [index, token] of wrong.entries()) {
      const answer = await phone.refresh(token, { profile_id });
      assert.equal(answer.json.remaining_attempts, 4 - index, answer.text);
    }
    tokensOf(await phone.refresh(other.refresh_token, { profile_id: other.profile_id }));
    tokensOf(await phone.refresh(mine.refresh_token, { profile_id }));
  });

  it("cannot be used up by another phone or for another profile (SEC-75)", async () => {
    const [mine, neighbour] = [await register(), await register(phone, "bob")];
    const stranger = await registerPhone(server());
    for (let i = 0; i < 8; i += 1) {
      assertRevoked(await guess(mine.profile_id, stranger));
      assertRefused(await guess(neighbour.profile_id), 400, "invalid_grant");
    }
    assert.equal((await guess(mine.profile_id)).json.remaining_attempts, 4);
    tokensOf(await phone.refresh(mine.refresh_token, { profile_id: mine.profile_id }));
  });

  it("is never counted for a used token, nor for one of a login that ended", async () => {
    const { refresh_token, profile_id } = await register();
    const first = tokensOf(await phone.refresh(refresh_token, { profile_id }));
    await phone.refresh(first.refresh_token ?? "", { profile_id });
    for (let i = 0; i < 6; i += 1) {
      const answer = await phone.refresh(refresh_token, { profile_id });
      assertRefused(answer, 400, "invalid_grant");
      assert.deepEqual(Object.keys(answer.json), ["error", "error_description"]);
    }
  });

  it("is told from a wrong one by nothing once its login ended (SEC-53)", async () => {
    const { access_token, refresh_token, profile_id } = await register();
    const tokens = (await loginsOf(server(), "alice")).map(({ id }) => id);
    for (const id of tokens) await endLogin(server(), "alice", id);
    assert.equal(await isActive(access_token), false);
    const right = await phone.refresh(refresh_token, { profile_id });
    assertRefused(right, 400, "invalid_grant");
    for (let i = 0; i < 6; i += 1) assert.equal((await guess(profile_id)).text, right.text);
    assert.equal((await phone.refresh(refresh_token, { profile_id })).text, right.text);
  });

  it("of an earlier user of the profile is a wrong one for the next (SEC-53, SEC-84)", async () => {
    const { refresh_token, profile_id } = await register();
    const deleted = await send(`${server().http}/oauth/v1/profiles/${profile_id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${await assertionOf(phone)}` },
    });
    assert.equal(deleted.status, 204, deleted.text);
    tokensOf(await phone.complete("puppet", { data: letIn("mallory"), profile_id }));
    assert.equal((await guess(profile_id)).json.remaining_attempts, 4);
    const right = await phone.refresh(refresh_token, { profile_id });
    assert.equal(right.json.remaining_attempts, 3, right.text);
  });

  it("presented as a fingerprint ends that as a wrong one does (D-43, SEC-53)", async () => {
    const { access_token, refresh_token, profile_id } = await register();
    for (const token of [wrongToken(), refresh_token]) {
      const begun = await registerAuthenticator(server(), access_token, "fingerprint");
      assert.equal(begun.status, 200, begun.text);
      const answer = await phone.refresh(token, { profile_id, authenticator: "fingerprint" });
      assertRefused(answer, 400, "invalid_grant");
      const listed = await listAuthenticators(server(), access_token);
      assert.equal(listedIn(listed, "fingerprint")?.registered, false);
    }
    tokensOf(await phone.refresh(refresh_token, { profile_id }));
    assert.equal((await guess(profile_id)).json.remaining_attempts, 4);
  });

  it("tells by a scope nothing of a token, and uses none up for one (SEC-24)", async () => {
    const { refresh_token, profile_id } = await register();
    for (const [scope, remaining] of [
      ["write", 4],
      ["nonsense", 3],
      ["read", 2],
    ] as const) {
      const answer = await phone.refresh(wrongToken(), { profile_id, scope });
      assert.equal(answer.json.remaining_attempts, remaining, answer.text);
    }
    const widened = await phone.refresh(refresh_token, { profile_id, scope: "write" });
    assertRefused(widened, 400, "invalid_scope");
    assert.equal((await guess(profile_id)).json.remaining_attempts, 1);
    tokensOf(await phone.refresh(refresh_token, { profile_id, scope: "read" }));
  });

  it("needs the profile, and takes any text for its name", async () => {
    const { refresh_token } = await register();
    assertRefused(await phone.refresh(refresh_token), 400, "invalid_request");
    for (const profile_id of ["X", "pin001 ", "a\u0000b", "ü".repeat(6)]) {
      assertRevoked(await phone.refresh(refresh_token, { profile_id }));
    }
    const voice = await phone.refresh(refresh_token, { profile_id: "X", authenticator: "voice" });
    assertRefused(voice, 400, "invalid_request");
  });

  it("has as many tries as it wants where there is no limit", async () => {
    const endless = await registerPhone(server(), "endless");
    const { refresh_token, profile_id } = await register(endless);
    for (let i = 0; i < 7; i += 1) {
      const answer = await guess(profile_id, endless);
      assertRefused(answer, 400, "invalid_grant");
      assert.deepEqual(Object.keys(answer.json), ["error", "error_description"]);
    }
    tokensOf(await endless.refresh(refresh_token, { profile_id }));
  });

  it("has no more parallel wrong tries looked at than the budget, where there is no limit", async () => {
    const endless = await registerPhone(server(), "endless");
    const { refresh_token, profile_id } = await register(endless);
    const answers = await Promise.all(Array.from({ length: 60 }, () => guess(profile_id, endless)));
    const lookedAt = answers.filter(({ status }) => status === 400).length;
    assert.ok(lookedAt > 0 && lookedAt <= 12, `${lookedAt} were looked at`);
    assert.equal(answers.filter(({ status }) => status === 429).length, 60 - lookedAt);
    assert.equal((await endless.refresh(refresh_token, { profile_id })).status, 429);
  });

  it("has at most the limit of fifty parallel wrong tries looked at", async () => {
    const { access_token, profile_id } = await register();
    const answers = await Promise.all(Array.from({ length: 50 }, () => guess(profile_id)));
    const remaining = answers.flatMap(({ json }) => json.remaining_attempts ?? []);
    assert.deepEqual(remaining.toSorted(), [1, 2, 3, 4]);
    assert.equal(answers.filter(({ json }) => json.error_code === "profile_revoked").length, 46);
    assert.equal(await isActive(access_token), false);
  });

  it("costs no try when many are right at once", async () => {
    const { refresh_token, profile_id } = await register();
    const refresh = () => phone.refresh(refresh_token, { profile_id });
    const answers = (await Promise.all(Array.from({ length: 50 }, refresh))).map(tokensOf);
    assert.equal(new Set(answers.map((answer) => answer.refresh_token)).size, 1);
    assert.equal((await guess(profile_id)).json.remaining_attempts, 4);
  });

  it("with a fingerprint that the profile has not is refused, and counts as no PIN (D-43)", async () => {
    const { refresh_token, profile_id } = await register();
    for (const token of [wrongToken(), refresh_token, "x"]) {
      const answer = await phone.refresh(token, { profile_id, authenticator: "fingerprint" });
      assertRefused(answer, 400, "invalid_grant");
      assert.deepEqual(Object.keys(answer.json), ["error", "error_description"]);
    }
    tokensOf(await phone.refresh(refresh_token, { profile_id, authenticator: "pin" }));
    assert.equal((await guess(profile_id)).json.remaining_attempts, 4);
  });

  describe("and its revocation (RFC 7009)", () => {
    const token_type_hint = "refresh_token";

    it("needs the profile, whether the token is right, used or wrong", async () => {
      const { refresh_token, profile_id } = await register();
      await phone.refresh(refresh_token, { profile_id });
      for (const token of [refresh_token, wrongToken()]) {
        assertRefused(await phone.revoke(token), 400, "invalid_request");
        const hinted = await phone.revoke(token, { token_type_hint: "access_token" });
        assert.deepEqual([hinted.status, hinted.text], [200, "{}"]);
      }
      assertRefused(await phone.revoke("x", { token_type_hint }), 400, "invalid_request");
      assert.equal((await phone.revoke("x")).status, 200);
      assert.equal((await guess(profile_id)).json.remaining_attempts, 4);
    });

    it("shares the tries with logins, and never says so", async () => {
      const { access_token, refresh_token, profile_id } = await register();
      for (let i = 0; i < 3; i += 1) {
        const { status, text } = await phone.revoke(wrongToken(), { profile_id, token_type_hint });
        assert.deepEqual([status, text], [200, "{}"]);
      }
      assert.equal((await guess(profile_id)).json.remaining_attempts, 1);
      for (const token of [wrongToken(), refresh_token]) {
        const { status, text } = await phone.revoke(token, { profile_id });
        assert.deepEqual([status, text], [200, "{}"]);
      }
      assert.equal(await isActive(access_token), false);
      assertRevoked(await phone.refresh(refresh_token, { profile_id }));
    });

    it("of an access token counts as nothing", async () => {
      const { access_token, refresh_token, profile_id } = await register();
      for (let i = 0; i < 6; i += 1) await phone.revoke(access_token, { profile_id });
      assert.equal(await isActive(access_token), false);
      tokensOf(await phone.refresh(refresh_token, { profile_id }));
    });

    it("as a fingerprint counts as no PIN and ends no PIN", async () => {
      const { refresh_token, profile_id } = await register();
      const authenticator = "fingerprint";
      for (const token of [wrongToken(), refresh_token]) {
        assert.equal((await phone.revoke(token, { profile_id, authenticator })).status, 200);
      }
      tokensOf(await phone.refresh(refresh_token, { profile_id }));
      assert.equal((await guess(profile_id)).json.remaining_attempts, 4);
    });
  });
});
