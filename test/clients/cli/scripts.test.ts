// The commands for scripts and executions as people run them, before a server whose answers the test
// decides.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embedded } from "../../../gateway/upstream/embedded.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import type { Said } from "../../checks/check.ts";
import { say } from "../../checks/check.ts";
import type { Behind, Gateway } from "../../gateway/two_ways.ts";
import { behind, gateway } from "../../gateway/two_ways.ts";

const main = join(import.meta.dirname, "../../../clients/cli/main.ts");
const slot = "identity_providers/qr/complete";
const place = { kind: "identity_providers", id: "qr", step: "complete" };
const savedAt = new Date("2026-11-22T02:00:00Z");
const startedAt = new Date("2026-11-22T02:11:30.634Z");
const id = "01a20105-dac9-7adb-808d-cd656061a7c2";

const version = (number: number, live: boolean) => ({
  script: slot,
  version: number,
  sha256: "5TanS7XjSKxxxxxxxxxx",
  author: number === 1 ? "set-up file" : "admin",
  createdAt: savedAt,
  live,
});

const failing = {
  id,
  script: slot,
  version: 3,
  file: "qr.js",
  startedAt,
  durationMs: 1006.2,
  cpuMs: 1.234,
  failure: {
    code: 3001,
    limit: "cpu",
    message: "Error: two\nlines",
    position: { line: 11, column: 18 },
    stack: "    at check (qr.js:11:18)\n    at execute (qr.js:6:33)\n",
  },
  recorded: true,
  logLines: 1,
  hostCallCount: 2,
  input: { requestPayload: 'a "payload"' },
  log: [
    {
      at: startedAt,
      level: "warn",
      text: "half\nway",
      position: { line: 4, column: 12 },
      loggedMs: 0.5,
    },
  ],
  hostCalls: [
    {
      name: "cache.fetch",
      startedMs: 0.25,
      durationMs: 0.1,
      arguments: '["k"]',
      answer: '{"value":1}',
    },
    { name: "random.uuid", startedMs: 120, durationMs: 0.01 },
  ],
};
const returned = {
  id: id.replace("c9", "ca"),
  script: "identity_providers/a/init",
  version: 12,
  file: "a.js",
  startedAt,
  durationMs: 2,
  cpuMs: 0.5,
  status: 2000,
};

const failingPage = `2026-11-22T02:11:30.634Z  ${slot}@3  failed 3001 cpu
  qr.js, 1006 ms, 1.23 ms of it in the script, recorded, ${id}

  Error: two
  lines
  at qr.js:11:18
        at check (qr.js:11:18)
        at execute (qr.js:6:33)

  requestPayload  "a \\"payload\\""

  +0.25 ms  call  cache.fetch  0.10 ms
      given  ["k"]
      answer {"value":1}
  +0.50 ms  warn  half         qr.js:4:12
      way
   +120 ms  call  random.uuid  0.01 ms
`;

