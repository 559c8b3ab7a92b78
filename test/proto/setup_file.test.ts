// Set-up files: the example of the manual is read as it stands, every mistake is found where it is, and
// whatever is written is read again as the same.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { Setup } from "../../gen/gatewright/v1/setup.ts";
import { registry } from "../../proto/contract.ts";
import type { ReadFile } from "../../proto/setup_file.ts";
import { readSetup, readSetupFile, SetupFault, writeSetup } from "../../proto/setup_file.ts";

const example = `
applications:
  - id: demo-app
    identity_providers: [qr, challenge]
    scopes: [read, write, openid]
    default_scopes: [read]
    stateless_authentication: true
    custom_authenticators: [voice]
    mobile_authentication: true
    max_pin_attempts: 5
    fresh_authentication: 300s
clients:
  - id: web-app                       # a static client
    kind: static
    application: demo-app
    jwks_file: web-app.jwks.json
    refresh_tokens: true
  - id: portal
    kind: api
    secret: s3cret-from-the-setup
    api_scopes: [onegini_api_user_registration, onegini_api_mobile_authentication, onegini_api_events]
  - {id: inline, kind: static, application: demo-app, jwks: {keys: [{kty: EC, n: 1.5, x: null}]}}
identity_providers:
  - id: qr
    name: QR device registration
    type: CUSTOM_API_ONE_STEP
    scripts: {complete: qr-complete.js, backchannel: qr-backchannel.js}
  - id: challenge
    name: Challenge and response
    type: CUSTOM_API_TWO_STEP
    enabled: true
    scripts: {init: challenge-init.js, complete: challenge-complete.js}
authenticators:
  - id: voice
    name: Voice
    scripts: {registration: voice-register.js, authentication: voice-authenticate.js}
mobile_authentication:
  callbacks:
    - url: http://127.0.0.1:9000/callback
      signing_secret_file: callback.secret
  types:
    - name: login_with_otp
      method: OTP
      expires_in: 300s
      messages: {en: "Log in?", no: "Logge inn?", pt-br: "Entrar?"}
      callback_required: false
properties:
  - id: api_url
    value: http://127.0.0.1:9000
  - id: api_key
    value: k-123
    sensitive: true
egress:
  allow: ["http://127.0.0.1:9000"]
`;

const textOf: ReadFile = (name) => Buffer.from(`text of ${name}\n`);
const noFile: ReadFile = (name) => {
  throw Object.assign(new Error(name), { code: "ENOENT" });
};
const faultOf = (read: () => unknown): SetupFault => {
  try {
    read();
  } catch (error) {
    if (error instanceof SetupFault) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "nothing was wrong with it" });
};
const linesOf = (text: string, readFile = textOf): string[] =>
  faultOf(() => readSetup(text, "s.yaml", readFile)).message.split("\n");

