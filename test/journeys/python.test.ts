// A client in another language: Python with Debian's grpcio, stubs generated from the compiled
// contract.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Context } from "mocha";
import { services } from "../../proto/contract.ts";
import { startServer } from "../support/server.ts";
import { secrets, usualSetup } from "../support/usual_setup.ts";

const execute = promisify(execFile);
const python = "/usr/bin/python3";
const root = join(import.meta.dirname, "..", "..");
const healthProtos = join(
  dirname(createRequire(import.meta.url).resolve("grpc-health-check/package.json")),
  "proto",
);

const generated = [
  ...["registration", "token", "exchange", "errors"].map((name) => `gatewright/v1/${name}.proto`),
  ...["api/annotations", "api/http", "rpc/status", "rpc/error_details"].map(
    (name) => `google/${name}.proto`,
  ),
  "buf/validate/validate.proto",
  "grpc/reflection/v1/reflection.proto",
];

/** Says what of the tools is missing, or undefined when all is there. */
async function missing(): Promise<string | undefined> {
  try {
    await execute(python, ["-c", "import grpc, google.protobuf"]);
    await execute("protoc", ["--version"]);
    await execute("sh", ["-c", "command -v grpc_python_plugin"]);
    return undefined;
  } catch (error) {
    return (error as Error).message.trim().split("\n").at(-1);
  }
}

async function generate(stubs: string): Promise<void> {
  const { stdout: plugin } = await execute("sh", ["-c", "command -v grpc_python_plugin"]);
  const out = [
    `--plugin=protoc-gen-grpc_python=${plugin.trim()}`,
    `--python_out=${stubs}`,
    `--grpc_python_out=${stubs}`,
  ];
  const image = join(root, "gen", "contract.binpb");
  await execute("protoc", [`--descriptor_set_in=${image}`, ...out, ...generated]);
  await execute("protoc", [`-I${healthProtos}`, ...out, "health/v1/health.proto"]);
}

interface Found {
  readonly backchannel: unknown;
  readonly left_out: string;
  readonly introspection: unknown;
  readonly keys: readonly string[];
  readonly unknown: Record<string, unknown>;
  readonly stranger: Record<string, unknown>;
  readonly invalid: Record<string, unknown>;
  readonly health: readonly string[];
  readonly services: readonly string[];
}

describe("a Python client over gRPC", function () {
  this.timeout(60_000);
  let found: Found;
  const stubs = mkdtempSync(join(tmpdir(), "gatewright-python-"));
  after(() => rmSync(stubs, { recursive: true, force: true }));

  before(async function (this: Context) {
    const reason = await missing();
    if (reason !== undefined) {
      if (process.env.CI === "true") throw new Error(`no Python client can be made: ${reason}`);
      console.log(`      skipped: no Python client can be made (${reason})`);
      return this.skip();
    }
    await generate(stubs);
    await using server = await startServer(await usualSetup());
    const script = join(import.meta.dirname, "python_client.py");
    const args = [script, server.grpc, stubs, "portal", secrets.portal];
    const { stdout } = await execute(python, args, { timeout: 30_000 });
    found = JSON.parse(stdout) as Found;
  });

  it("calls a method and reads the answer", () => {
    assert.deepEqual(found.backchannel, { status: 2000, data: "ü✓" });
    assert.deepEqual(JSON.parse(found.left_out), [null, null, null, null]);
    assert.deepEqual(found.introspection, { active: false, has_scope: false });
    assert.equal(found.keys.length, 1);
  });

  it("reads refusals with their reason from the status details", () => {
    const { message, ...unknown } = found.unknown;
    assert.deepEqual(unknown, {
      code: "NOT_FOUND",
      status_code: 5,
      reason: "IDP_NOT_FOUND",
      domain: "gatewright",
    });
    assert.match(String(message), /identity provider/);
    assert.equal(found.stranger.reason, "CLIENT_AUTHENTICATION_MISSING");
    assert.deepEqual(
      [found.invalid.code, found.invalid.reason],
      ["INVALID_ARGUMENT", "REQUEST_INVALID"],
    );
  });

  it("asks for health", () => {
    assert.deepEqual(found.health, ["SERVING", "SERVING"]);
  });

  it("lists the services by reflection", () => {
    for (const { typeName } of services) assert.ok(found.services.includes(typeName), typeName);
  });
});
