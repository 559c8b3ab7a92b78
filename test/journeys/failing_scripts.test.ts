// Scripts that fail: the caller learns that they did and nothing else, the log learns all of it,
// and nobody gets tokens.
import assert from "node:assert/strict";
import { authenticated } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, portal, registerPhone, stepPath, tokensOf } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { postJson } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";

/** What no caller may see, and what the log has. */
const secret = "geheim-4711";

interface FailingScript {
  readonly name: string;
  readonly source: string;
  /** What the log says of it, beside the execution's id. */
  readonly logged: RegExp;
}

const returning = (name: string, value: string, logged = /3004/): FailingScript => ({
  name: `returns ${name}`,
  source: `function execute() { var secret = "${secret}"; return ${value}; }`,
  logged,
});
const user = (name: string, value: string): FailingScript =>
  returning(`success with ${name}`, `{ status: 2000, user: ${value} }`);

const scripts: readonly FailingScript[] = [
  {
    name: "throws an error",
    source: `function execute() { throw new Error("${secret}"); }`,
    logged: new RegExp(secret),
  },
  {
    name: "throws a text",
    source: `function execute() { throw "${secret}"; }`,
    logged: new RegExp(secret),
  },
  {
    name: "throws something whose text throws",
    source: `function execute() {
      throw { toString: function () { throw new Error("${secret}"); } };
    }`,
    logged: /3001/,
  },
  {
    name: "names a Java class that there is none of",
    source: 'function execute() { return new java.io.File("/etc/passwd"); }',
    logged: /3003.*java\.io\.File|java\.io\.File.*3003/,
  },
  { name: "loops for ever", source: "function execute() { for (;;) {} }", logged: /"cpu"/ },
  {
    name: "loops in a pattern",
    source: 'function execute() { /(a+)+$/.test("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"); }',
    logged: /"cpu"/,
  },
  {
    name: "recurses for ever",
    source: "function execute() { return execute() + 1; }",
    logged: /"stack"|"cpu"/,
  },
  {
    name: "fills the memory",
    source: 'function execute() { var all = []; for (;;) all.push("xxxxxxxxxx".repeat(1e5)); }',
    logged: /"memory"|"cpu"/,
  },
  {
    name: "answers more than fits",
    source: `function execute() {
      return { status: 2000, user: { id: "a" }, responsePayload: "x".repeat(300000) };
    }`,
    logged: /"output"/,
  },
  returning("nothing", "undefined"),
  returning("null", "null"),
  returning("a number", "2000"),
  returning("a text", '"2000"'),
  returning("a list", "[2000]"),
  returning("a function", "function () { return 2000; }"),
  returning("an object without a status", '{ user: { id: "alice" } }'),
  returning("a promise that never settles", "new Promise(function () {})", /300[14]/),
  ...["NaN", "Infinity", '"2000"', "2000.5", "true", "null", "[2000]", "-2000", "2e308"].map(
    (status) => returning(`the status ${status}`, `{ status: ${status}, user: { id: "alice" } }`),
  ),
  ...[0, 200, 1999, 3000, 3001, 3004, 3999, 6000, 20000].map((status) =>
    returning(`the status ${status}`, `{ status: ${status}, user: { id: "alice" } }`),
  ),
  returning(
    "a payload that is a function",
    '{ status: 2000, user: { id: "a" }, responsePayload: function () {} }',
  ),
  returning(
    "a payload with a cycle",
    `(function () {
      var a = {};
      a.a = a;
      return { status: 2000, user: { id: "a" }, responsePayload: a };
    })()`,
    /300[14]/,
  ),
  user("no user", "undefined"),
  user("a user without an id", "{}"),
  user("an id that is null", "{ id: null }"),
  user("an id that is empty", '{ id: "" }'),
  user("an id that is a number", "{ id: 7 }"),
  user("an id that is an object", '{ id: { toString: function () { return "a"; } } }'),
  user("an id that is a list", '{ id: ["a"] }'),
  user("an id of 257 characters", '{ id: "x".repeat(257) }'),
  user("an id with a line feed", '{ id: "a\\nb" }'),
  user("an id with a zero character", '{ id: "a\\u0000" }'),
  user("an id with a delete character", '{ id: "a\\u007f" }'),
  user("an id with a C1 control character", '{ id: "a\\u0085" }'),
  user("an id with half a surrogate pair", '{ id: "a\\ud800" }'),
  returning("an id only by inheritance", '{ status: 2000, user: Object.create({ id: "alice" }) }'),
];

