// The commands for the audit as people run them, before a server whose answers the test decides.
import assert from "node:assert/strict";
import { join } from "node:path";
import { embedded } from "../../../gateway/upstream/embedded.ts";
import type { Said } from "../../checks/check.ts";
import { say } from "../../checks/check.ts";
import type { Behind, Gateway } from "../../gateway/two_ways.ts";
import { behind, gateway } from "../../gateway/two_ways.ts";

const main = join(import.meta.dirname, "../../../clients/cli/main.ts");
const checkpoint = `gw1.12.1800000000000.${"a".repeat(43)}.${"b".repeat(43)}`;

describe("the command line for the audit (SEC-77)", () => {
  let server: Behind;
  let listeners: Gateway;
  before(async () => {
    server = behind();
    listeners = await gateway(embedded(server.procedures));
  });
  after(() => listeners.stop());
  const run = (...args: string[]): Promise<Said> =>
    say(import.meta.dirname, process.execPath, [main, "audit", ...args], {
      GATEWRIGHT_ADMIN_URL: `http://${listeners.admin}`,
      GATEWRIGHT_ADMIN_SECRET: "secret",
    });

  it("walks from stretch to stretch with every checkpoint, and says what it verified", async () => {
    const asked: object[] = [];
    server.handle = (request) => {
      asked.push(request);
      return request.first === 0
        ? { verified: 5000, first: 3, last: 5002, next: 5003, end: 5010 }
        : { verified: 8, first: 5003, last: 5010, end: 5010 };
    };
    const { code, stdout, stderr } = await run("verify", "--checkpoint", "a", "--checkpoint", "b");
    assert.deepEqual([code, stdout, stderr], [0, "5008 events verified, seq 3 to 5010\n", ""]);
    const checkpoints = ["a", "b"];
    assert.deepEqual(asked, [
      { first: 0, checkpoints },
      { first: 5003, checkpoints },
    ]);
  });

  it("verifies a chain that has not begun, and one whose last stretch is empty", async () => {
    server.handle = () => ({});
    assert.equal((await run("verify")).stdout, "0 events verified\n");
    server.handle = ({ first }) =>
      first === 0 ? { verified: 5000, first: 1, last: 5000, next: 5001, end: 5000 } : { end: 5000 };
    assert.equal((await run("verify")).stdout, "5000 events verified, seq 1 to 5000\n");
  });

  it("prints what does not hold, shows no control character, and exits with 1", async () => {
    server.handle = () => ({
      verified: 9,
      first: 1,
      last: 11,
      end: 11,
      findings: [
        { at: 4, problem: "changed", detail: "type is not\u001b[2J what it was" },
        { at: 10, problem: "missing", detail: "the event is not there" },
      ],
    });
    const { code, stdout, stderr } = await run("verify");
    assert.deepEqual([code, stderr], [1, ""]);
    assert.equal(
      stdout,
      `9 events verified, seq 1 to 11
changed   4  type is not\\u001b[2J what it was
missing  10  the event is not there
the chain of events does not hold
`,
    );
  });

  it("goes no further than ten findings", async () => {
    let calls = 0;
    server.handle = () => {
      calls += 1;
      const findings = Array.from({ length: 4 }, (_, at) => ({ at, problem: "missing" }));
      return { verified: 1, first: 1, last: 2, next: 3, end: 99, findings };
    };
    const { code, stdout } = await run("verify");
    assert.deepEqual([code, calls, stdout.match(/missing/g)?.length], [1, 3, 10]);
  });

  it("prints a checkpoint alone, for a file", async () => {
    server.handle = () => ({ checkpoint, end: 12 });
    const { code, stdout } = await run("checkpoint");
    assert.deepEqual([code, stdout], [0, `${checkpoint}\n`]);
  });

  it("says how they are used", async () => {
    for (const args of [
      ["verify", "more"],
      ["verify", "--checkpoint"],
      ["checkpoint", "more"],
    ]) {
      const { code, stderr } = await run(...args);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`npx gatewright audit ${args[0]}`));
    }
  });
});
