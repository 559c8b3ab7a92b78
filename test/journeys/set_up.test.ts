// The set-up file at the start: applied once, and refused whole with every problem named by its
// place.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportedSetup, putSetup } from "../support/administrator.ts";
import { registerPhone, tokensOf } from "../support/client.ts";
import { serverFor, startInVain } from "../support/server.ts";
import { letIn, usualScripts, usualSetup } from "../support/usual_setup.ts";

describe("a set-up file at the start", function () {
  this.timeout(30_000);
  const server = serverFor(usualSetup);
  const applied = (): number => server().log().split('"event":"set-up applied"').length - 1;

  it("is applied once, and changes nothing at the next start", async () => {
    await server().logged("set-up applied");
    const before = await exportedSetup(server());
    assert.equal(applied(), 1);
    await server().restart();
    assert.deepEqual(await exportedSetup(server()), before);
    assert.equal(applied(), 1);
  });

  it("is applied again where it was changed", async () => {
    const path = join(server().folder, "puppet.js");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, "function execute() { return { status: 5001 }; }");
    await server().restart();
    const phone = await registerPhone(server());
    const body = { data: letIn("alice"), profile_id: "W8DUJ2" };
    assert.deepEqual((await phone.complete("puppet", body)).json, { status: 5001 });
    assert.equal(applied(), 2);
    writeFileSync(path, text);
  });

  it("leaves alone what it does not name", async () => {
    const property = { id: "by_hand", value: "kept" };
    assert.equal((await putSetup(server(), { properties: [property] })).status, 200);
    await server().restart();
    const { properties } = await exportedSetup(server());
    assert.deepEqual(properties, [property]);
    const phone = await registerPhone(server());
    const body = { data: letIn("alice"), profile_id: "W8DUJ2" };
    tokensOf(await phone.complete("puppet", body));
  });

  it("stops the start when it was spoilt meanwhile", async () => {
    const path = join(server().folder, "setup.yaml");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"kind": "static"', '"kind": "statik"'));
    await assert.rejects(server().restart(), /setup\.yaml:\d+:\d+: clients\[0\]\.kind/);
  });
});

/** A file whose form is wrong in many places, and what is said of each. */
const malformed = `aplications: []
applications:
  - id: app
    scoopes: [read]
  - id: 7
  - id: app
    stateless_authentication: yes
    access_token_lifetime: 1 hour
clients:
  - id: web
    kind: statik
  - {id: short, kind: api, secret: s3cret}
identity_providers:
  - id: qr
    type: CUSTOM_API_ONE_STEP
    scripts: {complete: no.js}
applications: []
`;
const malformedSays: [string, RegExp][] = [
  ["an unknown list", /setup\.yaml:1:1: aplications: .*applications/],
  ["an unknown key", /setup\.yaml:4:5: applications\[0\]\.scoopes: .*scopes/],
  ["a wrong kind of value", /setup\.yaml:5:\d+: applications\[1\]\.id: /],
  ["an object twice", /setup\.yaml:6:\d+: applications\[2\]\.id: .*line 3/],
  ["a word that is no switch", /setup\.yaml:7:\d+: applications\[2\]\.stateless_authentication: /],
  ["a word that is no duration", /setup\.yaml:8:\d+: applications\[2\]\.access_token_lifetime: /],
  ["a value that is none of the choice", /setup\.yaml:11:\d+: clients\[0\]\.kind: /],
  ["a secret that is too short", /setup\.yaml:12:\d+: clients\[1\]\.secret: /],
  [
    "a file that is not there",
    /setup\.yaml:16:\d+: identity_providers\[0\]\.scripts\.complete: .*no\.js/,
  ],
  ["a key twice", /setup\.yaml:17:1: applications: .*line 2/],
];

/** A file of the right form that means nothing sensible. */
const senseless = `applications:
  - id: app
    identity_providers: [nowhere]
    default_scopes: [unlisted]
clients:
  - {id: web, kind: static, application: app}
  - {id: homeless, kind: static, secret: s3cret-s3cret}
  - {id: leaky, kind: api, jwks: {keys: [{kty: EC, crv: P-256, x: a, y: b, d: c, kid: k}]}}
identity_providers:
  - {id: broken, type: CUSTOM_API_ONE_STEP, scripts: {complete: broken.js}}
  - {id: empty, type: CUSTOM_API_ONE_STEP, scripts: {complete: empty.js}}
  - {id: half, type: CUSTOM_API_TWO_STEP, scripts: {complete: puppet.js}}
properties:
  - {id: nothing}
`;
const senselessSays: [string, RegExp][] = [
  ["a reference to nothing", /applications app: identity_providers: nowhere/],
  ["a default scope that is not among the scopes", /applications app: default_scopes: unlisted/],
  ["a client that cannot authenticate", /clients web: .*secret/],
  ["a static client without an application", /clients homeless: application/],
  ["a private key", /clients leaky: /],
  ["a script that is no script, by its place", /broken\.js:2:\d+/],
  ["a script without execute", /empty\.js.*execute/],
  ["a two-step provider without init", /identity_providers half: .*init/],
  ["a property without a value", /properties nothing: value/],
];

/** A file that still has what examples have in place of secrets. */
const unchanged = `clients:
  - id: portal
    kind: api
    secret: change-me-portal
  - {id: admin, kind: api, secret_file: admin.txt, api_scopes: [onegini_api_admin]}
  - {id: fine, kind: api, secret: s3cret-s3cret}
properties:
  - id: token
    sensitive: true
    value: change-me
`;
const unchangedSays: [string, RegExp][] = [
  ["a client's", /setup\.yaml:4:\d+: clients portal: secret: put a secret of your own/],
  ["a client's from a file", /setup\.yaml:5:\d+: clients admin: secret: put a secret of your own/],
  ["a property's", /setup\.yaml:10:\d+: properties token: value: put a secret of your own/],
];

const files = {
  ...usualScripts,
  "admin.txt": "change-me-admin\n",
  "broken.js": "function execute() {\n  return {{;\n}\n",
  "empty.js": "var x = 1;\n",
};

const wrong: [string, string, [string, RegExp][]][] = [
  ["whose form is wrong", malformed, malformedSays],
  ["that makes no sense", senseless, senselessSays],
  ["with a placeholder for a secret", unchanged, unchangedSays],
  ["that is no YAML", "applications: [\n", [["where it breaks", /setup\.yaml:\d+:\d+: /]]],
  [
    "that repeats itself by an alias",
    "applications: &a\n  - id: app\nclients: *a\n",
    [["the alias", /setup\.yaml:3:\d+: clients: .*alias/]],
  ],
];

for (const [which, setup, says] of wrong) {
  describe(`a set-up file ${which}`, function () {
    this.timeout(30_000);
    let output = "";
    let code: number | null = null;
    before(async () => {
      ({ code, output } = await startInVain({ setup, files }));
    });

    it("stops the start, without a stack", () => {
      assert.equal(code, 1);
      assert.doesNotMatch(output, /\n\s+at /);
    });

    it("is not quoted where it may hold a secret", () => {
      assert.doesNotMatch(output, /s3cret/);
    });

    for (const [what, said] of says) {
      it(`is told of ${what}`, () => assert.match(output, said));
    }
  });
}

describe("a set-up file that is not there", function () {
  this.timeout(30_000);

  it("stops the start", async () => {
    const env = { GATEWRIGHT_SETUP: "/nowhere/setup.yaml" };
    const { code, output } = await startInVain({ env });
    assert.equal(code, 1);
    assert.match(output, /\/nowhere\/setup\.yaml/);
  });
});