const idOf = (index: number): string => `failing-${index}`;
// A profile of its own, so that a user who is wrongly let in takes nobody's.
const profileOf = (index: number): string => `FAIL${String(index).padStart(2, "0")}`;

describe("scripts that fail (D-13, D-16, SEC-35, SEC-73)", function () {
  this.timeout(30_000);
  let phone: KeyClient;
  const server = serverFor(async () => {
    const { setup, files } = await usualSetup();
    const providers = scripts.map((_, i) => ({
      id: idOf(i),
      type: "CUSTOM_API_ONE_STEP",
      scripts: { complete: `${idOf(i)}.js`, backchannel: `${idOf(i)}.js` },
    }));
    const application = {
      id: "failing-app",
      identity_providers: [...providers.map(({ id }) => id), "puppet"],
      scopes: ["read"],
      default_scopes: ["read"],
    };
    return {
      setup: {
        ...setup,
        applications: [...setup.applications, application],
        identity_providers: [...setup.identity_providers, ...providers],
      },
      files: {
        ...files,
        ...Object.fromEntries(scripts.map(({ source }, i) => [`${idOf(i)}.js`, source])),
      },
      env: { GATEWRIGHT_SCRIPT_CPU: "0.1s" },
    };
  });
  before(async () => {
    phone = await registerPhone(server(), "failing-app");
  });

  function assertFailed(answer: HttpAnswer): string {
    assertRefused(answer, 500, "internal_server_error");
    const { error, error_description, error_id, ...rest } = answer.json;
    assert.match(String(error_id), /^[0-9a-f-]{36}$/, answer.text);
    assert.deepEqual(rest, {});
    assert.doesNotMatch(answer.text, new RegExp(`${secret}|stack|\\.js|java|300[0-4]`, "i"));
    return String(error_id);
  }

  for (const [index, { name, logged: expected }] of scripts.entries()) {
    it(`one that ${name} is an error of the server with an id, and the log has it`, async () => {
      const answer = await phone.complete(idOf(index), { profile_id: profileOf(index) });
      const lines = await server().logged(assertFailed(answer));
      assert.match(lines, expected);
      assert.match(lines, new RegExp(idOf(index)));
    });
  }

  it("say the same over the backchannel", async () => {
    const actor = portal(server(), "portal", secrets.portal);
    assertFailed(await actor.backchannel(idOf(0)));
  });

  it("are said to be missing only in the log (3000)", async () => {
    const actor = portal(server(), "portal", secrets.portal);
    const id = assertFailed(await actor.backchannel("silent"));
    assert.match(await server().logged(id), /3000/);
  });

  it("harm neither those beside them nor those after them (D-29, D-30)", async () => {
    const looping = scripts.findIndex(({ name }) => name === "loops for ever");
    const hostile = Array.from({ length: 4 }, () =>
      phone.complete(idOf(looping), { profile_id: "W8DUJ2" }),
    );
    const honest = Array.from({ length: 4 }, () =>
      phone.complete("puppet", { data: letIn("alice"), profile_id: "W8DUJ2" }),
    );
    for (const answer of await Promise.all(honest)) assert.equal(answer.status, 200, answer.text);
    for (const answer of await Promise.all(hostile)) assertFailed(answer);
    tokensOf(await phone.complete("puppet", { data: letIn("alice"), profile_id: "W8DUJ2" }));
  });

  it("use up the assertion, and nothing else", async () => {
    const body = { ...(await authenticated(phone)), data: "no JSON", profile_id: "FAILED" };
    const url = server().http + stepPath("puppet", "complete");
    assertFailed(await postJson(url, body));
    assertRefused(await postJson(url, { ...body, data: letIn("alice") }), 400, "invalid_client");
    tokensOf(await phone.complete("puppet", { data: letIn("bob"), profile_id: "FAILED" }));
  });

  it("let ids of 1 to 256 characters in, byte for byte (D-13)", async () => {
    for (const id of [
      "a",
      "x".repeat(256),
      " leading and trailing ",
      "__proto__",
      "ß".repeat(256),
      "7",
    ]) {
      const web = await registerPhone(server(), "failing-app");
      const answer = await web.complete("puppet", { data: letIn(id), profile_id: "W8DUJ2" });
      const { access_token } = tokensOf(answer);
      const { json } = await portal(server(), "portal", secrets.portal).introspect(access_token);
      assert.equal(json.sub, id);
    }
  });
});
