// The package of the clients, as others have it: packed, installed into an empty project, compiled there and run on
// every Node that is there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Packed } from "../../../clients/pack/package.ts";
import { pack } from "../../../clients/pack/package.ts";
import { say } from "../../checks/check.ts";
import { serverFor } from "../../support/server.ts";
import { letIn, secrets, usualSetup } from "../../support/usual_setup.ts";

const root = resolve(import.meta.dirname, "../../..");
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const strict = { strict: true, skipLibCheck: false, target: "es2022", types: ["node"] };
const entries = ["", "/grpc", "/sdk", "/sdk/file", "/sdk/indexed-db", "/portal"];
const forBrowsers = ["", "/sdk", "/sdk/indexed-db"];

/** The programs of the README, by the name in their first line. */
function programsIn(readme: string): [name: string, text: string][] {
  const blocks = [...readme.matchAll(/^```ts\n(\/\/ (\w+\.ts)\n.*?)^```$/gms)];
  return blocks.map(([, text = "", name = ""]) => [name, text]);
}

/** Every Node of the machine from 20 on, one of a version. */
function nodes(): Map<string, string> {
  const found = [process.execPath, "/usr/local/bin/node", "/usr/bin/node"].filter(existsSync);
  const versions = found.map((path): [string, string] => [
    execFileSync(path, ["--version"], { encoding: "utf8" }).trim(),
    path,
  ]);
  return new Map(versions.filter(([version]) => Number(/\d+/.exec(version)?.[0]) >= 20));
}

