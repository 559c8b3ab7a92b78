// Web hooks from set-up to token: what they are sent, what they change, and what happens without them.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import type { Receiver } from "../engine/support/receiver.ts";
import { startReceiver } from "../engine/support/receiver.ts";
import { asAdmin, exportedSetup, putSetup, setupUrl } from "../support/administrator.ts";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { get, send } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";

const tokenPath = "/base/v1/customize-access-token";
const detailsPath = "/base/v1/customize-user-details";
const password = "hook-password-71c4";

describe("web hooks (product 3.9)", function () {
  this.timeout(30_000);
  let receiver: Receiver;
  let phone: KeyClient;
  /** What the hooks answer, by path; set by each story. */
  let answers: Record<string, unknown> = {};
  let status = 200;
  const answer = (path: string, response: ServerResponse): void =>
    void response.writeHead(status).end(JSON.stringify(answers[path] ?? {}));

  const server = serverFor(async () => {
    receiver = await startReceiver(({ path }, response) => answer(path, response));
    const { setup, files } = await usualSetup();
    const url = `${receiver.origin}/base`;
    const web_hooks = [
      { id: "narrow", type: "CUSTOMIZE_TOKEN", url },
      {
        id: "enrich",
        type: "USER_DETAILS_CUSTOMIZATION",
        url,
        authentication: "BASIC",
        user: "hook",
        password,
      },
      { id: "idle", type: "CUSTOMIZE_TOKEN", url, enabled: false, authentication: "NONE" },
    ];
    const hooked = {
      id: "hooked",
      identity_providers: ["puppet"],
      scopes: ["read", "write", "openid"],
      customize_token: "narrow",
      customize_user_details: "enrich",
    };
    const applications = [...setup.applications, hooked];
    const egress = { allow: [receiver.origin] };
    return { setup: { ...setup, applications, web_hooks, egress }, files };
  });
  before(async () => {
    phone = await registerPhone(server(), "hooked");
  });
  beforeEach(() => {
    answers = { [detailsPath]: { claims: {} } };
    status = 200;
  });
  after(async () => receiver?.[Symbol.asyncDispose]());

  const sentTo = (path: string) => receiver.received.filter((request) => request.path === path);
  const lastBody = (path: string) => JSON.parse(sentTo(path).at(-1)?.body ?? "{}");
  const profile_id = "W8DUJ2";
  const register = (scope: readonly string[], more: object = {}): Promise<HttpAnswer> =>
    phone.complete("puppet", {
      data: letIn("alice", { email: "a@example.com", tier: "silver" }),
      profile_id,
      scope,
      ...more,
    });
  const introspected = async (token: string) =>
    (await portal(server(), "portal", secrets.portal).introspect(token)).json;

  it("are set up whole or not at all", async () => {
    const url = receiver.origin;
    const rows: [string, object, RegExp][] = [
      ["no type", { id: "h", url }, /web_hooks h: type/],
      ["no URL", { id: "h", type: "CUSTOMIZE_TOKEN" }, /web_hooks h: url/],
      ["a query", { id: "h", type: "CUSTOMIZE_TOKEN", url: `${url}/?a=b` }, /web_hooks h: url/],
      ["credentials", { id: "h", type: "CUSTOMIZE_TOKEN", url: "http://a:b@x.y" }, /h: url/],
      ["another scheme", { id: "h", type: "CUSTOMIZE_TOKEN", url: "ftp://x.y" }, /h: url/],
      [
        "no user",
        { id: "h", type: "CUSTOMIZE_TOKEN", url, authentication: "BASIC", password },
        /h: user/,
      ],
      [
        "no password",
        { id: "h", type: "CUSTOMIZE_TOKEN", url, authentication: "BASIC", user: "u" },
        /h: password/,
      ],
      [
        "a password from an example",
        {
          id: "h",
          type: "CUSTOMIZE_TOKEN",
          url,
          authentication: "BASIC",
          user: "u",
          password: "change-me",
        },
        /h: password/,
      ],
    ];
    for (const [what, hook, problem] of rows) {
      const refused = await putSetup(server(), { web_hooks: [hook] });
      assert.equal(refused.status, 400, what);
      assert.match(String(refused.json.problems), problem, what);
    }
    const wrongType = { id: "app2", customize_token: "enrich", customize_user_details: "narrow" };
    const { json } = await putSetup(server(), { applications: [wrongType] });
    assert.match(String(json.problems), /customize_token: enrich is not of type CUSTOMIZE_TOKEN/);
    assert.match(String(json.problems), /customize_user_details: narrow is not of type/);
    const nowhere = { id: "app2", customize_token: "nowhere" };
    const missing = await putSetup(server(), { applications: [nowhere] });
    assert.match(String(missing.json.problems), /customize_token: nowhere is none of web_hooks/);
  });

  it("cannot change their type or go while an application names them", async () => {
    const hook = { id: "narrow", type: "USER_DETAILS_CUSTOMIZATION", url: receiver.origin };
    const { json } = await putSetup(server(), { web_hooks: [hook] });
    assert.match(String(json.problems), /customize_token: narrow is not of type/);
    const url = `${setupUrl(server())}/web_hooks/narrow`;
    assertRefused(await send(url, { method: "DELETE", headers: asAdmin }), 409, "conflict");
  });

  it("keep their password when it is left out, and never give it back (SEC-82)", async () => {
    const { web_hooks } = await exportedSetup(server());
    const exported = (web_hooks as Record<string, unknown>[]).find(({ id }) => id === "enrich");
    assert.equal(exported?.user, "hook");
    assert.equal(JSON.stringify(web_hooks).includes(password), false);
    assert.equal((await putSetup(server(), { web_hooks: [exported] })).status, 200);
  });

  it("are sent what is documented at a registration, with a token of this server", async () => {
    const hook_context_custom_params = { on_behalf_of: ["user"] };
    tokensOf(await register(["read", "write"], { hook_context_custom_params }));
    assert.deepEqual(lastBody(tokenPath), {
      user: { id: "alice" },
      client: { id: phone.clientId },
      scopes: ["read", "write"],
      userClaims: { email: "a@example.com", tier: "silver" },
      contextCustomParams: hook_context_custom_params,
    });
    const { authorization = "" } = sentTo(tokenPath).at(-1)?.headers ?? {};
    const keys = createRemoteJWKSet(new URL(`${server().http}/oauth/keys`));
    const { payload } = await jwtVerify(authorization.replace("Bearer ", ""), keys, {
      issuer: server().issuer,
      audience: `${receiver.origin}/base`,
      subject: "onewelcomeAccessWebHookClient",
    });
    assert.match(String(payload.scope), /onewelcome_webhook_customize_token$/);
  });

  it("narrow the scopes of a registration, and add claims to its access token", async () => {
    const additionalClaims = { level: "gold", iss: "forged" };
    answers = { ...answers, [tokenPath]: { removeScopes: ["write"], additionalClaims } };
    const { access_token } = tokensOf(await register(["read", "write"]));
    const shown = await introspected(access_token);
    assert.equal(shown.scope, "read");
    assert.deepEqual(shown.additional_claims, { level: "gold" });
    assert.equal(shown.iss, server().issuer);
  });

  it("are asked again at a refresh", async () => {
    const { refresh_token = "" } = tokensOf(await register(["read", "write"]));
    const before = sentTo(tokenPath).length;
    answers = { ...answers, [tokenPath]: { removeScopes: ["write"] } };
    const { access_token } = tokensOf(await phone.refresh(refresh_token, { profile_id }));
    assert.equal(sentTo(tokenPath).length, before + 1);
    assert.equal((await introspected(access_token)).scope, "read");
  });

  it("change what the ID token and UserInfo say of a user, but no protected claim", async () => {
    const claims = { name: "Alice", sub: "mallory", iss: "forged", amr: ["forged"] };
    answers = { [detailsPath]: { claims } };
    const { id_token = "", access_token } = tokensOf(await register(["openid"]));
    const { authorization } = sentTo(detailsPath).at(-1)?.headers ?? {};
    assert.equal(authorization, `Basic ${Buffer.from(`hook:${password}`).toString("base64")}`);
    const payload = decodeJwt(id_token);
    assert.deepEqual([payload.sub, payload.iss], ["alice", server().issuer]);
    assert.deepEqual([payload.name, payload.email, payload.amr], ["Alice", undefined, undefined]);
    answers = { [detailsPath]: { claims: { name: "Alice B." } } };
    const bearer = { authorization: `Bearer ${access_token}` };
    const userInfo = await get(`${server().http}/oauth/v1/userinfo`, bearer);
    assert.deepEqual(userInfo.json, { sub: "alice", name: "Alice B." });
  });

  it("end a registration by removing every scope", async () => {
    answers = { ...answers, [tokenPath]: { removeScopes: ["read"] } };
    assertRefused(await register(["read"]), 400, "invalid_scope");
  });

  it("fail closed: no answer, no token (SEC-87)", async () => {
    status = 500;
    assertRefused(await register(["read"]), 503, "temporarily_unavailable");
    status = 401;
    assertRefused(await register(["read"]), 503, "temporarily_unavailable");
  });

  it("are out of reach as soon as the egress list says so (SEC-57)", async () => {
    const allowed = { egress: { allow: [receiver.origin] } };
    assert.equal((await putSetup(server(), { egress: { allow: [] } })).status, 200);
    const before = receiver.received.length;
    assertRefused(await register(["read"]), 503, "temporarily_unavailable");
    assert.equal(receiver.received.length, before);
    assert.equal((await putSetup(server(), allowed)).status, 200);
    tokensOf(await register(["read"]));
  });

  it("are not asked where they are disabled", async () => {
    const before = receiver.received.length;
    const idle = { id: "calm", identity_providers: ["puppet"], scopes: ["read"] };
    const setup = { applications: [{ ...idle, customize_token: "idle" }] };
    assert.equal((await putSetup(server(), setup)).status, 200);
    const other = await registerPhone(server(), "calm");
    const body = { data: letIn("alice"), profile_id, scope: ["read"] };
    tokensOf(await other.complete("puppet", body));
    assert.equal(receiver.received.length, before);
  });
});
