// Nothing secret is left lying around: neither in the files of the stores nor in the log, after a
// journey that used every kind of secret.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { authenticated } from "../support/assertions.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import { basic, get, postJson } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";

const sensitive = "sensitive-property-77b1f0";
const plain = "plain-property-55aa";
const payload = "payload-of-the-phone-9917";

/** Gives every file below a folder. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe("secrets", function () {
  this.timeout(30_000);
  /** What was issued or used, by a name that a failure can print. */
  const known = new Map<string, string>();

  const server = serverFor(async () => {
    const { setup, files } = await usualSetup();
    const vault = `function execute(payload) {
      if (payload === "throw") throw new Error("key " + PROPERTIES.get("api_key"));
      LOG.info("the key is {}", PROPERTIES.get("api_key"));
      return { status: 2000, user: { id: "alice" }, responsePayload: PROPERTIES.get("plain") };
    }`;
    const provider = {
      id: "vault",
      type: "CUSTOM_API_ONE_STEP",
      scripts: { complete: "vault.js", backchannel: "vault.js" },
    };
    const application = {
      id: "vault-app",
      identity_providers: ["vault", "puppet", "steps"],
      scopes: ["read", "openid"],
      default_scopes: ["read", "openid"],
    };
    return {
      setup: {
        ...setup,
        applications: [...setup.applications, application],
        identity_providers: [...setup.identity_providers, provider],
        properties: [
          { id: "api_key", value: sensitive, sensitive: true },
          { id: "plain", value: plain },
        ],
      },
      files: { ...files, "vault.js": vault },
      env: { GATEWRIGHT_LOG_LEVEL: "debug" },
    };
  });

  before(async () => {
    for (const [client, secret] of Object.entries(secrets))
      known.set(`secret of ${client}`, secret);
    known.set("sensitive property", sensitive);
    known.set("payload", payload);
    const phone = await registerPhone(server(), "vault-app");
    const profile_id = "W8DUJ2";

    const assertion = await authenticated(phone);
    known.set("assertion", assertion.client_assertion);
    const answer = await phone.complete("vault", { ...assertion, data: payload, profile_id });
    assert.equal(answer.json.data, plain, answer.text);
    const first = tokensOf(answer);
    const second = tokensOf(await phone.refresh(first.refresh_token ?? "", { profile_id }));
    for (const [name, tokens] of Object.entries({ first, second })) {
      known.set(`${name} access token`, tokens.access_token);
      known.set(`${name} refresh token`, tokens.refresh_token ?? "");
      known.set(`${name} ID token`, tokens.id_token ?? "");
    }
    const actor = portal(server(), "portal", secrets.portal);
    assert.equal((await actor.introspect(second.access_token)).json.active, true);
    known.set("Basic credentials", actor.authorization.slice("Basic ".length));
    const { json } = await phone.init("steps", { data: '{"status":2000}' });
    known.set("transaction", String(json.transaction_id));

    // What goes wrong is logged in more detail, so it goes wrong as well.
    const replayed = await phone.complete("vault", { ...assertion, data: payload, profile_id });
    assertRefused(replayed, 400, "invalid_client");
    const thrown = await phone.complete("vault", { data: "throw", profile_id });
    assertRefused(thrown, 500, "internal_server_error");
    const forged = `${assertion.client_assertion.slice(0, -8)}AAAAAAAA`;
    known.set("forged assertion", forged);
    await phone.complete("vault", { client_assertion: forged, data: payload, profile_id });
    const wrong = "wrong-secret-0b7d3";
    known.set("wrong secret", wrong);
    await portal(server(), "portal", wrong).backchannel("vault", payload);
    await postJson(
      `${server().admin}/admin/v1/keys/rotate`,
      {},
      {
        authorization: basic("admin", wrong),
      },
    );
    known.set("token of somebody", "C".repeat(64));
    await phone.refresh("C".repeat(64), { profile_id });
    await phone.revoke(first.access_token, { profile_id });
    await phone.complete("puppet", { data: letIn(payload), profile_id: 7 });
  });

  const search = (name: string, bytes: Buffer): void => {
    for (const [what, secret] of known) {
      assert.equal(bytes.includes(secret), false, `${what} is in ${name}`);
      // A token is as good in another spelling of its bytes.
      if (/^[0-9A-F]{64}$/.test(secret)) {
        const raw = Buffer.from(secret, "hex");
        assert.equal(bytes.includes(raw), false, `the bytes of ${what} are in ${name}`);
        assert.equal(bytes.includes(secret.toLowerCase()), false, `${what} is in ${name}`);
      }
    }
  };

  it("are not in the files of the running server (SEC-19, SEC-22)", () => {
    const files = filesBelow(join(server().folder, "data"));
    assert.ok(files.length >= 2, "there are no files to search");
    const stores = Buffer.concat(files.map((file) => readFileSync(file)));
    assert.ok(stores.includes(plain), "the search finds nothing at all");
    for (const file of files) search(file, readFileSync(file));
  });

  it("are readable to the owner of the data folder only (D-26, SEC-19)", () => {
    const { mode } = statSync(join(server().folder, "data", "secret"));
    assert.equal(mode & 0o777, 0o600);
  });

  it("are left out of what an administrator exports (SEC-82)", async () => {
    const authorization = basic("admin", secrets.admin);
    const { status, text } = await get(`${server().admin}/admin/v1/setup`, { authorization });
    assert.equal(status, 200, text);
    assert.match(text, new RegExp(plain));
    search("the export", Buffer.from(text));
  });

  it("are neither in the detailed log nor in the files of an ended server", async () => {
    await server().stop();
    const log = server().log();
    for (const event of ["script log", "script failed", "refused"]) {
      assert.ok(log.includes(event), `the log says nothing of a ${event}`);
    }
    search("the log", Buffer.from(log));
    for (const file of filesBelow(join(server().folder, "data"))) search(file, readFileSync(file));
  });
});