describe("readSetup", () => {
  it("reads the example of the manual", () => {
    const setup = readSetup(example, "setup.yaml", textOf);
    assert.deepEqual(setup.applications[0]?.identityProviders, ["qr", "challenge"]);
    assert.deepEqual(setup.applications[0]?.freshAuthentication, { seconds: 300n, nanos: 0 });
    assert.equal(setup.applications[0]?.dynamicRegistration, undefined);
    assert.deepEqual(setup.clients[2]?.jwks, { keys: [{ kty: "EC", n: 1.5, x: null }] });
    assert.equal(setup.mobileAuthentication?.types[0]?.expiresIn?.seconds, 300n);
    // A language that YAML 1.1 takes for a switch.
    assert.equal(setup.mobileAuthentication?.types[0]?.messages.get("no"), "Logge inn?");
    assert.equal(setup.properties[1]?.sensitive, true);
    assert.deepEqual(setup.egress?.allow, ["http://127.0.0.1:9000"]);
  });

  it("finds every file that it names under its name, and takes the line end off secrets alone", () => {
    const { files } = readSetup(example, "setup.yaml", textOf);
    assert.equal(files.size, 8);
    assert.equal(files.get("web-app.jwks.json"), "text of web-app.jwks.json\n");
    assert.equal(files.get("qr-complete.js"), "text of qr-complete.js\n");
    assert.equal(files.get("callback.secret"), "text of callback.secret");
  });

  it("reads no file whose text it holds itself", () => {
    const text = `
identity_providers: [{id: qr, scripts: {complete: a.js}}]
files:
  a.js: |
    function execute() {
    }
`;
    const { files } = readSetup(text, "s.yaml", noFile);
    assert.equal(files.get("a.js"), "function execute() {\n}\n");
  });

  it("reads nothing as a set-up of nothing", () => {
    for (const text of ["", "# nothing\n", "{}"]) {
      assert.deepEqual(readSetup(text, "s.yaml", noFile), Setup.fromPartial({}));
    }
  });

  // Text, and the problems in it, in order.
  const mistakes: Readonly<Record<string, readonly [string, ...string[]]>> = {
    "a key that is nearly one": [
      "aplications: []\n",
      "1:1: aplications: is no key here; did you mean applications?",
    ],
    "a key in camel case": [
      "applications:\n  - id: a\n    defaultScopes: [x]\n",
      "3:5: applications[0].defaultScopes: is no key here; did you mean default_scopes?",
    ],
    "a key like no other": [
      "egress: {zzz: 1}\n",
      "1:10: egress.zzz: is no key here; takes allow, networks",
    ],
    "a key that objects inherit": [
      "{constructor: 1, __proto__: {}}\n",
      "1:2: constructor: is no key here; takes applications, clients, identity_providers, " +
        "authenticators, mobile_authentication, properties, egress, files, pin_policies, web_hooks, features",
      "1:18: __proto__: cannot be a name",
    ],
    "a key twice": [
      "egress: {}\nclients: []\negress: {}\n",
      "3:1: egress: is there twice; the first is on line 1",
    ],
    "a key twice in a struct": [
      "clients: [{id: a, jwks: {a: 1, a: 2}}]\n",
      "1:32: clients[0].jwks.a: is there twice; the first is on line 1",
    ],
    "an id twice": [
      "properties:\n  - id: a\n  - id: b\n  - id: a\n",
      "4:5: properties[2].id: is there twice; the first is on line 2",
    ],
    "a URL twice": [
      "mobile_authentication:\n  callbacks: [{url: http://a}, {url: http://a}]\n",
      "2:33: mobile_authentication.callbacks[1].url: is there twice; the first is on line 2",
    ],
    "a list in place of a mapping": ["- a\n", "1:1: got a list; takes a mapping"],
    "a text in place of a list": [
      "applications: demo\n",
      "1:1: applications: got a text; takes a list",
    ],
    "nothing in place of a list": [
      "applications:\n",
      "1:1: applications: got nothing; takes a list",
    ],
    "a number in place of a text": [
      "properties:\n  - id: port\n    value: 8080\n",
      "3:5: properties[0].value: got a number; takes a text, in quotes",
    ],
    "a text in place of a switch": [
      "identity_providers: [{id: qr, enabled: yes}]\n",
      '1:31: identity_providers[0].enabled: got "yes"; takes true or false',
    ],
    "a fraction in place of a count": [
      "applications: [{id: a, max_pin_attempts: 2.5}]\n",
      "1:24: applications[0].max_pin_attempts: got 2.5; takes a whole number from 0",
    ],
    "a number in place of a duration": [
      "applications: [{id: a, fresh_authentication: 300}]\n",
      "1:24: applications[0].fresh_authentication: got 300; takes seconds such as 300s",
    ],
    "a duration in minutes": [
      "applications: [{id: a, fresh_authentication: 5m}]\n",
      '1:24: applications[0].fresh_authentication: got "5m"; takes seconds such as 300s',
    ],
    "a duration out of bounds": [
      "applications: [{id: a, fresh_authentication: 0s}]\n",
      "1:24: applications[0].fresh_authentication: must be greater than or equal to 1s " +
        "and less than or equal to 86400s",
    ],
    "a count out of bounds": [
      "applications: [{id: a, max_pin_attempts: 101}]\n",
      "1:24: applications[0].max_pin_attempts: must be less than or equal to 100",
    ],
    "a kind that there is not": [
      "clients:\n  - id: a\n    kind: statik\n",
      '3:5: clients[0].kind: got "statik"; must be in list [static, api]',
    ],
    "an id with a space": [
      "clients:\n  - id: a b\n",
      '2:5: clients[0].id: got "a b"; does not match regex pattern `^[A-Za-z0-9._~-]{1,128}$`',
    ],
    "an id that is reserved": [
      "authenticators: [{id: pin}]\n",
      '1:19: authenticators[0].id: got "pin"; must not be in list [pin, fingerprint]',
    ],
    "an id that is missing": ["clients:\n  - kind: api\n", "2:5: clients[0].id: is missing"],
    "a member of a list": [
      "egress: {allow: [http://a, 5, 'b c']}\n",
      "1:28: egress.allow[1]: got a number; takes a text, in quotes",
      "1:31: egress.allow[2]: must be a valid URI",
    ],
    "an object that is none, before one with a mistake": [
      "clients: [portal, {id: a, kind: x}]\n",
      "1:11: clients[0]: got a text; takes a mapping",
      '1:27: clients[1].kind: got "x"; must be in list [static, api]',
    ],
    "a language that is none": [
      "mobile_authentication:\n  types: [{name: a, messages: {EN: Log in?}}]\n",
      '2:32: mobile_authentication.types[0].messages.EN: got "Log in?"; does not match regex pattern ' +
        "`^[a-z]{2,3}(-[a-z0-9]{2,8})*$`",
    ],
    "a language twice": [
      "mobile_authentication:\n  types: [{name: a, messages: {en: x, en: y}}]\n",
      "2:39: mobile_authentication.types[0].messages.en: is there twice; the first is on line 2",
    ],
    "messages without languages": [
      "mobile_authentication:\n  types: [{name: a, messages: [Log in?]}]\n",
      "2:21: mobile_authentication.types[0].messages: got a list; takes a mapping",
    ],
    "an alias": [
      "applications: [&a {id: x}]\nclients: [*a]\n",
      "2:11: clients[0]: got an alias; takes a mapping",
    ],
    "a tag": [
      "properties: [{id: a, value: !!binary aGVsbG8=}]\n",
      "1:22: properties[0].value: got the tag tag:yaml.org,2002:binary; takes a text",
    ],
    "a tag of its own": ["egress: !mine {}\n", "1:9: Unresolved tag: !mine"],
    "text that is no YAML": [
      "clients: [\n  {id: a\n",
      "3:1: Flow map in block collection must be sufficiently indented and end with a }",
      "3:1: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    "a second document": [
      "egress: {}\n---\negress: {}\n",
      "2:1: Source contains multiple documents; please use YAML.parseAllDocuments()",
    ],
    "half a character": [
      'properties: [{id: a, value: "\\uD800"}]\n',
      "1:22: properties[0].value: is no valid Unicode",
    ],
    "a number that JSON has not": [
      "clients: [{id: a, jwks: {n: .inf}}]\n",
      "1:26: clients[0].jwks.n: got a number; takes JSON",
    ],
    "a file without a name": [
      'files: {"": text, b c: 5}\n',
      '1:19: files["b c"]: got a number; takes a text, in quotes',
    ],
  };
  for (const [title, [text, ...problems]] of Object.entries(mistakes)) {
    it(`refuses ${title}`, () => {
      assert.deepEqual(
        linesOf(text),
        problems.map((problem) => `s.yaml:${problem}`),
      );
    });
  }

  it("finds a file that is not there at the line that names it", () => {
    const text = "identity_providers:\n  - id: qr\n    scripts:\n      complete: a.js\n";
    assert.deepEqual(linesOf(text, noFile), [
      's.yaml:4:7: identity_providers[0].scripts.complete: "a.js": there is no such file',
    ]);
  });

  it("quotes no secret, whatever is wrong with it", () => {
    const secret = "hunter2";
    const texts = [
      `clients: [{id: a, secret: ${secret}}]`,
      `clients: [{id: a, secret_file: ${secret}}]`,
      `clients: [{id: a, secret: [${secret}]}]`,
      `properties: [{id: a, value: {a: ${secret}}}]`,
      `mobile_authentication: {callbacks: [{url: "http://u:${secret}@ x", signing_secret: 5}]}`,
      `egress: {allow: ["http://user:${secret} @x"]}`,
      `clients: ${secret}`,
      `clients: [{id: a}}]\n  secret: ${secret}`,
      `properties: [{id: a, value: "a\\q ${secret}"}]`,
      `properties:\n- id: a\n  value: @${secret}`,
    ];
    for (const text of texts) assert(!linesOf(text, noFile).join().includes(secret), text);
    assert(!linesOf("properties: [{id: a, value: 271828}]").join().includes("271828"));
  });

  it("stays with its bounds, whatever the nesting", () => {
    assert.match(linesOf(`a: ${"x".repeat(4 << 20)}`).join(), /larger than 4194304 bytes/);
    for (const text of ["[".repeat(20_000), "{a: ".repeat(20_000), "- ".repeat(20_000)]) {
      assert(linesOf(text).length > 0);
    }
    const deep = `clients: [{id: a, jwks: {a: ${"[".repeat(40)}${"]".repeat(40)}}}]`;
    assert.match(linesOf(deep).join(), /nested deeper than 32/);
    const many = `clients: [${"{kind: x}, ".repeat(500)}]`;
    assert.equal(linesOf(many).length, 51);
    assert.match(linesOf(many).at(-1) ?? "", /and 950 more/);
  });
});

