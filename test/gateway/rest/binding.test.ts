// How requests become messages: spellings, forms, queries, paths, and what is refused.
import assert from "node:assert/strict";
import { embedded } from "../../../gateway/upstream/embedded.ts";
import type { Behind, Gateway } from "../two_ways.ts";
import { behind, gateway, postForm, refused } from "../two_ways.ts";

const init = "/oauth/v2/custom-registration/qr/init";
const completeV1 = "/oauth/custom-registration/qr/complete";
const token = "/oauth/token";
const register = "/oauth/register";

const json = (address: string, path: string, text: string | Buffer, type = "application/json") =>
  fetch(`http://${address}${path}`, {
    method: "POST",
    headers: { "content-type": type },
    body: text as string,
  });

describe("bind", () => {
  let server: Behind;
  let door: Gateway;
  // biome-ignore lint/suspicious/noExplicitAny: the requests of several methods.
  let seen: any;
  before(async () => {
    server = behind();
    server.handle = (request) => {
      seen = request;
      return { status: 2000 };
    };
    door = await gateway(embedded(server.procedures));
  });
  after(() => door.stop());
  beforeEach(() => {
    seen = undefined;
  });

  it("reads fields by their names in the contract, at every depth", async () => {
    await json(door.public, init, '{"data":"hi","hook_context_custom_params":{"a":["x","y"]}}');
    assert.equal(seen.data, "hi");
    assert.equal(seen.idp, "qr");
    assert.deepEqual([...seen.hookContextCustomParams], [["a", ["x", "y"]]]);
  });

  it("ignores names that it does not know, camelCase ones among them (D-64)", async () => {
    const text = '{"data":"hi","clientAssertion":"a","nonsense":{"x":[1]},"[ext.name]":1}';
    assert.equal((await json(door.public, init, text)).status, 200);
    assert.equal(seen.clientAssertion, undefined);
    const setup = { clients: [{ id: "a", apiScopes: ["x"], jwksUri: "y", secret: "12345678" }] };
    await fetch(`http://${door.admin}/admin/v1/setup`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(setup),
    });
    const [client] = seen.setup.clients;
    assert.deepEqual(
      [client.apiScopes, client.jwksUri, client.secret],
      [[], undefined, "12345678"],
    );
  });

  it("lets the path win over the body", async () => {
    await json(door.public, init, '{"idp":"other"}');
    assert.equal(seen.idp, "qr");
    await json(door.public, "/oauth/v2/custom-registration/caf%C3%A9%2F1/init", "{}");
    assert.equal(seen.idp, "café/1");
  });

  it("takes an absent body for an empty one", async () => {
    assert.equal((await fetch(`http://${door.public}${init}`, { method: "POST" })).status, 200);
    assert.equal(seen.data, undefined);
  });

  it("keeps a member named __proto__ as a key of a map (SEC-83)", async () => {
    await json(door.public, init, '{"hook_context_custom_params":{"__proto__":["x"]}}');
    assert.deepEqual([...seen.hookContextCustomParams], [["__proto__", ["x"]]]);
  });

  const badJson: readonly (readonly [what: string, text: string | Buffer])[] = [
    ["text that is not JSON", "{"],
    ["a body that is no object", "[]"],
    ["null", "null"],
    ["a string for the body", '"x"'],
    ["a number where text is wanted", '{"data":5}'],
    ["an object where text is wanted", '{"data":{}}'],
    ["text in a list's place", '{"hook_context_custom_params":{"a":"x"}}'],
    ["a member given twice", '{"data":"a","data":"b"}'],
    ["an unknown member given twice", '{"x":1,"x":1}'],
    ["nesting beyond 16", `{"x":${"[".repeat(16)}${"]".repeat(16)}}`],
    ["bytes that are not UTF-8", Buffer.from('{"data":"\xff"}', "latin1")],
    ["half a surrogate pair", '{"data":"\\ud83d"}'],
    ["a byte order mark", "\ufeff{}"],
  ];
  for (const [what, text] of badJson) {
    it(`refuses ${what}`, async () => {
      await refused(await json(door.public, init, text), 400, "invalid_request");
      assert.equal(seen, undefined);
    });
  }

  it("refuses a number that could not be written back", async () => {
    const text = '{"software_id":"a","jwks":{"x":1e999}}';
    await refused(await json(door.public, register, text), 400, "invalid_request");
  });

  it("does not show a value of a wrong type", async () => {
    const body = await refused(
      await json(door.public, init, '{"data":[4711]}'),
      400,
      "invalid_request",
    );
    assert.match(body.error_description as string, /data has a value of a wrong type/);
    assert.doesNotMatch(body.error_description as string, /4711/);
  });

  it("reads a form, repeated fields included", async () => {
    await postForm(door.public, completeV1, "scope=read&scope=a+b%2Bc&data=%C3%A9&client_id=x");
    assert.deepEqual([seen.scope, seen.data, seen.clientId], [["read", "a b+c"], "é", "x"]);
  });

  it("takes an OAuth parameter without a value for an absent one, and no other", async () => {
    await postForm(door.public, token, "grant_type=x&scope=&refresh_token");
    assert.deepEqual([seen.scope, seen.refreshToken], [undefined, undefined]);
    await postForm(door.public, completeV1, "data=");
    assert.equal(seen.data, "");
  });

  const badForms: readonly (readonly [what: string, form: string])[] = [
    ["a parameter given twice (SEC-15)", "grant_type=a&client_id=b&client_id=b"],
    ["a parameter given twice, once empty", "grant_type=a&client_id=&client_id=b"],
    ["an unknown parameter given twice (D-64)", "grant_type=a&x=1&x=2"],
    ["an escape that is incomplete", "grant_type=a%2"],
    ["an escape that is not hexadecimal", "grant_type=a%zz"],
    ["an escape that is not UTF-8", "grant_type=%ff"],
  ];
  for (const [what, form] of badForms) {
    it(`refuses ${what}`, async () => {
      await refused(await postForm(door.public, token, form), 400, "invalid_request");
      assert.equal(seen, undefined);
    });
  }

  it("refuses a map in a form", async () => {
    const form = "hook_context_custom_params=x";
    await refused(await postForm(door.public, completeV1, form), 400, "invalid_request");
  });

  it("refuses a parameter that is in the query and in the body (SEC-15)", async () => {
    const response = await postForm(door.public, `${token}?grant_type=a`, "grant_type=a");
    await refused(response, 400, "invalid_request");
  });

  it("does not read parameters of the body from the query", async () => {
    await refused(
      await postForm(door.public, `${token}?grant_type=a`, "x=y"),
      400,
      "invalid_request",
    );
    assert.equal(seen, undefined);
  });

  for (const path of ["a%00b", "a%0ab", "%", "%f", "%ff", "%ed%a0%80"]) {
    it(`refuses the path segment ${path}`, async () => {
      const response = await json(door.public, `/oauth/v2/custom-registration/${path}/init`, "{}");
      await refused(response, 400, "invalid_request");
      assert.equal(seen, undefined);
    });
  }

  const types: readonly (readonly [path: string, type: string, status: number])[] = [
    [init, "application/json; charset=utf-8", 200],
    [init, 'Application/JSON;charset="UTF-8"', 200],
    [init, "application/json; charset=iso-8859-1", 415],
    [init, "application/x-www-form-urlencoded", 415],
    [init, "application/jsonx", 415],
    [init, "text/plain", 415],
    [token, "application/json", 415],
    [completeV1, "application/json", 200],
    [completeV1, "application/x-www-form-urlencoded", 200],
    [completeV1, "multipart/form-data; boundary=x", 415],
  ];
  for (const [path, type, status] of types) {
    it(`answers ${status} to ${type} at ${path}`, async () => {
      const text = type.toLowerCase().includes("json") ? "{}" : "data=x";
      assert.equal((await json(door.public, path, text, type)).status, status);
    });
  }

  it("refuses a body without a media type, or with a content coding", async () => {
    const bare = await fetch(`http://${door.public}${init}`, {
      method: "POST",
      body: Buffer.from("{}"),
    });
    await refused(bare, 415, "invalid_request");
    const coded = await fetch(`http://${door.public}${init}`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      body: "{}",
    });
    await refused(coded, 415, "invalid_request");
  });
});
