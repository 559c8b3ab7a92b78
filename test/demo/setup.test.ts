// The set-up that the demo applies: the readable file, with the address and the secrets of one run.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderSetup } from "../../clients/demo/setup.ts";
import { readSetupFile } from "../../proto/setup_file.ts";
import { isSigningSecret } from "../../server/identity/webhook_signature.ts";

const source = join(import.meta.dirname, "../../clients/demo/setup.yaml");

describe("renderSetup", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gatewright-test-setup-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("writes a set-up that is valid, with the portal's address wherever it is needed", () => {
    const { file } = renderSetup(source, folder, "http://127.0.0.1:4711");
    const { egress, mobileAuthentication, properties, files } = readSetupFile(file);
    assert.deepEqual(egress?.allow, ["http://127.0.0.1:4711"]);
    const url = properties.find(({ id }) => id === "portal_callback_url");
    assert.equal(url?.value, "http://127.0.0.1:4711/callback");
    const callbacks = mobileAuthentication?.callbacks.map((callback) => callback.url);
    assert.deepEqual(callbacks, ["http://127.0.0.1:4711/login-callback"]);
    assert.equal(files.size, 7);
  });

  it("makes new secrets of at least 128 bits in each run, and leaves no example behind", () => {
    const names = ["portal", "resource-server", "admin", "callback-token", "signing-secret"];
    const secrets = [1, 2].flatMap(() => {
      const { file, secret } = renderSetup(source, folder, "http://127.0.0.1:4711");
      const { clients, mobileAuthentication, properties } = readSetupFile(file);
      const signing = mobileAuthentication?.callbacks[0]?.signingSecret ?? "";
      assert(isSigningSecret(signing), signing);
      const values = [
        ...clients.map((client) => client.secret),
        ...properties.map((p) => p.value),
        signing.replace("whsec_", ""),
      ];
      for (const name of names) assert(values.includes(secret(name)), name);
      assert(!readFileSync(file, "utf8").replace(/#.*/g, "").includes("change-me"));
      return names.map(secret);
    });
    assert.equal(new Set(secrets).size, 2 * names.length);
    for (const secret of secrets) assert.match(secret, /^[\w-]{22,}$/);
  });

  it("is a fault to ask for a secret that the file has not", () => {
    const { secret } = renderSetup(source, folder, "http://127.0.0.1:4711");
    assert.throws(() => secret("nobody"), /no change-me-nobody/);
  });

  it("reads as it stands in the repository", () => {
    assert.equal(readSetupFile(source).clients.length, 3);
  });
});
