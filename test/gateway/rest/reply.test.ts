// Messages as the JSON of answers: which members are there, and of which type.
import assert from "node:assert/strict";
import { embedded } from "../../../gateway/upstream/embedded.ts";
import type { Behind, Gateway } from "../two_ways.ts";
import { behind, gateway, post, postForm } from "../two_ways.ts";

describe("writer", () => {
  let server: Behind;
  let door: Gateway;
  before(async () => {
    server = behind();
    door = await gateway(embedded(server.procedures));
  });
  after(() => door.stop());

  const introspect = async (reply: unknown): Promise<string> => {
    server.handle = () => reply;
    return (await postForm(door.public, "/oauth/api/v2/token/introspect", "token=x")).text();
  };

  it("says of an inactive token nothing else", async () => {
    assert.equal(await introspect({ active: false }), '{"active":false}');
  });

  it("writes optional fields that were set, numbers as numbers, lists with items", async () => {
    const reply = {
      active: true,
      exp: 4_000_000_000,
      sub: "",
      amr: ["DEFAULT"],
      userDetails: { a: 1 },
    };
    assert.deepEqual(JSON.parse(await introspect(reply)), {
      active: true,
      exp: 4_000_000_000,
      sub: "",
      amr: ["DEFAULT"],
      user_details: { a: 1 },
    });
  });

  it("writes fields without presence also when they are zero, inside other messages too (D-14)", async () => {
    server.handle = () => ({ status: 0, oauthToken: { accessToken: "a" } });
    const path = "/oauth/v2/custom-registration/qr/complete";
    assert.deepEqual(await (await post(door.public, path, {})).json(), {
      status: 0,
      oauth_token: { token_type: "", access_token: "a", expires_in: 0 },
    });
    server.handle = () => ({ keys: [{ kid: "k" }] });
    const { keys } = (await (await fetch(`http://${door.public}/oauth/v1/keys`)).json()) as never;
    assert.deepEqual(Object.keys(keys[0]), ["kid", "kty", "crv", "x", "y", "use", "alg"]);
  });

  it("writes lists that documents promise also when they are empty (Events API)", async () => {
    server.handle = () => ({ resultSet: [], pagination: { totalResults: 0, visiblePages: [] } });
    const answer = await fetch(`http://${door.public}/oauth/api/v1/events`);
    const { result_set, pagination } = (await answer.json()) as never;
    assert.deepEqual(
      [result_set, (pagination as { visible_pages: unknown }).visible_pages],
      [[], []],
    );
    server.handle = () => ({ devices: [{ id: "a" }, { id: "b", tokenTypes: ["DEFAULT"] }] });
    const listed = await fetch(`http://${door.public}/oauth/api/v4/users/ann/devices`);
    const { devices } = (await listed.json()) as { devices: { tokenTypes: unknown }[] };
    assert.deepEqual(
      devices.map(({ tokenTypes }) => tokenTypes),
      [[], ["DEFAULT"]],
    );
  });

  it("leaves other empty lists and maps out", async () => {
    server.handle = () => ({ changes: [] });
    const response = await fetch(`http://${door.admin}/admin/v1/setup/diff`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assert.equal(await response.text(), "{}");
  });

  it("writes the one member that the rule names as the whole body", async () => {
    server.handle = () => ({
      setup: { applications: [{ id: "a", accessTokenLifetime: { seconds: 5n, nanos: 0 } }] },
    });
    const address = `http://${door.admin}/admin/v1/setup`;
    assert.deepEqual(await (await fetch(address)).json(), {
      applications: [{ id: "a", access_token_lifetime: "5s" }],
    });
    server.handle = () => ({});
    assert.equal(await (await fetch(address)).text(), "{}");
  });

  it("sends the documented headers and the exact length, of text beyond ASCII too (SEC-32)", async () => {
    server.handle = () => ({ status: 2000, data: "é😀" });
    const response = await post(door.public, "/oauth/v2/custom-registration/qr/init", {});
    const text = await response.text();
    const { headers } = response;
    assert.equal(headers.get("content-type"), "application/json;charset=UTF-8");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("pragma"), "no-cache");
    assert.equal(headers.get("content-length"), String(Buffer.byteLength(text)));
    assert.equal(JSON.parse(text).data, "é😀");
  });

  it("lets answers that may be cached be cached, and their refusals not", async () => {
    server.handle = () => ({ keys: [] });
    const good = await fetch(`http://${door.public}/oauth/v1/keys`);
    assert.equal(good.headers.get("cache-control"), "public, max-age=60");
    assert.equal(good.headers.get("pragma"), null);
    server.handle = () => Promise.reject(new Error("fault"));
    const bad = await fetch(`http://${door.public}/oauth/v1/keys`);
    assert.deepEqual([bad.status, bad.headers.get("cache-control")], [500, "no-store"]);
  });

  it("answers success with the status of the contract", async () => {
    server.handle = () => ({});
    const gone = await fetch(`http://${door.admin}/admin/v1/setup/clients/x`, { method: "DELETE" });
    assert.deepEqual(
      [gone.status, await gone.text(), gone.headers.get("content-type")],
      [204, "", null],
    );
    const revoked = await postForm(door.public, "/oauth/revoke", "token=x");
    assert.deepEqual([revoked.status, await revoked.text()], [200, "{}"]);
    const made = await post(door.public, "/oauth/register", { software_id: "a", jwks: {} });
    assert.equal(made.status, 201);
  });
});