describe("the command line for scripts and executions", () => {
  let server: Behind;
  let listeners: Gateway;
  let folder: string;
  before(async () => {
    server = behind();
    listeners = await gateway(embedded(server.procedures));
    folder = mkdtempSync(join(tmpdir(), "gatewright-cli-"));
    writeFileSync(join(folder, "new.js"), "function execute() {}\n");
  });
  after(async () => {
    await listeners.stop();
    rmSync(folder, { recursive: true });
  });
  const run = (...args: string[]): Promise<Said> =>
    say(folder, process.execPath, [main, ...args], {
      GATEWRIGHT_ADMIN_URL: `http://${listeners.admin}`,
      GATEWRIGHT_ADMIN_SECRET: "secret",
    });
  const answer = (response: object, wanted?: object): void => {
    server.handle = (request) => {
      if (wanted) assert.deepEqual(request, wanted);
      return response;
    };
  };
  const printed = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  };

  it("lists scripts, aligned", async () => {
    answer({ scripts: [version(3, true), { ...version(12, true), script: "authenticators/a/b" }] });
    assert.equal(
      await printed("scripts", "list"),
      `SLOT                            VERSION  SAVED                     BY
identity_providers/qr/complete        3  2026-11-22T02:00:00.000Z  admin
authenticators/a/b                   12  2026-11-22T02:00:00.000Z  admin
`,
    );
    answer({ scripts: [] });
    assert.equal(await printed("scripts", "list"), "no scripts\n");
  });

  it("lists the versions of a script, and marks the live one", async () => {
    answer({ versions: [version(2, false), version(1, true)] }, place);
    assert.equal(
      await printed("scripts", "versions", slot),
      `VERSION        SAVED                     BY           SHA-256
      2        2026-11-22T02:00:00.000Z  admin        5TanS7XjSK
      1  live  2026-11-22T02:00:00.000Z  set-up file  5TanS7XjSK
`,
    );
  });

  it("prints a source as it is, so that it can be written into a file", async () => {
    for (const source of ["function execute() {\n}\n", "no line feed at the end\n"]) {
      answer({ source }, { ...place, version: 2 });
      assert.equal(await printed("scripts", "show", slot, "2"), source);
    }
  });

  it("activates a version", async () => {
    answer({ version: version(1, true) }, { ...place, version: 1 });
    assert.equal(
      await printed("scripts", "activate", slot, "1"),
      `${slot}@1 is live (saved 2026-11-22T02:00:00.000Z by set-up file)\n`,
    );
  });

  it("lists executions, page after page up to the limit", async () => {
    const sizes: number[] = [];
    server.handle = ({ pageSize, pageToken, script, failed }) => {
      assert.deepEqual([script, failed], [slot, true]);
      sizes.push(pageSize);
      const isFirst = pageToken === "";
      return isFirst
        ? { executions: [failing], nextPageToken: "more" }
        : { executions: [returned], nextPageToken: "" };
    };
    assert.equal(
      await printed("executions", "list", "--script", slot, "--failed", "--limit", "700"),
      `STARTED                   SCRIPT                            RESULT              TOOK      CPU  LOG  CALLS  ID
2026-11-22T02:11:30.634Z  identity_providers/qr/complete@3  failed 3001 cpu  1006 ms  1.23 ms    1      2  ${failing.id}
2026-11-22T02:11:30.634Z  identity_providers/a/init@12      2000             2.00 ms  0.50 ms    0      0  ${returned.id}
`,
    );
    assert.deepEqual(sizes, [500, 200]);
    answer({ executions: [] }, { script: "", failed: false, pageSize: 50, pageToken: "" });
    assert.equal(await printed("executions", "list"), "no executions\n");
  });

  it("shows an execution with log and host calls on one line of time", async () => {
    answer({ execution: failing }, { id });
    assert.equal(await printed("executions", "show", id), failingPage);
  });

  it("shows no control character of a script's texts as it is (SEC-78)", async () => {
    const hostile = "\u001b[2J\u009b1A\r\u202e\u0007";
    const shown = "\\u001b[2J\\u009b1A\\u000d\\u202e\\u0007";
    answer({
      execution: {
        ...failing,
        failure: { ...failing.failure, message: hostile, stack: hostile },
        log: [{ ...failing.log[0], text: `${hostile}\n${hostile}` }],
        hostCalls: [{ ...failing.hostCalls[0], arguments: hostile, answer: hostile }],
        input: { requestPayload: hostile },
      },
    });
    const page = await printed("executions", "show", id);
    assert.doesNotMatch(page, /[^\P{Cc}\n]|\u202e/u);
    assert.equal(page.split(shown).length, 7);
  });

  it("shows executions as they end, and ends with its server", async () => {
    server.handle = async function* ({ script, failed }) {
      assert.deepEqual([script, failed], ["", true]);
      yield {};
      yield { execution: failing };
      yield {};
      yield { execution: returned };
      throw new Refusal("UNAVAILABLE");
    };
    const { code, stdout, stderr } = await run("executions", "tail", "--failed");
    assert.equal(code, 1);
    const other = `2026-11-22T02:11:30.634Z  identity_providers/a/init@12  2000
  a.js, 2.00 ms, 0.50 ms of it in the script, ${returned.id}
`;
    assert.equal(stdout, `${failingPage}\n${other}\n`);
    assert.match(stderr, /^waiting for executions; Ctrl-C ends\ngatewright executions tail: /);
  });

  it("replays an execution, and tells by its exit code whether it went the same way", async () => {
    answer({ identical: true, execution: returned }, { id, source: undefined });
    assert.equal(await printed("executions", "replay", id), "identical\n");
    answer(
      {
        identical: false,
        divergence: { call: 2, expected: 'cache.fetch ["a"]', got: "" },
        execution: returned,
        changedProperties: ["key"],
      },
      { id, source: "function execute() {}\n" },
    );
    const { code, stdout } = await run("executions", "replay", id, "--with", "new.js");
    assert.equal(code, 1);
    assert.equal(
      stdout,
      `differs at host call 2
  expected  cache.fetch ["a"]
  got       nothing more
it read properties that have other values by now: key

the replay:
2026-11-22T02:11:30.634Z  identity_providers/a/init@12  2000
  a.js, 2.00 ms, 0.50 ms of it in the script, ${returned.id}
`,
    );
  });

  it("helps with groups of commands", async () => {
    const page = await printed("help", "executions");
    for (const name of ["list", "show", "tail", "replay"]) {
      assert.ok(page.includes(`npx gatewright executions ${name}`), name);
    }
    assert.match(
      await printed("help", "executions", "replay"),
      /^npx gatewright executions replay ID/,
    );
    for (const line of (await printed("help")).split("\n")) assert.ok(line.length <= 100, line);
  });

  const troubles: Readonly<Record<string, readonly [string[], RegExp]>> = {
    "a group without its second word": [
      ["scripts"],
      /a second word is missing: scripts check, list, versions, show, activate/,
    ],
    "a second word that there is not": [
      ["executions", "lst"],
      /there is no command executions lst; did you mean executions list\?/,
    ],
    "a slot that is none": [["scripts", "versions", "qr"], /qr is no slot of a script/],
    "a version that is none": [
      ["scripts", "show", slot, "two"],
      /VERSION is two; it takes a number from 1/,
    ],
    "a limit that is none": [["executions", "list", "--limit", "0"], /--limit is 0; it takes/],
    "a file that is not there": [
      ["executions", "replay", id, "--with", "none.js"],
      /none\.js: ENOENT/,
    ],
    "an execution that there is not": [["executions", "show", id], /has nothing of that name/],
    "an execution that was not recorded": [
      ["executions", "replay", id],
      /was not recorded, .*GATEWRIGHT_RECORDING=on/,
    ],
  };
  for (const [title, [args, expected]] of Object.entries(troubles)) {
    it(`explains ${title}, without a stack`, async () => {
      server.handle = () => {
        throw new Refusal(args[1] === "show" ? "OBJECT_NOT_FOUND" : "EXECUTION_NOT_RECORDED");
      };
      const { code, stdout, stderr } = await run(...args);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /\n {4}at /);
    });
  }
});
