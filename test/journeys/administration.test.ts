// Administration: the first administrator, who may call, and what a set-up does to a running
// server.
import assert from "node:assert/strict";
import { ExportSetupResponse } from "../../gen/gatewright/v1/admin.ts";
import { asAdmin, exportedSetup, putSetup, setupUrl } from "../support/administrator.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { basic, get, postForm, postJson, send } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, secrets, usualScripts, usualSetup } from "../support/usual_setup.ts";
import { overGrpc } from "./doors.ts";

describe("the first administrator", function () {
  this.timeout(30_000);
  const server = serverFor(async () => ({}));
  const secretPrinted = /administrator is "admin".* (\S+)$/m;

  it("gets a secret that is printed once, and never again (SEC-82)", async () => {
    await server().logged("administrator");
    const [, secret = ""] = secretPrinted.exec(server().log()) ?? [];
    assert.ok(secret.length >= 22, "the secret is short");
    const authorization = basic("admin", secret);
    const admitted = await get(setupUrl(server()), { authorization });
    assert.equal(admitted.status, 200, admitted.text);
    await server().restart();
    assert.equal(server().log().split(secret).length, 2, "it is printed again");
    assert.equal((await get(setupUrl(server()), { authorization })).status, 200);
  });

  const calls: [string, () => Promise<HttpAnswer>][] = [
    ["reading the set-up", () => get(setupUrl(server()))],
    ["changing it", () => putSetup(server(), {}, {})],
    ["comparing it", () => postJson(`${setupUrl(server())}/diff`, {})],
    ["removing an object", () => send(`${setupUrl(server())}/clients/admin`, { method: "DELETE" })],
    ["new keys", () => postJson(`${server().admin}/admin/v1/keys/rotate`, {})],
  ];
  for (const [which, call] of calls) {
    it(`is needed for ${which}`, async () => {
      const answer = await call();
      assertRefused(answer, 401, "unauthorized");
    });
  }

  it("has no default secret", async () => {
    for (const secret of ["", "admin", "password", "changeit", "secret"]) {
      const authorization = basic("admin", secret);
      assertRefused(await get(setupUrl(server()), { authorization }), 401, "unauthorized");
    }
  });

  it("is not needed for health, which tells nothing else", async () => {
    const { status, text } = await get(`${server().admin}/health`);
    assert.deepEqual([status, text], [200, '{"status":"serving"}']);
  });

  it("is not needed for figures, which hold no name and are not public", async () => {
    const { status, text, headers } = await get(`${server().admin}/metrics`);
    assert.equal(status, 200);
    assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/);
    assert.match(text, /^gatewright_calls_total\{method="GetHealth",end="OK"\} \d+$/m);
    assert.match(text, /^gatewright_event_loop_delay_seconds\{quantile="0\.99"\} [\d.e-]+$/m);
    assert.equal((await get(`${server().http}/metrics`)).status, 404);
  });
});

describe("administration", function () {
  this.timeout(30_000);
  const server = serverFor(usualSetup);

  it("prints no secret when the set-up has an administrator", async () => {
    assert.doesNotMatch(server().log(), /first start: the administrator/);
  });

  it("needs the permission, whatever else a client may do", async () => {
    for (const id of ["portal", "viewer"] as const) {
      const authorization = basic(id, secrets[id]);
      const answer = await get(setupUrl(server()), { authorization });
      assertRefused(answer, 403, "insufficient_permissions");
    }
  });

  it("applies all of a set-up or nothing", async () => {
    const before = await exportedSetup(server());
    const answer = await putSetup(server(), {
      properties: [{ id: "fine", value: "x" }],
      applications: [{ id: "bad", identity_providers: ["nowhere"] }],
    });
    assertRefused(answer, 400, "invalid_request");
    assert.match(String(answer.json.problems), /applications bad/);
    assert.deepEqual(await exportedSetup(server()), before);
  });

  it("says what changed, and that nothing did the second time", async () => {
    const setup = { properties: [{ id: "once", value: "x" }] };
    const change = { action: "added", kind: "properties", id: "once" };
    const compared = await postJson(`${setupUrl(server())}/diff`, setup, asAdmin);
    assert.deepEqual(compared.json, { changes: [change] });
    assert.deepEqual((await putSetup(server(), setup)).json, { changes: [change] });
    assert.deepEqual((await putSetup(server(), setup)).json, {});
  });

  it("acts at once: a disabled provider, a removed client", async () => {
    const phone = await registerPhone(server());
    const body = { data: letIn("alice"), profile_id: "W8DUJ2" };
    const provider = (enabled: boolean) => ({
      files: { "puppet.js": usualScripts["puppet.js"] },
      identity_providers: [
        { id: "puppet", type: "CUSTOM_API_ONE_STEP", enabled, scripts: { complete: "puppet.js" } },
      ],
    });
    const changed = await putSetup(server(), provider(false));
    assert.equal(changed.status, 200, changed.text);
    assertRefused(await phone.complete("puppet", body), 403, "idp_disabled");
    assert.equal((await putSetup(server(), provider(true))).status, 200);
    tokensOf(await phone.complete("puppet", body));

    const removed = await send(`${setupUrl(server())}/clients/viewer`, {
      method: "DELETE",
      headers: asAdmin,
    });
    assert.equal(removed.status, 204, removed.text);
    const viewer = portal(server(), "viewer", secrets.viewer);
    assertRefused(await viewer.introspect("A".repeat(64)), 401, "invalid_client");
  });

  it("ends the tokens of a client with the client, also when it comes back (SEC-85)", async () => {
    const client = { id: "passing", kind: "api", secret: "passing-secret-77d0" };
    const passing = { clients: [{ ...client, api_scopes: ["onegini_api_insights"] }] };
    assert.equal((await putSetup(server(), passing)).status, 200);
    const answer = await postForm(`${server().http}/oauth/token`, {
      grant_type: "client_credentials",
      client_id: client.id,
      client_secret: client.secret,
    });
    const token = tokensOf(answer).access_token;
    const asked = portal(server(), "portal", secrets.portal);
    assert.equal((await asked.introspect(token)).json.active, true);
    await send(`${setupUrl(server())}/clients/passing`, { method: "DELETE", headers: asAdmin });
    assert.deepEqual((await asked.introspect(token)).json, { active: false });
    assert.equal((await putSetup(server(), passing)).status, 200);
    assert.deepEqual((await asked.introspect(token)).json, { active: false });
  });

  it("is served over gRPC on loopback, to administrators only", async () => {
    const message = {};
    const { authorization } = asAdmin;
    const end = await overGrpc(server(), { method: "exportSetup", message, authorization });
    assert.equal(end.code, 0, end.details);
    const { setup } = ExportSetupResponse.decode(end.bytes ?? new Uint8Array());
    assert.ok(setup?.clients.some(({ id }) => id === "admin"));
    const anonymous = await overGrpc(server(), { method: "exportSetup", message });
    assert.deepEqual([anonymous.code, anonymous.reason], [16, "ADMIN_CREDENTIALS_REJECTED"]);
  });

  it("exports what can be applied again without a change", async () => {
    assert.deepEqual((await putSetup(server(), await exportedSetup(server()))).json, {});
  });
});
