// The token endpoint over real rooms: what is noted of each outcome, fingerprints, hooks and limits.
import assert from "node:assert/strict";
import type { IssueTokenRequest } from "../../gen/gatewright/v1/token.ts";
import { Refusal } from "../../server/core/refusal.ts";
import { introspectToken } from "../../server/flows/introspect_token.ts";
import { issueToken } from "../../server/flows/issue_token.ts";
import { revokeToken } from "../../server/flows/revoke_token.ts";
import type { RegisteredPhone, TokenWorld } from "./token_world.ts";
import { openTokenWorld } from "./token_world.ts";

const implicit = "urn:gatewright:oauth2:grant_type:implicit_authentication";
const wrong = "A".repeat(64);
const scopes = ["openid", "read"];
const fingerprint = { authenticator: "fingerprint" };

describe("the token endpoint (D-42, D-43, D-65)", function () {
  this.timeout(20_000);
  let place: TokenWorld;
  before(async () => {
    place = await openTokenWorld({
      app: { scopes, implicit_authentication: true, implicit_scopes: ["read"] },
      hooked: { scopes, customize_token: "tokens", customize_user_details: "details" },
      endless: { scopes, max_pin_attempts: 0 },
      retired: { scopes, versions: [{ version: "1.0", status: "DISABLED" }] },
    });
  });
  after(() => place?.[Symbol.asyncDispose]());
  beforeEach(() => void place.noted());

  type Changes = Partial<IssueTokenRequest>;
  const issue = async (phone: RegisteredPhone, changes: Changes) => {
    const request = { grantType: "refresh_token", profileId: phone.profileId, ...changes };
    return issueToken(place.world, request, await phone.credentials());
  };
  const login = (phone: RegisteredPhone, refreshToken: string, changes: Changes = {}) =>
    issue(phone, { refreshToken, ...changes });
  const refused = async (attempt: Promise<unknown>): Promise<string> => {
    const error = await attempt.then(
      () => assert.fail("it was not refused"),
      (reason: unknown) => reason,
    );
    assert(error instanceof Refusal, String(error));
    return [error.reason, ...Object.values(error.facts)].join(" ");
  };
  const types = (): string[] =>
    place.noted().map(({ type, userId }) => (userId === undefined ? type : `${type} ${userId}`));

  describe("notes", () => {
    it("logins and their ID tokens, with the profile and without a token", async () => {
      const phone = await place.register("app");
      const { idToken, refreshToken = "" } = await login(phone, phone.pinToken);
      assert.ok(idToken);
      const events = place.noted();
      assert.deepEqual(
        events.map(({ type }) => type),
        ["TOKEN_REQUEST_ACCESS_TOKEN_REFRESHED", "ID_TOKEN_CREATED"],
      );
      assert.deepEqual(events[0], {
        type: "TOKEN_REQUEST_ACCESS_TOKEN_REFRESHED",
        clientId: phone.clientId,
        userId: "ann",
        application: "app",
        details: { profile_id: phone.profileId },
      });
      await login(phone, refreshToken, { scope: "read" });
      assert.deepEqual(types(), ["TOKEN_REQUEST_ACCESS_TOKEN_REFRESHED ann"]);
    });

    it("wrong PINs with the user and the tries, and the end of the profile", async () => {
      const phone = await place.register("app");
      assert.equal(await refused(login(phone, wrong)), "PIN_WRONG 4");
      const [event] = place.noted();
      assert.deepEqual(
        [event?.type, event?.userId, event?.details?.remaining_attempts],
        ["TOKEN_REQUEST_INVALID_REFRESH_TOKEN", "ann", 4],
      );
      for (let i = 0; i < 3; i += 1) await refused(login(phone, wrong));
      place.noted();
      assert.equal(await refused(login(phone, wrong)), "PROFILE_REVOKED profile_revoked");
      const ended = "TOKEN_REQUEST_REFRESH_TOKEN_RETRY_COUNT_EXCEEDED ann";
      assert.deepEqual(types(), [ended, "TOKEN_REQUEST_INVALID_PROFILE_ID"]);
      await refused(login(phone, phone.pinToken));
      assert.deepEqual(types(), ["TOKEN_REQUEST_INVALID_PROFILE_ID"]);
    });

    it("a reuse, which ended a login", async () => {
      const phone = await place.register("app");
      const { refreshToken = "" } = await login(phone, phone.pinToken);
      await login(phone, refreshToken);
      place.noted();
      assert.equal(await refused(login(phone, phone.pinToken)), "GRANT_INVALID");
      const reused = "TOKEN_REQUEST_REFRESH_TOKEN_REUSED ann";
      assert.deepEqual(types(), [reused, "TOKEN_REQUEST_INVALID_GRANT"]);
    });

    const refusals: [string, Changes, string, string][] = [
      ["a missing token", {}, "REQUEST_INVALID", "TOKEN_REQUEST_INVALID"],
      [
        "a missing fingerprint",
        fingerprint,
        "REQUEST_INVALID",
        "TOKEN_REQUEST_FINGER_PRINT_INVALID_REQUEST",
      ],
      [
        "an unknown grant type",
        { grantType: "password" },
        "GRANT_TYPE_UNSUPPORTED",
        "TOKEN_REQUEST_UNSUPPORTED_GRANT_TYPE",
      ],
      [
        "a grant type that is off",
        { grantType: "client_credentials" },
        "GRANT_TYPE_NOT_ALLOWED",
        "TOKEN_REQUEST_DISABLED_GRANT_TYPE",
      ],
      [
        "a scope that is not allowed",
        { grantType: implicit, scope: "openid" },
        "SCOPE_INVALID",
        "TOKEN_REQUEST_SCOPE_INVALID",
      ],
      [
        "a profile that is not there",
        { grantType: implicit, profileId: "NOBODY" },
        "PROFILE_REVOKED",
        "TOKEN_REQUEST_INVALID_PROFILE_ID",
      ],
    ];
    for (const [what, changes, reason, type] of refusals) {
      it(`${what} as ${type}`, async () => {
        const phone = await place.register("app");
        const told = await refused(issue(phone, changes));
        assert.equal(told.split(" ")[0], reason);
        assert.deepEqual(types(), [type]);
      });
    }

    it("a version that is disabled as CLIENT_VALIDATION_VERSION_DISABLED", async () => {
      const phone = await place.register("retired");
      assert.equal(await refused(login(phone, phone.pinToken)), "VERSION_DISABLED");
      assert.deepEqual(types(), ["CLIENT_VALIDATION_VERSION_DISABLED"]);
    });

    it("implicit authentication, introspection and revocation", async () => {
      const phone = await place.register("app");
      const { accessToken } = await issue(phone, { grantType: implicit });
      await introspectToken(place.world, { token: accessToken }, place.resource);
      await introspectToken(place.world, { token: wrong }, place.resource);
      const { profileId } = phone;
      const revoke = async (token: string, more: object) =>
        revokeToken(place.world, { token, ...more }, await phone.credentials());
      await revoke(accessToken, {});
      assert.match(await refused(revoke(wrong, {})), /^REQUEST_INVALID/);
      await revoke(wrong, { profileId });
      await revoke(wrong, { profileId, ...fingerprint });
      await revoke(phone.pinToken, { profileId });
      assert.deepEqual(types(), [
        "TOKEN_REQUEST_IMPLICIT_AUTHENTICATION_ACCESS_TOKEN_CREATED ann",
        "TOKEN_INTROSPECTION_SUCCESS ann",
        "TOKEN_INTROSPECTION_FAILED",
        "TOKEN_REVOKE_ACCESS_TOKEN_SUCCESS",
        "TOKEN_REVOKE_INVALID_REQUEST",
        "TOKEN_REQUEST_INVALID_REFRESH_TOKEN ann",
        "TOKEN_REVOKE_TOKEN_INVALID ann",
        "TOKEN_REQUEST_FINGER_PRINT_REFRESH_TOKEN_RETRY_COUNT_EXCEEDED ann",
        "TOKEN_REVOKE_TOKEN_INVALID ann",
        "TOKEN_REVOKE_REFRESH_TOKEN_SUCCESS ann",
      ]);
    });
  });

  describe("a fingerprint (D-43)", () => {
    it("logs in with tokens of its own type, and an ID token of now", async () => {
      const phone = await place.register("app");
      const first = await login(phone, phone.fingerprintToken, fingerprint);
      const second = await login(phone, first.refreshToken ?? "", fingerprint);
      assert.ok(second.idToken);
      const { amr } = await introspectToken(
        place.world,
        { token: second.accessToken },
        place.resource,
      );
      assert.deepEqual(amr, ["FINGER_PRINT", "qr"]);
      const done = "TOKEN_REQUEST_FINGER_PRINT_ACCESS_TOKEN_REFRESHED ann";
      assert.deepEqual(types().filter((type) => type === done).length, 2);
    });

    it("that is wrong is removed, and the PIN keeps all its tries", async () => {
      const phone = await place.register("app");
      assert.equal(await refused(login(phone, wrong, fingerprint)), "GRANT_INVALID");
      assert.deepEqual(types(), [
        "TOKEN_REQUEST_FINGER_PRINT_REFRESH_TOKEN_RETRY_COUNT_EXCEEDED ann",
        "TOKEN_REQUEST_FINGER_PRINT_INVALID_REFRESH_TOKEN",
      ]);
      const late = login(phone, phone.fingerprintToken, fingerprint);
      assert.equal(await refused(late), "GRANT_INVALID");
      assert.equal(await refused(login(phone, wrong)), "PIN_WRONG 4");
      await login(phone, phone.pinToken);
    });

    it("is no PIN, and a PIN is a wrong fingerprint, which costs the PIN nothing", async () => {
      const phone = await place.register("app");
      assert.equal(await refused(login(phone, phone.fingerprintToken)), "GRANT_INVALID");
      const { refreshToken } = await login(phone, phone.fingerprintToken, fingerprint);
      assert.equal(await refused(login(phone, phone.pinToken, fingerprint)), "GRANT_INVALID");
      const late = login(phone, refreshToken ?? "", fingerprint);
      assert.equal(await refused(late), "GRANT_INVALID");
      await login(phone, phone.pinToken);
    });
  });

  describe("an application with web hooks (product 3.9)", () => {
    it("counts a wrong PIN once, before any hook is asked", async () => {
      const phone = await place.register("hooked");
      for (const remaining of [4, 3]) {
        const attempt = login(phone, wrong, { scope: "write" });
        assert.equal(await refused(attempt), `PIN_WRONG ${remaining}`);
      }
      assert.equal(
        await refused(login(phone, phone.pinToken, { scope: "write" })),
        "SCOPE_INVALID",
      );
      const { idToken, scope } = await login(phone, phone.pinToken);
      assert.deepEqual([scope, typeof idToken], ["openid read", "string"]);
      assert.equal(await refused(login(phone, wrong)), "PIN_WRONG 4");
    });
  });

  describe("wrong PINs without a limit (SEC-75)", () => {
    it("are slowed down, in logins and revocations alike", async () => {
      const phone = await place.register("endless");
      assert.equal(await refused(login(phone, wrong)), "PIN_WRONG");
      const { profileId } = phone;
      const revoke = async () =>
        revokeToken(place.world, { token: wrong, profileId }, await phone.credentials());
      await revoke();
      await login(phone, phone.pinToken);
      assert.equal(await refused(login(phone, wrong)), "PIN_WRONG");
      assert.equal(await refused(login(phone, wrong)), "RATE_LIMITED 1");
      assert.equal(await refused(revoke()), "RATE_LIMITED 1");
      assert.equal(place.limited.filter((each) => each === "spend pin_failures").length, 3);
    });

    it("are not, where there is a limit: an attacker must not lock out the user", async () => {
      place.limited.length = 0;
      const phone = await place.register("app");
      await refused(login(phone, wrong));
      await login(phone, phone.pinToken);
      assert.deepEqual(place.limited, []);
    });
  });
});
