// The phone of the command line, before a real server: each command, what it asks and how it fails.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { advice } from "../../../clients/cli/phone/advice.ts";
import { phoneTrouble } from "../../../clients/cli/phone/trouble.ts";
import { qrPng } from "../../../clients/portal/qr_code.ts";
import type { SdkErrorName } from "../../../clients/sdk/error.ts";
import { SdkError, sdkErrorCodes } from "../../../clients/sdk/error.ts";
import type { Said } from "../../checks/check.ts";
import { askResult, start } from "../../support/mobile_portal.ts";
import { freePort } from "../../support/program.ts";
import { serverFor } from "../../support/server.ts";
import { letIn, say, usualSetup } from "../../support/usual_setup.ts";

const main = join(import.meta.dirname, "../../../clients/cli/main.ts");
const pin = "13758";
const other = "90413";
const wrong = "86420";
const terminal = "/usr/bin/script";

describe("the phone of the command line", function () {
  this.timeout(120_000);
  const server = serverFor(() => usualSetup());
  let folder: string;
  const environment = () => ({
    ...process.env,
    NO_COLOR: "1",
    GATEWRIGHT_PHONE_ISSUER: server().issuer,
    GATEWRIGHT_PHONE_APPLICATION: "app",
    GATEWRIGHT_PHONE_FOLDER: join(folder, "device"),
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gatewright-phone-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a command of the phone with lines of stdin. */
  function run(lines: readonly string[], ...args: string[]): Promise<Said> {
    const all = [main, "phone", ...args];
    const child = spawn(process.execPath, all, { cwd: folder, env: environment() });
    const text = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (text.stdout += piece));
    child.stderr.setEncoding("utf8").on("data", (piece: string) => (text.stderr += piece));
    child.stdin.on("error", () => undefined).end(lines.map((line) => `${line}\n`).join(""));
    return new Promise((resolve) => {
      child.on("close", (code) => resolve({ code: code ?? 1, ...text }));
    });
  }
  const byPins = (pins: readonly string[], ...args: string[]) => run(pins, ...args, "--pin-stdin");
  const well = async (said: Promise<Said>): Promise<string> => {
    const { code, stdout, stderr } = await said;
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  };
  const fails = async (said: Promise<Said>, ...expected: RegExp[]): Promise<void> => {
    const { code, stdout, stderr } = await said;
    assert.equal(code, 1, stdout);
    for (const one of expected) assert.match(stderr, one);
    assert.doesNotMatch(stderr, /\n {4}at /);
    for (const secret of [pin, other, wrong]) assert.ok(!stderr.includes(secret), stderr);
  };
  const register = async (user: string): Promise<string> => {
    const stdout = await well(byPins([pin], "register", "puppet", "--data", letIn(user)));
    return /^([A-Z0-9]{6}) is registered/.exec(stdout)?.[1] ?? assert.fail(stdout);
  };

  it("registers, logs in and out, changes the PIN and removes", async () => {
    const id = await register("walker");
    assert.match(await well(run([], "profiles")), new RegExp(`^${id} +pin$`, "m"));
    assert.match(await well(byPins([pin], "login")), new RegExp(`^${id} is logged in\n`));
    assert.match(await well(byPins([pin], "logout", id)), /is logged out/);
    assert.match(await well(byPins([pin, pin, other], "pin")), /has a new PIN/);
    await fails(
      byPins([pin], "login"),
      /error 9009, INVALID_PIN: The PIN is wrong\. 4 tries are left\.\n {2}try again/,
    );
    assert.match(await well(byPins([wrong, other], "login")), /is logged in/);
    assert.match(await well(run([], "remove")), new RegExp(`^${id} is removed\n$`));
    assert.equal(await well(run([], "profiles")), "no users\n");
    await fails(
      byPins([other], "login", id),
      /error 9003, USER_DEREGISTERED: .*\n.*phone register/,
    );
  });

  it("gives an access token that is good for calls", async () => {
    await register("caller");
    const token = (await well(byPins([pin], "login", "--token"))).trim();
    const response = await fetch(`${server().http}/oauth/v1/authenticators`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(response.status, 200, await response.text());
  });

  it("answers a portal, by a text and by a picture, with yes and with no", async () => {
    await register("asked");
    assert.match(await well(byPins([pin], "enrol")), /is enrolled/);
    assert.match(await well(run([], "profiles")), /pin +enrolled/);
    const file = join(folder, "code.png");
    const answers: readonly (readonly [isConfirmed: boolean, how: (otp: string) => string[]])[] = [
      [true, (otp) => ["approve", otp]],
      [false, (otp) => ["deny", otp]],
      [false, () => ["scan", file, "--deny"]],
      [true, () => ["scan", file, "--approve"]],
    ];
    for (const [isConfirmed, how] of answers) {
      const message = "Pay 10 €\n\u001b[2J\u202eto Bob";
      const { id, otp } = await start(server(), { secure_message: message });
      writeFileSync(file, await qrPng(otp));
      const shown = `login ${id}\n  Pay 10 €\n  \\u001b[2J\\u202eto Bob\n`;
      const stdout = await well(byPins([pin], ...how(otp)));
      assert.equal(stdout, `${shown}${isConfirmed ? "approved" : "denied"}\n`);
      assert.equal((await askResult(server(), id)).json.is_authenticated, isConfirmed);
    }
    await fails(byPins([pin], "approve", file), /error (9029|10013), .*\n.*ask the portal/);
  });

  it("takes both steps of a registration, and the data of a picture", async () => {
    const file = join(folder, "user.png");
    writeFileSync(file, await qrPng(letIn("stepper", { name: "Ann" })));
    const init = say(2000, "first");
    assert.match(
      await well(byPins([pin], "register", "steps", "--init", init, "--scan", file)),
      /is registered/,
    );
  });

  it("lets a user in who is not kept", async () => {
    const data = letIn("passer-by");
    assert.match(
      await well(run([], "register", "puppet", "--stateless", "--data", data)),
      /was let in, without a profile/,
    );
    assert.equal(await well(run([], "profiles")), "no users\n");
  });

  it("adds, prefers, uses and drops other authenticators", async () => {
    await register("voice");
    const data = ["--data", say(2000)];
    const added = await well(byPins([pin], "authenticators", "--add", "voice", ...data));
    assert.match(added, /^voice .*CUSTOM +registered$/m);
    assert.match(
      await well(run([], "authenticators", "--prefer", "voice")),
      /^voice .*registered +preferred$/m,
    );
    assert.match(await well(run([], "login", ...data)), /is logged in/);
    await fails(
      run([], "login", "--data", say(4000, "again")),
      /error 9027, CUSTOM_AUTHENTICATOR_FAILURE: .*\n {2}the script says 4000: again\n/,
    );
    const dropped = await well(byPins([pin], "authenticators", "--drop", "voice"));
    assert.doesNotMatch(dropped, /^voice .*registered/m);
  });

  it("forgets everything", async () => {
    await register("one");
    await register("two");
    await fails(byPins([pin], "login"), /several users; name one of [A-Z0-9]{6}, [A-Z0-9]{6}\n/);
    assert.equal(await well(run([], "remove", "--everything")), "the phone forgot everything\n");
    assert.equal(await well(run([], "profiles")), "no users\n");
  });

  // What is run, with which lines, and what the person reads.
  const data = ["--data", letIn("nobody")];
  const troubles: Readonly<Record<string, readonly [string[], string[], RegExp]>> = {
    "no user": [["login"], [], /nobody is registered on this phone; phone register/],
    "no terminal": [
      ["register", "puppet", ...data],
      [],
      /no terminal to ask for the PIN; --pin-stdin/,
    ],
    "no answer": [["approve", "x"], [], /is no one-time password of a portal/],
    "nobody to ask": [["scan", "x"], [], /no terminal to ask on; --approve or --deny/],
    "a PIN among the arguments": [["login", "--pin", "0"], [], /Unknown option '--pin'/],
    "answers that exclude each other": [
      ["scan", "x", "--approve", "--deny"],
      [],
      /exclude each other/,
    ],
    "an argument too many": [
      ["login", "a", "b"],
      [],
      /too many arguments\n\nnpx gatewright phone login/,
    ],
    "a PIN that breaks the rules": [
      ["register", "puppet", ...data, "--pin-stdin"],
      ["12345"],
      /error 9012, PIN_IS_A_SEQUENCE: .*\n {2}choose another PIN/,
    ],
    "an unknown provider": [
      ["register", "nowhere", "--pin-stdin"],
      [pin],
      /error 10020, INVALID_IDENTITY_PROVIDER/,
    ],
    "what a script said": [
      ["register", "puppet", "--data", say(5001, "n\u0007o"), "--pin-stdin"],
      [pin],
      /error 10022, .*\n {2}the script says 5001: n\\u0007o\n {2}the script of the identity provider/,
    ],
    "an unknown application": [
      ["register", "puppet", "--application", "none", "--pin-stdin"],
      [pin],
      /error 9008, DEVICE_REGISTRATION_ERROR: .*\n.*set-up/,
    ],
    "an issuer that is none": [["profiles", "--issuer", "x"], [], /error 10001, .*\n.*--issuer/],
    "a folder that others may write": [
      ["profiles", "--folder", "/tmp"],
      [],
      /error 9024, DATA_STORAGE_NOT_AVAILABLE: .*\n.*0700/,
    ],
  };
  for (const [title, [args, lines, expected]] of Object.entries(troubles)) {
    it(`explains ${title}`, () => fails(run(lines, ...args), expected));
  }

  it("explains a server that is not there", async () => {
    const issuer = `http://127.0.0.1:${await freePort()}/oauth`;
    const expected = /error 9001, SERVER_NOT_REACHABLE: .*ECONNREFUSED.*\n.*--issuer/;
    await fails(run([], "register", "puppet", "--issuer", issuer), expected);
  });

  const skips = existsSync(terminal) ? "" : ` (skipped: no ${terminal} here)`;
  (skips ? it.skip : it)(`asks on a terminal without showing the PIN${skips}`, async () => {
    const command = [process.execPath, main, "phone", "register", "puppet", "--data", "$DATA"]
      .map((word) => (word === "$DATA" ? '"$DATA"' : `'${word}'`))
      .join(" ");
    const env = { ...environment(), DATA: letIn("typist") };
    const child = spawn(terminal, ["-qefc", command, "/dev/null"], { env });
    let shown = "";
    // What is asked, in order, and what is typed; \u007f takes the last digit back.
    const dialogue = [
      ["New PIN, 5 digits: ", `${pin}\r`],
      ["The same once more: ", `${other}\r`],
      ["These are two PINs.\r\nNew PIN, 5 digits: ", `${pin}9\u007f\r`],
      ["The same once more: ", `${pin}\r`],
    ];
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      shown += piece;
      const [question, answer] = dialogue[0] ?? [];
      if (question === undefined || !shown.trimStart().endsWith(question)) return;
      dialogue.shift();
      child.stdin.write(answer as string);
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 0, shown);
    assert.match(shown, /is registered/);
    for (const secret of [pin, other]) assert.ok(!shown.includes(secret), shown);
  });
});

describe("the errors of the SDK on the command line", () => {
  it("each say their number, and what to do", () => {
    for (const name of Object.keys(sdkErrorCodes) as SdkErrorName[]) {
      const text = phoneTrouble(new SdkError(name, "It failed."));
      assert.equal(text, `error ${sdkErrorCodes[name]}, ${name}: It failed.\n  ${advice[name]}`);
      assert.ok(advice[name].length > 5, name);
    }
  });
});