describe("readSetupFile", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "gatewright-setup-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it("reads files beside it", () => {
    file("a.js", "execute");
    file("secret", "0123456789\r\n");
    const path = file(
      "s.yaml",
      "identity_providers: [{id: a, scripts: {init: ./a.js}}]\nclients: [{id: b, secret_file: secret}]",
    );
    const { files } = readSetupFile(path);
    assert.deepEqual(
      [...files],
      [
        ["./a.js", "execute"],
        ["secret", "0123456789"],
      ],
    );
  });

  it("refuses what is too large, no text, no plain file, or not there", () => {
    file("large", "x".repeat(262_145));
    file("binary", Uint8Array.of(0xff, 0xfe));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const names = ["large", "binary", "pipe", ".", "none"];
    const entries = names.map((name, i) => `  - {id: i${i}, scripts: {init: ${name}}}`);
    const path = file("s.yaml", `identity_providers:\n${entries.join("\n")}\n`);
    const { problems } = faultOf(() => readSetupFile(path));
    assert.deepEqual(
      problems.map(({ line, message }) => [line, message]),
      [
        [2, '"large": is larger than 262144 bytes'],
        [3, '"binary": is not UTF-8'],
        [4, '"pipe": is no plain file'],
        [5, '".": is no plain file'],
        [6, '"none": there is no such file'],
      ],
    );
  });

  it("says which file cannot be read", () => {
    const path = join(folder, "nowhere.yaml");
    assert.equal(faultOf(() => readSetupFile(path)).message, `${path}:1:1: there is no such file`);
  });
});

