// The hook that may change what is told of a user: what it is sent, and what it cannot touch.
import assert from "node:assert/strict";
import { customizeUserDetails } from "../../../server/flows/hooks/customize_user_details.ts";
import { registeredClaims } from "../../../server/identity/id_token.ts";
import type { HookOptions, HookWorld } from "./hook_world.ts";
import { hookWorld, json } from "./hook_world.ts";

const given = {
  email: "a@example.com",
  group_permissions: ["x"],
  "urn:onegini.com:oidc:session": "s",
};

const draftOf = ({ client }: HookWorld) => ({
  client,
  userId: "alice",
  scopes: ["openid"],
  claims: given,
  contextCustomParams: null,
});

const customized = async (options: HookOptions) => {
  await using hook = await hookWorld("customize_user_details", options);
  const claims = await customizeUserDetails(hook.world, draftOf(hook));
  return { claims: JSON.parse(JSON.stringify(claims)), received: hook.received };
};

const kept = { group_permissions: ["x"], "urn:onegini.com:oidc:session": "s" };

describe("customizeUserDetails (product 3.9)", () => {
  it("asks at the documented path, with everything that is documented", async () => {
    const { received } = await customized({ answer: json({ claims: {} }) });
    assert.equal(received[0]?.path, "/base/v1/customize-user-details");
    assert.deepEqual(JSON.parse(received[0]?.body ?? ""), {
      user: { id: "alice" },
      scopes: ["openid"],
      claims: given,
      contextCustomParams: null,
    });
    const [, payload = ""] = (received[0]?.headers.authorization ?? "").split(".");
    const { scope } = JSON.parse(Buffer.from(payload, "base64url").toString());
    assert.equal(scope, "onewelcome_webhooks onewelcome_webhook_user_details_customization");
  });

  it("replaces the claims by those of the answer", async () => {
    const answer = json({ claims: { name: "Alice", address: { country: "NL" } } });
    const { claims } = await customized({ answer });
    assert.deepEqual(claims, { name: "Alice", address: { country: "NL" }, ...kept });
  });

  it("leaves protected claims as they are: neither added, nor changed, nor removed", async () => {
    const names = [...registeredClaims, "verified_claims", "group_permissions"];
    const forged = Object.fromEntries(
      [...names, "urn:onegini.com:oidc:session", "urn:onegini.com:oidc:new"].map((name) => [
        name,
        "forged",
      ]),
    );
    const answer = json({ claims: { ...forged, "urn:onegini.com:other": "mine" } });
    const { claims } = await customized({ answer });
    assert.deepEqual(claims, { "urn:onegini.com:other": "mine", ...kept });
  });

  it("has no effect on prototypes (SEC-83)", async () => {
    const answer = json('{"claims":{"__proto__":{"admin":true},"constructor":"c"}}');
    await using hook = await hookWorld("customize_user_details", { answer });
    const claims = await customizeUserDetails(hook.world, draftOf(hook));
    assert.equal(Object.getPrototypeOf(claims), null);
    assert.deepEqual(Object.keys(claims).sort(), ["constructor", ...Object.keys(kept)].sort());
  });

  it("is not asked where it is disabled", async () => {
    const { claims, received } = await customized({ hook: { enabled: false } });
    assert.deepEqual(claims, given);
    assert.equal(received.length, 0);
  });

  it("takes claims up to 64 KiB", async () => {
    const text = "x".repeat(64 * 1024 - '{"a":""}'.length);
    const { claims } = await customized({ answer: json({ claims: { a: text } }) });
    assert.equal(claims.a, text);
    const more = json({ claims: { a: `${text}x` } });
    await assert.rejects(customized({ answer: more }), { reason: "UNAVAILABLE" });
  });

  for (const [what, answer] of Object.entries({
    "no claims": {},
    null: { claims: null },
    "a list": { claims: [] },
    "a text": { claims: "x" },
  })) {
    it(`is UNAVAILABLE when the hook answers ${what}`, async () => {
      await assert.rejects(customized({ answer: json(answer) }), { reason: "UNAVAILABLE" });
    });
  }
});
