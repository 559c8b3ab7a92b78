// The demo as a person starts it: a program of its own, its output read, its exit code looked at.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const demo = join(root, "clients/demo");

interface Program {
  readonly child: ChildProcess;
  /** What it printed so far, both streams. */
  output(): string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts the demo, with settings around that must not reach its server. */
function start(...args: string[]): Program {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(demo, "main.ts"), ...args], {
    env: { ...inherited, GATEWRIGHT_HTTP: "nonsense", GATEWRIGHT_DURABLE: "postgres://nowhere/" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => text, ended };
}

/** Gives the value beside a name of the demo's output. */
const fact = (output: string, name: string): string =>
  new RegExp(`^ {2}${name} +(\\S+)`, "m").exec(output)?.[1] ?? assert.fail(`no ${name}: ${output}`);

/** The name of the folder is as long as the system's folder for such things makes it. */
const assertNarrow = (output: string): void => {
  for (const line of output.split("\n")) {
    assert(line.length <= 80 || line.includes(tmpdir()), line);
  }
};

/** Waits until the output has a text; fails when the program ends before. */
async function shows(program: Program, text: string): Promise<void> {
  let hasEnded = false;
  void program.ended.then(() => {
    hasEnded = true;
  });
  while (!program.output().includes(text)) {
    assert(!hasEnded, program.output());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const steps = [
  "A new phone makes a key and registers itself",
  "Alice Example, logged in at the portal, asks for a code",
  "The phone scans it and completes the registration",
  "The portal's page knows it, since the script called back",
  "The phone calls an API, which introspects the access token",
  "The API verifies the ID token with the published keys",
  "The phone refreshes its login; the refresh token rotates",
  "The user mistypes the PIN, which decrypts to a wrong token",
  "Still logged in, the user registers an NFC card",
  "Somebody holds another card to the phone",
  "The user holds the right one to it, and is in",
  "The phone enrols: it exchanges OpenPGP keys with the server",
  "Somebody opens the portal's login page",
  "The phone scans it and fetches the message",
  "Alice Example confirms, and the portal is called back",
  "Somebody sends her a code to scan, and she denies",
  "A stranger's phone scans a photo of the same code",
  "The phone signs off and revokes its refresh token",
  "Neither token is worth anything from then on",
  "The phone asks for a challenge",
  "Its user guesses, before the portal gave a response",
  "Alice Example types the challenge at the portal",
  "The phone completes the same transaction with it",
  "Alice Example looks at the own devices",
  "Alice Example removes them all",
  "The phone tries to log in with the right PIN",
  "The portal shows what happened",
];

/**
 * The documented requests, of which each must be seen with the status that it was answered with.
 */
const requests = [
  "POST /oauth/register 201",
  "POST /oauth/api/v3/custom-registration/qr/backchannel 200",
  "POST /oauth/v2/custom-registration/qr/complete 200",
  "POST /callback 204",
  "POST /oauth/api/v2/token/introspect 200",
  "GET /oauth/v1/keys 200",
  "POST /oauth/v1/token 200",
  "POST /oauth/v1/revoke 200",
  "POST /oauth/v1/token 400",
  "POST /oauth/v1/authenticators/nfc/register 200",
  "POST /oauth/v1/authenticators/nfc/authenticate 200",
  "POST /oauth/v1/mobile-auth/enrol 200",
  "POST /oauth/api/v4/authenticate/user 200",
  "POST /oauth/v1/mobile-auth/fetch 200",
  "POST /oauth/v1/mobile-auth/respond 204",
  "POST /login-callback 204",
  "GET /oauth/api/v4/users/alice-7d41/devices 200",
  "GET /oauth/api/v4/users/alice-7d41/devices 404",
  "GET /oauth/api/v1/events?user_id=alice-7d41&size=100 200",
  "DELETE /oauth/api/v4/users/alice-7d41/devices 204",
  "POST /oauth/v2/custom-registration/challenge/init 200",
  "POST /oauth/api/v3/custom-registration/challenge/backchannel 200",
  "POST /oauth/v2/custom-registration/challenge/complete 200",
];

describe("the demo", function () {
  this.timeout(120_000);

  describe("with --once", () => {
    let program: Program;
    before(async () => {
      program = start("--once");
      await program.ended;
    });

    it("ends with 0 when every step worked", async () => {
      assert.equal(await program.ended, 0, program.output());
      assert.match(program.output(), /✔ 27 steps and \d+ requests went as they should/);
    });

    it("shows every step, in order, and every request with its status and time", () => {
      const titles = program.output().matchAll(/^ {2}[ \d]\d (.+)$/gm);
      assert.deepEqual(
        [...titles].map(([, title]) => title),
        steps,
      );
      const lines = program.output().matchAll(/(GET|POST|DELETE) (\S+) +(\d{3}) +[\d.]+ ms$/gm);
      const seen = [...lines].map(([, method, url, status]) => {
        const path = url?.startsWith("/") ? url : new URL(url ?? "").pathname;
        return `${method} ${path} ${status}`;
      });
      for (const request of requests) assert(seen.includes(request), `${request} in ${seen}`);
    });

    it("fits 80 columns and has no colours where nobody is at a terminal", () => {
      assert(!program.output().includes("\u001b"));
      assertNarrow(program.output());
    });

    it("leaves neither its folder nor its server behind", async () => {
      assert.equal(existsSync(fact(program.output(), "Folder")), false);
      await assert.rejects(fetch(`${fact(program.output(), "Token server")}/oauth/v1/keys`));
    });
  });

  describe("with a set-up of one's own", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "gatewright-test-demo-"));
      cpSync(join(demo, "setup.yaml"), join(folder, "setup.yaml"));
      cpSync(join(demo, "scripts"), join(folder, "scripts"), { recursive: true });
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const failing = async (): Promise<string> => {
      const program = start("--once", "--setup", join(folder, "setup.yaml"));
      assert.equal(await program.ended, 1, program.output());
      assert.doesNotMatch(program.output(), /went as they should/);
      assertNarrow(program.output());
      return program.output();
    };

    it("ends with 1 at a script that throws, and shows what it threw and where", async () => {
      const source = "function execute() {\n  return nobody.home;\n}\n";
      writeFileSync(join(folder, "scripts/qr-complete.js"), source);
      const output = await failing();
      assert.match(output, /^ {3}3 The phone scans it/m);
      assert.match(output, /✖ expected {2}HTTP 200\n +got +HTTP 500/);
      assert.match(output, /ReferenceError: 'nobody' is not defined/);
      assert.match(output, /qr-complete.js:2:/);
      assert.doesNotMatch(output, /^ {3}4 /m);
      assert.equal(existsSync(fact(output, "Folder")), false);
    });

    it("ends with 1 at a code that works twice", async () => {
      const path = join(folder, "scripts/qr-complete.js");
      writeFileSync(path, readFileSync(path, "utf8").replace("CACHE.take(", "CACHE.fetch("));
      const output = await failing();
      assert.match(output, /^ {2}17 A stranger's phone/m);
      assert.match(output, /✖ expected {2}status 5001\n +got +2000/);
    });

    it("ends with 1 at a set-up that is not accepted, and says what is wrong with it", async () => {
      writeFileSync(join(folder, "setup.yaml"), "clients:\n  - id: portal\n    kinds: api\n");
      const output = await failing();
      assert.match(output, /The demo cannot start/);
      assert.match(output, /setup\.yaml:3:\d+: clients\[0\]\.kinds/);
    });
  });

  it("stays up until it is told to stop, then drains and removes its folder", async () => {
    const program = start();
    try {
      await shows(program, "run the demo again");
      const health = fact(program.output(), "Health");
      for (const [name, title] of [
        ["Portal page", "Demo portal"],
        ["Phone page", "Demo phone"],
      ] as const) {
        const page = await (await fetch(fact(program.output(), name))).text();
        assert(page.includes(`<title>${title}`), page);
      }
      assert.deepEqual(await (await fetch(health)).json(), { status: "serving" });
      const discovery = await (await fetch(fact(program.output(), "Discovery"))).json();
      assert.equal((discovery as { issuer: string }).issuer, fact(program.output(), "Issuer"));
      program.child.kill("SIGINT");
      assert.equal(await program.ended, 0, program.output());
      assert.equal(existsSync(fact(program.output(), "Folder")), false);
      await assert.rejects(fetch(health));
    } finally {
      program.child.kill("SIGTERM");
    }
  });

  it("ends without 0 and leaves nothing behind when it is told to stop early", async () => {
    const program = start("--once");
    await shows(program, "Folder");
    program.child.kill("SIGTERM");
    assert.equal(await program.ended, 130, program.output());
    assert.doesNotMatch(program.output(), /✖/);
    assert.equal(existsSync(fact(program.output(), "Folder")), false);
  });

  it("ends in order when nobody reads what it prints any more", async () => {
    const program = start("--once");
    await shows(program, "Folder");
    program.child.stdout?.destroy();
    assert.notEqual(await program.ended, 0);
    assert.doesNotMatch(program.output(), /EPIPE/);
    assert.equal(existsSync(fact(program.output(), "Folder")), false);
  });

  it("refuses an option that it does not have, and says which ones it has", async () => {
    const program = start("--onze");
    assert.equal(await program.ended, 1);
    assert.match(program.output(), /--onze/);
    assert.match(program.output(), /--once +end after the walk/);
  });
});