describe("the package of the clients", function () {
  this.timeout(300_000);
  const server = serverFor(() => usualSetup());
  let folder: string;
  let project: string;
  let packed: Packed;
  before(async function () {
    folder = mkdtempSync(join(tmpdir(), "gatewright-pack-"));
    project = join(folder, "project");
    packed = pack(root, folder);
    mkdirSync(join(project, "src"), { recursive: true });
    writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
    const wanted = [packed.tarball, `@types/node@${devDependencies["@types/node"]}`];
    const options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
    const said = await say(project, "npm", ["install", ...options, ...wanted]);
    // Without a registry nothing can be shown here, but where every test has to run.
    if (said.code !== 0 && !process.env.CI) this.skip();
    assert.equal(said.code, 0, said.stderr);
  });
  after(() => rmSync(folder, { recursive: true }));

  const installed = (): string => join(project, "node_modules/@gatewright/client");
  async function compiles(settings: object, files: readonly string[]): Promise<void> {
    const tsconfig = JSON.stringify({ compilerOptions: settings, files });
    writeFileSync(join(project, "tsconfig.json"), tsconfig);
    const compiler = join(root, "node_modules/typescript/lib/tsc.js");
    const said = await say(project, process.execPath, [compiler, "-p", project]);
    assert.equal(said.code, 0, said.stdout);
  }

  it("holds the clients, and nothing of the server", () => {
    for (const path of packed.files) {
      assert.match(
        path,
        /^(clients|gen)\/.*\.(js|d\.ts)$|^proto\/bounds\.|^[A-Z]+(\.md)?$|^package\.json$/,
      );
    }
    assert.ok(packed.files.includes("LICENSE") && packed.files.includes("README.md"));
    const rooms = packed.files.filter((path) => path.startsWith("clients/"));
    assert.ok(!rooms.some((path) => /^clients\/(cli|demo|pack)\//.test(path)), rooms.join());
  });

  it("asks for exact versions, and for nothing that it does not import", () => {
    const manifest = JSON.parse(readFileSync(join(installed(), "package.json"), "utf8"));
    const names = ["@bufbuild/protobuf", "@grpc/grpc-js", "openpgp", "qrcode"];
    assert.deepEqual(Object.keys(manifest.dependencies), names);
    for (const version of Object.values(manifest.dependencies)) {
      assert.match(String(version), /^\d+\.\d+\.\d+$/);
    }
    assert.deepEqual(
      Object.keys(manifest.exports).filter((path) => path !== "./package.json"),
      entries.map((path) => `.${path}`),
    );
  });

  it("has types for strict compilers, in Node and in browsers without Node's types", async () => {
    const list = (some: readonly string[]): string =>
      some.map((path, at) => `export * as e${at} from "@gatewright/client${path}";\n`).join("");
    writeFileSync(join(project, "src/all.ts"), list(entries));
    writeFileSync(join(project, "src/browser.ts"), list(forBrowsers));
    await compiles({ ...strict, module: "nodenext", noEmit: true }, ["src/all.ts"]);
    const browser = { types: [], lib: ["es2023", "dom"], moduleResolution: "bundler" };
    const module = { module: "esnext", noEmit: true };
    await compiles({ ...strict, ...browser, ...module }, ["src/browser.ts"]);
  });

  describe("with the programs of its README", () => {
    before(async () => {
      const programs = programsIn(readFileSync(join(installed(), "README.md"), "utf8"));
      const names = programs.map(([name]) => name);
      assert.deepEqual(names, ["app.ts", "service.ts", "portal.ts"]);
      const consumer = readFileSync(join(import.meta.dirname, "consumer.ts.txt"), "utf8");
      for (const [name, text] of [...programs, ["consumer.ts", consumer] as const]) {
        writeFileSync(join(project, "src", name), text);
      }
      await compiles({ ...strict, module: "nodenext", rootDir: "src", outDir: "out" }, [
        "src/consumer.ts",
      ]);
    });

    for (const [version, node] of nodes()) {
      it(`registers, calls over both wires and asks a phone, on Node ${version}`, async () => {
        const user = `packed-${version}`;
        const { portal, bank } = secrets;
        const given = [join(folder, version), letIn(user), JSON.stringify({ portal, bank })];
        const args = ["out/consumer.js", server().issuer, server().grpc, ...given];
        const said = await say(project, node, args);
        assert.equal(said.code, 0, said.stderr);
        const { profileId, ...told } = JSON.parse(said.stdout);
        assert.match(profileId, /^[A-Z0-9]{6}$/);
        assert.deepEqual(told, {
          problems: [null, "The PIN is a sequence."],
          asked: user,
          active: [true, true, false],
          reason: "ADMIN_CREDENTIALS_REJECTED",
          hasSqlite: existsSync(join(folder, version, "keys")),
        });
      });
    }
  });

  it("does not let a browser load what needs Node, and has the rest", async () => {
    for (const path of entries) {
      const contents = `export * from "@gatewright/client${path}";`;
      const stdin = { contents, resolveDir: project };
      const options = {
        stdin,
        bundle: true,
        format: "esm",
        write: false,
        logLevel: "silent",
      } as const;
      const built = await build({ ...options, platform: "browser" }).catch((error: Error) => error);
      const expected = forBrowsers.includes(path)
        ? "built"
        : `Could not resolve "@gatewright/client${path}"`;
      assert.ok((built instanceof Error ? built.message : "built").includes(expected), path);
    }
  });

  it("is small in a browser, where OpenPGP comes by itself when it is needed", async () => {
    const entry = `
      import { openUserClient } from "@gatewright/client/sdk";
      import { indexedDbStorage } from "@gatewright/client/sdk/indexed-db";
      globalThis.open = (options) => openUserClient({ ...options, storage: indexedDbStorage("app") });`;
    const { outputFiles, metafile } = await build({
      stdin: { contents: entry, resolveDir: project },
      bundle: true,
      minify: true,
      splitting: true,
      format: "esm",
      platform: "browser",
      absWorkingDir: project,
      outdir: "bundle",
      write: false,
      metafile: true,
    });
    const first = new Set<string>();
    const load = (path: string): void => {
      if (first.has(path)) return;
      first.add(path);
      const needed = metafile.outputs[path]?.imports ?? [];
      for (const { path: next, kind } of needed) if (kind === "import-statement") load(next);
    };
    load(Object.keys(metafile.outputs).find((path) => metafile.outputs[path]?.entryPoint) ?? "");
    const isFirst = (path: string): boolean => [...first].some((name) => path.endsWith(name));
    const sizes = (files: typeof outputFiles): string => {
      const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
      const all = files.map(({ contents }) => contents);
      const sum = (of: (bytes: Uint8Array) => number) =>
        all.reduce((total, one) => total + of(one), 0);
      return `${kib(sum(({ length }) => length))}, ${kib(sum((bytes) => gzipSync(bytes).length))} with gzip`;
    };
    const alone = outputFiles.filter(({ path }) => isFirst(path));
    const inputs = [...first].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}));
    assert.ok(inputs.some((path) => path.endsWith("sdk/user_client.js")));
    assert.ok(
      !inputs.some((path) => path.includes("node_modules/openpgp")),
      "OpenPGP is loaded at once",
    );
    assert.ok(Object.keys(metafile.inputs).some((path) => path.includes("node_modules/openpgp")));
    console.log(`      the SDK in a browser: ${sizes(alone)}; and OpenPGP: ${sizes(outputFiles)}`);
  });
});
