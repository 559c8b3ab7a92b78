// The command line as people run it, before a server whose answers the test decides.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embedded } from "../../../gateway/upstream/embedded.ts";
import { Setup } from "../../../gen/gatewright/v1/setup.ts";
import { readSetup } from "../../../proto/setup_file.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import { readAuthorization } from "../../../server/identity/basic.ts";
import type { Call } from "../../../server/rpc/procedure.ts";
import type { Said } from "../../checks/check.ts";
import { say } from "../../checks/check.ts";
import type { Behind, Gateway } from "../../gateway/two_ways.ts";
import { behind, gateway } from "../../gateway/two_ways.ts";

const main = join(import.meta.dirname, "../../../clients/cli/main.ts");
const secret = "a secret: 100%";

describe("the command line", () => {
  let server: Behind;
  let listeners: Gateway;
  let folder: string;
  let environment: Record<string, string>;
  before(async () => {
    server = behind();
    listeners = await gateway(embedded(server.procedures));
    folder = mkdtempSync(join(tmpdir(), "gatewright-cli-"));
    writeFileSync(join(folder, "setup.yaml"), "properties: [{id: a, value: '1'}]\n");
    writeFileSync(join(folder, "wrong.yaml"), "properties:\n  - id: a\n    val: '1'\n");
  });
  beforeEach(() => {
    environment = {
      GATEWRIGHT_ADMIN_URL: `http://${listeners.admin}`,
      GATEWRIGHT_ADMIN_SECRET: secret,
    };
  });
  after(async () => {
    await listeners.stop();
    rmSync(folder, { recursive: true });
  });
  const run = (...args: string[]): Promise<Said> =>
    say(folder, process.execPath, [main, ...args], environment);
  const refuse = (...args: ConstructorParameters<typeof Refusal>) => {
    server.handle = () => {
      throw new Refusal(...args);
    };
  };
  const changes = [
    { action: "added", kind: "clients", id: "web-app", fields: [] },
    {
      action: "changed",
      kind: "identity_providers",
      id: "qr",
      fields: ["scripts.complete", "name"],
    },
    { action: "removed", kind: "properties", id: "old", fields: [] },
  ];
  const page = `+ clients web-app
~ identity_providers qr (scripts.complete, name)
- properties old
`;

  it("applies a file as the API client admin, and prints what changed", async () => {
    const seen: unknown[] = [];
    server.handle = (request, call: Call) => {
      seen.push(request.setup.properties, readAuthorization(call.header("authorization")));
      return { changes };
    };
    assert.deepEqual(await run("apply", "setup.yaml"), { code: 0, stdout: page, stderr: "" });
    assert.deepEqual(seen, [
      [{ id: "a", value: "1", sensitive: undefined }],
      { scheme: "basic", clientId: "admin", clientSecret: secret },
    ]);
  });

  it("tells by its exit code whether anything differs", async () => {
    server.handle = () => ({ changes });
    assert.deepEqual(await run("diff", "setup.yaml"), { code: 2, stdout: page, stderr: "" });
    server.handle = () => ({ changes: [] });
    const same = await run("diff", "setup.yaml");
    assert.deepEqual(same, { code: 0, stdout: "nothing to change\n", stderr: "" });
    assert.equal((await run("diff", "none.yaml")).code, 1);
  });

  it("exports a file that can be applied, on stdout or into a file", async () => {
    const setup = Setup.fromPartial({
      identityProviders: [{ id: "qr", scripts: { complete: "a.js" } }],
      files: new Map([["a.js", "function execute() {\n}\n"]]),
    });
    server.handle = () => ({ setup });
    const { stdout } = await run("export");
    const read = (text: string) => readSetup(text, "out", () => assert.fail());
    assert.deepEqual(read(stdout), setup);
    assert.deepEqual(await run("export", "--out", "out.yaml"), { code: 0, stdout: "", stderr: "" });
    assert.deepEqual(read(readFileSync(join(folder, "out.yaml"), "utf8")), setup);
  });

  it("deletes an object", async () => {
    server.handle = ({ kind, id }) => {
      assert.deepEqual([kind, id], ["callbacks", "http://a/b"]);
      return {};
    };
    assert.equal(
      (await run("delete", "callbacks", "http://a/b")).stdout,
      "- callbacks http://a/b\n",
    );
  });

  it("says from when a new key signs", async () => {
    server.handle = () => ({ kid: "k1", activeFrom: 1_800_000_000 });
    const { stdout } = await run("rotate-keys");
    assert.equal(stdout, "new signing key k1, which signs from 2027-01-15T08:00:00.000Z\n");
  });

  it("helps, with all commands or one", async () => {
    for (const args of [[], ["help"], ["--help"]]) {
      const { code, stdout } = await run(...args);
      assert.equal(code, 0);
      for (const word of ["apply FILE", "rotate-keys", "demo", "GATEWRIGHT_ADMIN_SECRET"]) {
        assert(stdout.includes(word), word);
      }
    }
    assert.match((await run("help", "diff")).stdout, /Exits with 0 .* 2 .* 1/);
    assert.match((await run("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  // What is run, what was wrong before, and what the person reads.
  const troubles: Readonly<Record<string, readonly [string[], () => void, RegExp]>> = {
    "a command that there is not": [
      ["aply", "x"],
      () => undefined,
      /there is no command aply; did you mean apply\?/,
    ],
    "a missing argument": [["apply"], () => undefined, /is missing\n\nnpx gatewright apply FILE/],
    "an argument too many": [["delete", "a", "b", "c"], () => undefined, /too many/],
    "an unknown option": [["export", "--into", "x"], () => undefined, /--into/],
    "a file with a mistake": [
      ["apply", "wrong.yaml"],
      () => undefined,
      /wrong\.yaml:3:5: properties\[0\]\.val: is no key here; did you mean value\?/,
    ],
    "a file that is not there": [
      ["apply", "none.yaml"],
      () => undefined,
      /none\.yaml.*no such file/,
    ],
    "a server that is not there": [
      ["rotate-keys"],
      () => {
        environment.GATEWRIGHT_ADMIN_URL = "http://127.0.0.1:1";
      },
      /cannot reach http:\/\/127\.0\.0\.1:1 .*is the server running.*GATEWRIGHT_ADMIN_URL/,
    ],
    "a URL that is none": [
      ["rotate-keys"],
      () => {
        environment.GATEWRIGHT_ADMIN_URL = "localhost:8081";
      },
      /GATEWRIGHT_ADMIN_URL is localhost:8081; it takes a URL/,
    ],
    "no secret": [
      ["rotate-keys"],
      () => {
        environment.GATEWRIGHT_ADMIN_SECRET = "";
      },
      /GATEWRIGHT_ADMIN_SECRET is not set/,
    ],
    "the public listener": [
      ["rotate-keys"],
      () => {
        environment.GATEWRIGHT_ADMIN_URL = `http://${listeners.public}`;
      },
      /is no admin listener of Gatewright; GATEWRIGHT_ADMIN_URL/,
    ],
    "a wrong secret": [
      ["rotate-keys"],
      () => refuse("ADMIN_CREDENTIALS_REJECTED"),
      /does not accept GATEWRIGHT_ADMIN_SECRET/,
    ],
    "what the server finds wrong with a set-up": [
      ["apply", "setup.yaml"],
      () => refuse("SETUP_INVALID", { detail: "2 problems", problems: "one\nclients c: two" }),
      /nothing was applied, since it is not valid:\nsetup\.yaml: one\nsetup\.yaml: clients c: two\n$/,
    ],
    "an object that is in use": [
      ["delete", "clients", "a"],
      () => refuse("OBJECT_CONFLICT", { detail: "used by b" }),
      /conflicts with the present state: used by b\.\n$/,
    ],
  };
  for (const [title, [args, prepare, expected]] of Object.entries(troubles)) {
    it(`explains ${title} without a stack, quotes no secret, and exits with 1`, async () => {
      prepare();
      const { code, stdout, stderr } = await run(...args);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, expected);
      assert(!/\n {4}at /.test(stderr) && !stderr.includes(secret), stderr);
    });
  }
});
