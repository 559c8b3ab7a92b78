// The launcher, also from an older Node: in a copy of its own with stand-ins for npm and the entries.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Said } from "../../checks/check.ts";
import { say } from "../../checks/check.ts";

const root = join(import.meta.dirname, "../../..");
const major = Number(readFileSync(join(root, ".nvmrc"), "utf8").split(".")[0]);

/** Finds a Node that is older than the wanted one. */
const older = ["/usr/bin/node", "/usr/local/bin/node"].filter(existsSync).find((path) => {
  const version = execFileSync(path, ["--version"], { encoding: "utf8" });
  return Number(/\d+/.exec(version)?.[0]) < major;
});

const lock = (packages: object) => JSON.stringify({ packages: { "": {}, ...packages } });
const wanted = lock({
  "node_modules/a": { version: "1.0.0" },
  "node_modules/b": { version: "2.0.0", dev: true },
  "node_modules/c": { version: "3.0.0", optional: true },
});

describe("the launcher", () => {
  let copy: string;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  };
  // A stand-in for npm: it notes how it was called, and installs if a condition of the shell holds.
  const npm = (condition: string) => {
    const install = "cp package-lock.json node_modules/.package-lock.json";
    const refuse = "{ echo no network >&2; exit 3; }";
    write("bin/npm", `#!/bin/sh\necho "$*" >> npm.log\n${condition} && ${install} || ${refuse}\n`);
    chmodSync(join(copy, "bin/npm"), 0o755);
  };
  const calls = (): string[] => {
    const log = join(copy, "npm.log");
    if (!existsSync(log)) return [];
    const lines = readFileSync(log, "utf8").trim().split("\n");
    rmSync(log);
    return lines.map((line) => line.split(" ")[0] as string);
  };
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), "gatewright-launcher-"));
    mkdirSync(join(copy, "clients/cli"), { recursive: true });
    for (const name of ["gatewright.mjs", "words.json"]) {
      cpSync(join(root, "clients/cli", name), join(copy, "clients/cli", name));
    }
    write(".nvmrc", readFileSync(join(root, ".nvmrc"), "utf8"));
    write("package-lock.json", wanted);
    write("node_modules/.package-lock.json", wanted);
    mkdirSync(join(copy, "node_modules/.bin"));
    symlinkSync(process.execPath, join(copy, "node_modules/.bin/node"));
    const tell = "console.log(JSON.stringify([process.versions.node, process.argv.slice(2)]));";
    write("clients/cli/main.ts", `const code: number = 7; ${tell} process.exitCode = code;`);
    write("gateway/main.ts", tell);
    write("test/main.ts", tell);
    npm("true");
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  const launch = (args: readonly string[], node = process.execPath): Promise<Said> => {
    const PATH = `${join(copy, "bin")}:${process.env.PATH ?? ""}`;
    // The launcher of the tests has said where Node keeps what it compiles; this one says it anew.
    const env = { PATH, NODE_COMPILE_CACHE: undefined };
    return say(tmpdir(), node, [join(copy, "clients/cli/gatewright.mjs"), ...args], env);
  };
  const told = ({ stdout }: Said) => JSON.parse(stdout) as [string, string[]];

  it("runs the entry of a word, and hands on arguments and exit code", async () => {
    const said = await launch(["apply", "a b", "--c"]);
    assert.deepEqual(told(said)[1], ["apply", "a b", "--c"]);
    assert.equal(said.code, 7);
    assert.equal(said.stderr, "");
    assert.deepEqual(told(await launch(["start", "x"]))[1], ["start", "x"]);
    assert.deepEqual(told(await launch(["test", "-g", "x"]))[1], ["-g", "x"]);
    assert.deepEqual(told(await launch(["constructor"]))[1], ["constructor"]);
    assert.deepEqual(told(await launch([]))[1], ["help"]);
  });

  const title = older ? "" : ` (skipped: no Node before ${major} here)`;
  (older ? it : it.skip)(`starts Node ${major} when it runs on an older one${title}`, async () => {
    const said = await launch(["apply"], older);
    assert.equal(told(said)[0], process.versions.node);
    assert.equal(said.code, 7);
  });

  (older ? it : it.skip)(`says what to install when there is no such Node${title}`, async () => {
    rmSync(join(copy, "node_modules/.bin/node"));
    const { code, stdout, stderr } = await launch(["apply"], older);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, new RegExp(`needs Node ${major}.*install`));
  });

  // What is installed, and whether each word finds that enough.
  const installs: Readonly<Record<string, readonly [string | undefined, boolean, boolean]>> = {
    "what is wanted": [wanted, true, true],
    nothing: [undefined, false, false],
    "an older version": [lock({ "node_modules/a": { version: "0.9.0" } }), false, false],
    "no packages for development": [lock({ "node_modules/a": { version: "1.0.0" } }), true, false],
  };
  for (const [what, [present, runs, develops]] of Object.entries(installs)) {
    it(`installs what is missing when there is ${what}`, async () => {
      for (const [word, enough] of [
        ["start", runs],
        ["test", develops],
      ] as const) {
        const file = join(copy, "node_modules/.package-lock.json");
        if (present) writeFileSync(file, present);
        else rmSync(file, { force: true });
        const { code, stdout, stderr } = await launch([word]);
        assert.equal(code, 0);
        assert.equal(stdout.split("\n").length, 2, "stdout belongs to the word");
        assert.deepEqual(calls(), enough ? [] : ["ci"]);
        assert.equal(stderr === "", enough, stderr);
      }
    });
  }

  it("ends with what npm says when nothing can be installed", async () => {
    rmSync(join(copy, "node_modules/.package-lock.json"));
    npm("false");
    const { code, stdout, stderr } = await launch(["start"]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /cannot install the packages of .*:\nno network\n$/);
  });

  it("keeps what Node compiles beside the packages", async () => {
    await launch(["apply"]);
    const kept = readdirSync(join(copy, "node_modules/.cache/compiled"), { recursive: true });
    assert.ok(kept.length > 0);
  });

  it("passes signals on and ends as its child ends", async () => {
    const start = async (entry: string) => {
      write("gateway/main.ts", `${entry} setInterval(() => {}, 1000); console.log("up");`);
      const child = spawn(process.execPath, [join(copy, "clients/cli/gatewright.mjs"), "start"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(child.stdout, "data");
      return child;
    };
    const graceful = await start("process.on('SIGTERM', () => process.exit(0));");
    graceful.kill("SIGTERM");
    assert.deepEqual(await once(graceful, "exit"), [0, null]);
    const interrupted = await start("process.on('SIGINT', () => process.exit(3));");
    interrupted.kill("SIGINT");
    assert.deepEqual(await once(interrupted, "exit"), [3, null]);
    const plain = await start("");
    plain.kill("SIGTERM");
    assert.deepEqual(await once(plain, "exit"), [null, "SIGTERM"]);
  });
});
