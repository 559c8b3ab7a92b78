// A hook that cannot be asked or does not answer as documented: the flow ends, and an event says why.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { customizeToken } from "../../../server/flows/hooks/customize_token.ts";
import type { HookOptions } from "./hook_world.ts";
import { hookWorld, json } from "./hook_world.ts";

const redirect = (response: ServerResponse): void =>
  void response.writeHead(307, { location: "/elsewhere" }).end();
const compressed = (response: ServerResponse): void =>
  void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("{}"));

describe("askWebHook (SEC-87)", () => {
  const rows: [what: string, options: HookOptions, problem: RegExp, calls: number][] = [
    ["says 401", { answer: json({}, 401) }, /status 401/, 1],
    ["says 500", { answer: json({}, 500) }, /status 500/, 1],
    ["says 201", { answer: json({}, 201) }, /status 201/, 1],
    ["redirects", { answer: redirect }, /status 307/, 1],
    ["answers no JSON", { answer: json("<html>") }, /not JSON/, 1],
    ["answers nothing", { answer: json("") }, /not JSON/, 1],
    ["answers a list", { answer: json([]) }, /no object/, 1],
    ["answers a member twice", { answer: json('{"a":1,"a":2}') }, /twice/, 1],
    ["nests too deeply", { answer: json(`{"a":${"[".repeat(20)}`) }, /deeply/, 1],
    ["removes a number", { answer: json({ removeScopes: [1] }) }, /removeScopes/, 1],
    ["removes a text", { answer: json({ removeScopes: "read" }) }, /removeScopes/, 1],
    ["adds a list of claims", { answer: json({ additionalClaims: [] }) }, /additionalClaims/, 1],
    ["answers too much", { answer: json({ a: "x".repeat(300_000) }) }, /larger than/, 1],
    ["compresses its answer", { answer: compressed }, /compressed/, 1],
    ["hangs up", { answer: (response) => void response.destroy() }, /exchange failed|closed/, 1],
    ["is not on the egress list", { allow: ["https://example.com"] }, /allow list/, 0],
    [
      "is not there",
      { hook: { url: "http://127.0.0.1:9" }, allow: ["http://127.0.0.1:9"] },
      /ECONNREFUSED/,
      0,
    ],
  ];
  for (const [what, options, problem, calls] of rows) {
    it(`ends the flow with UNAVAILABLE when the hook ${what}`, async () => {
      await using hook = await hookWorld("customize_token", options);
      const draft = {
        client: hook.client,
        userId: "alice",
        scopes: ["read"],
        userDetails: { secret: "detail-of-the-user" },
        contextCustomParams: null,
      };
      await assert.rejects(customizeToken(hook.world, draft), { reason: "UNAVAILABLE", facts: {} });
      assert.equal(hook.received.length, calls);
      assert.equal(hook.events.length, 1);
      const [event] = hook.events;
      assert.equal(event?.type, "TOKEN_REQUEST_WEB_HOOK_FAILED");
      assert.deepEqual(
        [event?.clientId, event?.userId, event?.application, event?.details?.hook],
        ["phone-1", "alice", "app", "hook"],
      );
      assert.match(String(event?.details?.problem), problem);
      assert.doesNotMatch(JSON.stringify(event), /detail-of-the-user|Bearer/);
    });
  }

  it("waits 5 seconds for a hook that dawdles, and no longer", async function () {
    this.timeout(20_000);
    const dawdle = (response: ServerResponse): void => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 200);
      response.on("close", () => clearInterval(timer));
    };
    await using hook = await hookWorld("customize_token", { answer: dawdle });
    const draft = {
      client: hook.client,
      userId: "alice",
      scopes: ["read"],
      userDetails: {},
      contextCustomParams: null,
    };
    await assert.rejects(customizeToken(hook.world, draft), { reason: "UNAVAILABLE" });
    assert.match(String(hook.events[0]?.details?.problem), /5000 ms|took too long/);
  });
});
