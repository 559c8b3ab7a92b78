// The commands for callbacks as people run them, before a server whose answers the test decides.
import assert from "node:assert/strict";
import { join } from "node:path";
import { embedded } from "../../../gateway/upstream/embedded.ts";
import type { Said } from "../../checks/check.ts";
import { say } from "../../checks/check.ts";
import type { Behind, Gateway } from "../../gateway/two_ways.ts";
import { behind, gateway } from "../../gateway/two_ways.ts";

const main = join(import.meta.dirname, "../../../clients/cli/main.ts");
const madeAt = Date.UTC(2026, 10, 22, 2);
const waiting = {
  id: "msg_1",
  url: "https://a/b",
  transactionId: "t1",
  state: "waiting",
  attempts: 2,
  lastError: "the answer\u001b[2J has status 500",
  createdAt: madeAt,
  nextAt: madeAt + 300_000,
};
const dead = { ...waiting, id: "msg_2", state: "dead", attempts: 10, nextAt: undefined };

describe("the commands for callbacks", () => {
  let server: Behind;
  let listeners: Gateway;
  before(async () => {
    server = behind();
    listeners = await gateway(embedded(server.procedures));
  });
  after(async () => listeners?.stop());
  const run = (...args: string[]): Promise<Said> =>
    say(import.meta.dirname, process.execPath, [main, "callbacks", ...args], {
      GATEWRIGHT_ADMIN_URL: `http://${listeners.admin}`,
      GATEWRIGHT_ADMIN_SECRET: "secret",
    });

  it("list what there is, harmless for a terminal (SEC-78)", async () => {
    server.handle = () => ({ callbacks: [waiting, dead] });
    const { code, stdout } = await run("list");
    assert.equal(code, 0);
    const problem = "the answer\\u001b[2J has status 500";
    assert.deepEqual(stdout.split("\n"), [
      `MADE                      STATE    TRIES  NEXT                      URL          TRANSACTION  LAST PROBLEM${" ".repeat(problem.length - 12)}  ID`,
      `2026-11-22T02:00:00.000Z  waiting      2  2026-11-22T02:05:00.000Z  https://a/b  t1           ${problem}  msg_1`,
      `2026-11-22T02:00:00.000Z  dead        10                            https://a/b  t1           ${problem}  msg_2`,
      "",
    ]);
  });

  it("list as many as are wanted, a page after the other", async () => {
    const asked: unknown[] = [];
    server.handle = ({ state, url, pageSize, pageToken }) => {
      asked.push([state, url, pageSize, pageToken]);
      return { callbacks: [waiting], nextPageToken: pageSize === 500 ? undefined : "next" };
    };
    const { stdout } = await run("list", "--dead", "--url", "https://a/b", "--limit", "2500");
    assert.equal(stdout.trimEnd().split("\n").length, 4);
    assert.deepEqual(asked, [
      ["dead", "https://a/b", 1000, undefined],
      ["dead", "https://a/b", 1000, "next"],
      ["dead", "https://a/b", 500, "next"],
    ]);
  });

  it("resend one or all that were given up", async () => {
    const asked: unknown[] = [];
    server.handle = ({ id, url }) => {
      asked.push([id, url]);
      return { resent: 1 };
    };
    assert.equal((await run("resend", "msg_1")).stdout, "msg_1 will be sent now\n");
    assert.equal((await run("resend", "--dead")).stdout, "1 callback will be sent now\n");
    await run("resend", "--dead", "--url", "https://a/b");
    assert.deepEqual(asked, [
      ["msg_1", undefined],
      [undefined, undefined],
      [undefined, "https://a/b"],
    ]);
  });

  const wrong: readonly (readonly string[])[] = [
    ["resend"],
    ["resend", "msg_1", "--dead"],
    ["resend", "msg_1", "--url", "https://a/b"],
    ["list", "--limit", "0"],
    ["list", "waiting"],
    ["secret"],
  ];
  for (const args of wrong) {
    it(`ask nothing and show their usage after ${args.join(" ")}`, async () => {
      server.handle = () => assert.fail("nothing is asked");
      const { code, stdout, stderr } = await run(...args);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, new RegExp(`npx gatewright callbacks ${args[0]} `));
    });
  }

  it("print a new secret and nothing else", async () => {
    server.handle = ({ url }) => ({ signingSecret: `whsec_of ${url}` });
    const said = await run("secret", "https://a/b");
    assert.deepEqual(said, { code: 0, stdout: "whsec_of https://a/b\n", stderr: "" });
  });
});