// Any set-up that the contract allows, by its own descriptors.
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom(
    "yes",
    "null",
    "1e3",
    "0x10",
    "~",
    "a: b",
    "- a",
    "# a",
    "a #b",
    " a",
    "a ",
    "|",
    "!a",
  ),
  fc
    .array(fc.constantFrom("a", " b", "", "\tc", "d ", "# e", "\r"), { maxLength: 5 })
    .map((lines) => lines.join("\n")),
);
const id = fc
  .stringMatching(/^[A-Za-z_$][A-Za-z0-9_]{0,8}$/)
  .filter((name) => name !== "__proto__");
const plainId = fc.stringMatching(/^[A-Za-z0-9._~-]{1,9}$/).filter((name) => name !== "pin");
const url = fc.webUrl({ size: "xsmall" });
const language = fc.stringMatching(/^[a-z]{2,3}(-[a-z0-9]{2,4})?$/);
const messages = fc.dictionary(
  language,
  text.filter((words) => words !== ""),
  { maxKeys: 3 },
);
const fileName = text.map((name) => `file ${name}`);

// Texts that follow a rule, by the name of their field; all others are any text.
const ruled: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  "Property.id": id,
  "MobileAuthenticationType.name": plainId,
  id: plainId,
  scopes: plainId,
  client_scopes: plainId,
  implicit_scopes: plainId,
  kind: fc.constantFrom("static", "api"),
  secret: fc.string({ minLength: 8 }),
  api_scopes: fc.constant("onegini_api_events"),
  type: fc.constantFrom("CUSTOM_API_ONE_STEP", "CUSTOM_API_TWO_STEP"),
  "WebHook.type": fc.constantFrom("CUSTOMIZE_TOKEN", "USER_DETAILS_CUSTOMIZATION"),
  "WebHook.authentication": fc.constantFrom("JWT", "BASIC", "NONE"),
  "ApplicationVersion.version": plainId,
  "ApplicationVersion.status": fc.constantFrom("LOGIN_REGISTRATION", "LOGIN_ONLY", "DISABLED"),
  "PinPolicy.length": fc.integer({ min: 5, max: 32 }),
  "PinPolicy.max_similar_digits": fc.integer({ min: 0, max: 32 }),
  blocked: fc.stringMatching(/^[0-9]{5,32}$/),
  method: fc.constant("OTP"),
  max_message_length: fc.integer({ min: 1, max: 4096 }),
  mobile_enrolment: fc.constantFrom("SINGLE_DEVICE", "OVERRIDE", "MULTIPLE_DEVICES"),
  url,
  allow: url,
  jwks_file: fileName,
  secret_file: fileName,
  signing_secret_file: fileName,
};
const scalars: Readonly<Record<number, fc.Arbitrary<unknown>>> = {
  8: fc.boolean(),
  9: text,
  13: fc.integer({ min: 0, max: 100 }),
};
const number = fc.double({ noNaN: true, noDefaultInfinity: true });

