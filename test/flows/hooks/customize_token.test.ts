// The hook that may narrow scopes and add claims: what it is sent, and what its answer does.
import assert from "node:assert/strict";
import { createLocalJWKSet, jwtVerify } from "jose";
import { customizeToken } from "../../../server/flows/hooks/customize_token.ts";
import type { HookOptions, HookWorld } from "./hook_world.ts";
import { hookWorld, json } from "./hook_world.ts";

const draftOf = ({ client }: HookWorld) => ({
  client,
  userId: "alice",
  scopes: ["read", "write"],
  userDetails: { email: "a@example.com" },
  contextCustomParams: { on_behalf_of: ["user", "other"] },
});

const customized = async (options: HookOptions) => {
  await using hook = await hookWorld("customize_token", options);
  const result = await customizeToken(hook.world, draftOf(hook));
  return { result, events: hook.events, received: hook.received };
};

describe("customizeToken (product 3.9)", () => {
  it("asks at the documented path, with everything that is documented", async () => {
    const { received } = await customized({});
    const [request] = received;
    assert.equal(received.length, 1);
    assert.equal(`${request?.method} ${request?.path}`, "POST /base/v1/customize-access-token");
    assert.equal(request?.headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(request?.body ?? ""), {
      user: { id: "alice" },
      client: { id: "phone-1" },
      scopes: ["read", "write"],
      userClaims: { email: "a@example.com" },
      contextCustomParams: { on_behalf_of: ["user", "other"] },
    });
  });

  it("names no user where there is none, and null for parameters that were not given", async () => {
    await using hook = await hookWorld("customize_token", { hook: { authentication: "NONE" } });
    const nobody = { userId: undefined, userDetails: {}, contextCustomParams: null };
    await customizeToken(hook.world, { ...draftOf(hook), ...nobody });
    assert.deepEqual(JSON.parse(hook.received[0]?.body ?? ""), {
      client: { id: "phone-1" },
      scopes: ["read", "write"],
      userClaims: {},
      contextCustomParams: null,
    });
  });

  it("proves itself with a token that jose verifies, the same for the next call", async () => {
    await using hook = await hookWorld("customize_token");
    await customizeToken(hook.world, draftOf(hook));
    await customizeToken(hook.world, draftOf(hook));
    const [first, second] = hook.received.map(({ headers }) => headers.authorization);
    assert.equal(first, second);
    const token = /^Bearer (.+)$/.exec(first ?? "")?.[1] ?? "";
    const { payload } = await jwtVerify(token, createLocalJWKSet(hook.jwks()), {
      issuer: hook.issuer,
      audience: hook.url,
      currentDate: new Date(hook.world.clock.now()),
    });
    const scope = "onewelcome_webhooks onewelcome_webhook_customize_token";
    assert.deepEqual([payload.cid, payload.scope], ["onewelcomeAccessWebHookClient", scope]);
  });

  it("proves itself with user and password, or not at all, where that is set up", async () => {
    const basic = { hook: { authentication: "BASIC", user: "hook" }, password: "p:ä" };
    const [said] = (await customized(basic)).received;
    const expected = `Basic ${Buffer.from("hook:p:ä").toString("base64")}`;
    assert.equal(said?.headers.authorization, expected);
    const [silent] = (await customized({ hook: { authentication: "NONE" } })).received;
    assert.equal(silent?.headers.authorization, undefined);
  });

  it("is not asked where it is disabled or none is named", async () => {
    const { result, received } = await customized({ hook: { enabled: false } });
    assert.deepEqual(result, { scopes: ["read", "write"], claims: undefined });
    assert.equal(received.length, 0);
    await using hook = await hookWorld("customize_user_details");
    await customizeToken(hook.world, draftOf(hook));
    const api = { ...hook.client, application: undefined };
    await customizeToken(hook.world, { ...draftOf(hook), client: api });
    assert.equal(hook.received.length, 0);
  });

  const harmless: [string, object][] = [
    ["nothing", {}],
    ["empty lists", { removeScopes: [], additionalClaims: {} }],
    ["nulls", { removeScopes: null, additionalClaims: null }],
    ["scopes that were not asked for", { removeScopes: ["admin", "", "READ"] }],
    ["members of its own", { scopes: ["admin"], addScopes: ["admin"] }],
  ];
  for (const [what, answer] of harmless) {
    it(`changes nothing when the hook answers ${what} (SEC-24)`, async () => {
      const { result, events } = await customized({ answer: json(answer) });
      assert.deepEqual(result, { scopes: ["read", "write"], claims: undefined });
      assert.deepEqual(events, []);
    });
  }

  it("removes scopes and adds claims", async () => {
    const additionalClaims = { tier: "gold", nested: { list: [1, { a: null }] } };
    const answer = json({ removeScopes: ["write", "other"], additionalClaims });
    const { scopes, claims } = (await customized({ answer })).result;
    assert.deepEqual(scopes, ["read"]);
    assert.deepEqual(JSON.parse(JSON.stringify(claims)), additionalClaims);
  });

  it("is refused with SCOPE_INVALID when no scope is left", async () => {
    const answer = json({ removeScopes: ["write", "read"] });
    await assert.rejects(customized({ answer }), { reason: "SCOPE_INVALID" });
  });

  it("lets those go on who asked for no scope at all", async () => {
    await using hook = await hookWorld("customize_token");
    const { scopes } = await customizeToken(hook.world, { ...draftOf(hook), scopes: [] });
    assert.deepEqual(scopes, []);
  });

  it("drops claims that are the server's to make, with an event, and keeps the others", async () => {
    const reserved = "iss sub aud exp nbf iat jti scope scp cid client_id token_type active amr";
    const further = "username ver usl cnf act profile_id app_identifier user_details usage_limit";
    const names = `${reserved} ${further} additional_claims`.split(" ");
    const additionalClaims = Object.fromEntries([...names, "tier"].map((name) => [name, "x"]));
    const { result, events } = await customized({ answer: json({ additionalClaims }) });
    assert.deepEqual({ ...result.claims }, { tier: "x" });
    assert.equal(events.length, 1);
    assert.equal(events[0]?.type, "TOKEN_REQUEST_CLAIM_REJECTED");
    assert.deepEqual(events[0]?.details, { hook: "hook", claims: names.join(" ") });
  });

  it("gives objects without prototype, which no answer can give one (SEC-83)", async () => {
    const claims =
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},' +
      '"deep":{"__proto__":{"admin":true},"list":[{"__proto__":{"admin":true},"a":1}]}}';
    const answer = json(`{"removeScopes":["__proto__"],"additionalClaims":${claims}}`);
    const { result } = await customized({ answer });
    const given = result.claims as Record<string, unknown>;
    assert.deepEqual(Object.keys(given), ["constructor", "deep"]);
    assert.equal(Object.getPrototypeOf(given), null);
    assert.equal(JSON.stringify(given.deep), '{"list":[{"a":1}]}');
    assert.equal((given.deep as { admin?: boolean }).admin, undefined);
    assert.equal(({} as { admin?: boolean }).admin, undefined);
  });

  it("takes claims up to 16 KiB", async () => {
    const text = "x".repeat(16 * 1024 - '{"a":""}'.length);
    const { result } = await customized({ answer: json({ additionalClaims: { a: text } }) });
    assert.equal(result.claims?.a, text);
    const more = json({ additionalClaims: { a: `${text}x` } });
    await assert.rejects(customized({ answer: more }), { reason: "UNAVAILABLE" });
  });
});
