// Which browser origins may call, and what their preflights are told.
import assert from "node:assert/strict";
import { embedded } from "../../gateway/upstream/embedded.ts";
import type { Gateway } from "./two_ways.ts";
import { behind, gateway } from "./two_ways.ts";

const known = "https://portal.example.com";

describe("crossOrigin", () => {
  let door: Gateway;
  before(async () => {
    door = await gateway(embedded(behind().procedures));
  });
  after(() => door.stop());

  const ask = (path: string, origin: string, method = "GET"): Promise<Response> =>
    fetch(`http://${door.public}${path}`, {
      method,
      headers: {
        origin,
        ...(method === "OPTIONS" ? { "access-control-request-method": "POST" } : {}),
      },
    });

  it("answers the preflight of a known origin", async () => {
    const response = await ask("/oauth/token", known, "OPTIONS");
    assert.equal(response.status, 204);
    assert.equal(response.headers.get("access-control-allow-origin"), known);
    const allowed = response.headers.get("access-control-allow-headers") ?? "";
    for (const name of [
      "authorization",
      "content-type",
      "connect-protocol-version",
      "x-grpc-web",
    ]) {
      assert.ok(allowed.split(", ").includes(name), name);
    }
    assert.match(response.headers.get("access-control-allow-methods") ?? "", /POST/);
  });

  it("lets a known origin read answers and refusals of every kind, dates included (D-66)", async () => {
    const paths = ["/oauth/keys", "/nowhere", "/gatewright.v1.TokenService/GetKeys"];
    for (const path of paths) {
      const { headers } = await ask(path, known);
      assert.equal(headers.get("access-control-allow-origin"), known);
      assert.match(headers.get("access-control-expose-headers") ?? "", /\bdate\b/);
      assert.equal(headers.get("vary"), "Origin");
      assert.equal(headers.get("access-control-allow-credentials"), null);
    }
  });

  it("gives another origin nothing", async () => {
    for (const origin of [
      "https://evil.example.com",
      `${known}.evil.com`,
      known.toUpperCase(),
      "null",
    ]) {
      for (const method of ["GET", "OPTIONS"]) {
        const { headers } = await ask("/oauth/keys", origin, method);
        const names = [...headers.keys()].filter((name) => name.startsWith("access-control-"));
        assert.deepEqual(names, []);
        assert.equal(headers.get("vary"), "Origin");
      }
    }
  });
});
