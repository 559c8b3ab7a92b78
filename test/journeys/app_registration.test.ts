// App installations register themselves: what they are told, what is refused, and how many may
// come.
import assert from "node:assert/strict";
import { newKey } from "../support/assertions.ts";
import { assertRefused } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { postJson } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { usualSetup } from "../support/usual_setup.ts";

describe("app registration (RFC 7591, D-60)", function () {
  this.timeout(20_000);
  const server = serverFor(usualSetup);

  const register = async (more: object): Promise<HttpAnswer> => {
    const { publicJwk } = await newKey();
    const usualBody = { software_id: "app", jwks: { keys: [publicJwk] } };
    return postJson(`${server().http}/oauth/register`, { ...usualBody, ...more });
  };

  it("answers 201 with what was registered", async () => {
    const { publicJwk } = await newKey();
    const answer = await register({
      software_version: "1.0",
      jwks: { keys: [publicJwk] },
      device_name: "Ann's phone",
      device_platform: "android",
    });
    assert.equal(answer.status, 201, answer.text);
    const { client_id, client_id_issued_at, jwks, ...rest } = answer.json;
    assert.equal(typeof client_id, "string");
    assert.ok(Math.abs(Number(client_id_issued_at) - Date.now() / 1000) < 60);
    const [key] = (jwks as { keys: Record<string, unknown>[] }).keys;
    assert.deepEqual([key?.kid, key?.x, key?.y], [publicJwk.kid, publicJwk.x, publicJwk.y]);
    assert.deepEqual(rest, {
      software_id: "app",
      software_version: "1.0",
      token_endpoint_auth_method: "private_key_jwt",
      grant_types: ["refresh_token", "urn:gatewright:oauth2:grant_type:implicit_authentication"],
      device_name: "Ann's phone",
      device_platform: "android",
    });
    assert.equal(answer.headers["cache-control"], "no-store");
  });

  const withKey = async (change: object) => {
    const { publicJwk } = await newKey();
    return { jwks: { keys: [{ ...publicJwk, ...change }] } };
  };
  const refused: [string, () => Promise<object>][] = [
    ["an unknown application", async () => ({ software_id: "nowhere" })],
    ["an application that takes none", async () => ({ software_id: "closed" })],
    ["another authentication method", async () => ({ token_endpoint_auth_method: "none" })],
    ["no key", async () => ({ jwks: { keys: [] } })],
    [
      "two keys",
      async () => ({ jwks: { keys: [(await newKey()).publicJwk, (await newKey()).publicJwk] } }),
    ],
    ["a key without kid", () => withKey({ kid: undefined })],
    ["a private key", () => withKey({ d: "AAAA" })],
    ["a key on another curve", () => withKey({ crv: "P-384" })],
    ["a point off the curve", () => withKey({ x: "A".repeat(43) })],
    ["a symmetric key", async () => ({ jwks: { keys: [{ kty: "oct", k: "AAAA", kid: "k" }] } })],
    ["a set that is no set", async () => ({ jwks: { keys: "none" } })],
  ];
  for (const [which, make] of refused) {
    it(`refuses ${which} (SEC-16)`, async () => {
      assertRefused(await register(await make()), 400, "invalid_client_metadata");
    });
  }
});

describe("app registrations from one address", function () {
  this.timeout(20_000);
  const server = serverFor(async () => ({
    ...(await usualSetup()),
    env: { GATEWRIGHT_REGISTRATIONS_PER_HOUR: "3", GATEWRIGHT_TRUSTED_PROXIES: "127.0.0.1" },
  }));

  it("are limited to as many an hour as the setting says, also at once", async () => {
    const { publicJwk } = await newKey();
    const body = { software_id: "app", jwks: { keys: [publicJwk] } };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => postJson(`${server().http}/oauth/register`, body)),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [201, 201, 201, 429, 429, 429, 429, 429]);
    const limited = answers.find(({ status }) => status === 429);
    assert.equal(limited?.json.error, "too_many_requests");
    assert.match(String(limited?.headers["retry-after"]), /^[1-9][0-9]*$/);
  });

  it("are counted for an IPv6 network as a whole (SEC-75)", async () => {
    const register = async (address: string): Promise<number> => {
      const { publicJwk } = await newKey();
      const body = { software_id: "app", jwks: { keys: [publicJwk] } };
      const headers = { "x-forwarded-for": address };
      return (await postJson(`${server().http}/oauth/register`, body, headers)).status;
    };
    for (const host of ["1", "2", "ffff:1"]) {
      assert.equal(await register(`2001:db8:1:2::${host}`), 201);
    }
    assert.equal(await register("2001:db8:1:2:a:b:c:d"), 429);
    assert.equal(await register("2001:db8:1:3::1"), 201);
  });
});