function ofMessage({ typeName, fields }: DescMessage): fc.Arbitrary<unknown> {
  if (typeName === "google.protobuf.Duration") {
    return fc.integer({ min: 60, max: 600 }).map((count) => `${count}s`);
  }
  if (typeName === "google.protobuf.Struct") {
    return fc.dictionary(id, fc.oneof(text, number, fc.boolean(), fc.array(text)), { maxKeys: 3 });
  }
  const entries = fields.map((field) => [field.name, ofField(field)]);
  const requiredKeys = typeName.endsWith(".Setup") ? [] : [fields[0]?.name as string];
  return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys,
  });
}

function ofField(field: DescField): fc.Arbitrary<unknown> {
  if (field.name === "messages") return messages;
  if (field.fieldKind === "map") return fc.dictionary(id, text, { maxKeys: 3 });
  const one = field.message
    ? ofMessage(field.message)
    : (ruled[`${field.parent.name}.${field.name}`] ??
      ruled[field.name] ??
      (field.parent.name.endsWith("Scripts") ? fileName : scalars[field.scalar as number]));
  if (field.fieldKind !== "list") return one as fc.Arbitrary<unknown>;
  const key = field.message?.fields[0]?.name;
  const selector = (value: unknown) => (key ? (value as Record<string, unknown>)[key] : {});
  return fc.uniqueArray(one as fc.Arbitrary<unknown>, { maxLength: 3, selector });
}

describe("writeSetup", () => {
  const schema = registry.getMessage("gatewright.v1.Setup") as DescMessage;
  const reread = (setup: Setup) => readSetup(writeSetup(setup), "out.yaml", textOf);

  it("writes what is read again as the same: the example", () => {
    const setup = readSetup(example, "setup.yaml", textOf);
    assert.deepEqual(reread(setup), setup);
  });

  it("writes what is read again as the same, for whatever fills the fields", () => {
    const anything = ofMessage(schema).map((json) =>
      Setup.decode(toBinary(schema, fromJson(schema, json as never, { registry }))),
    );
    fc.assert(
      fc.property(anything, (setup) => {
        const read = reread(setup);
        // Files that it names and does not hold are read beside it.
        for (const name of read.files.keys()) if (!setup.files.has(name)) read.files.delete(name);
        assert.deepEqual(read, setup);
      }),
      { numRuns: 300 },
    );
  });

  it("writes any text so that the same text is read", () => {
    fc.assert(
      fc.property(text, text, (value, script) => {
        const setup = Setup.fromPartial({
          properties: [{ id: "a", value }],
          files: new Map([["a.js", script]]),
        });
        assert.deepEqual(reread(setup), setup);
      }),
      { numRuns: 1000 },
    );
  });

  it("writes scripts as blocks, files in the order of their names, and nothing that is empty", () => {
    const written = writeSetup(
      Setup.fromPartial({
        identityProviders: [{ id: "qr", scripts: { complete: "b.js" } }],
        properties: [{ id: "a", value: "yes" }],
        files: new Map([
          ["b.js", "one();\n  two();\n"],
          ["a.js", "three();"],
        ]),
      }),
    );
    assert.equal(
      written,
      `identity_providers:
  - id: qr
    scripts:
      complete: b.js

properties:
  - id: a
    value: "yes"

files:
  a.js: three();
  b.js: |
    one();
      two();
`,
    );
  });
});
