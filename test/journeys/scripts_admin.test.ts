// The saved versions of scripts: who saved them, what they were, and how an older one comes back
// (D-31, SEC-71).
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { asAdmin, putSetup } from "../support/administrator.ts";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import { send } from "../support/http.ts";
import type { Json } from "../support/script_administrator.ts";
import { listedExecutions, postAdmin, readAdmin } from "../support/script_administrator.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";

const answering = (status: number): string =>
  `function execute() { return { status: ${status} }; }`;
const puppet = "function execute(payload) { return JSON.parse(payload); }";

describe("the versions of a script", function () {
  this.timeout(60_000);
  let phone: KeyClient;
  const server = serverFor(usualSetup);
  before(async () => {
    phone = await registerPhone(server());
  });

  const place = (id: string, step: string): string => `scripts/identity_providers/${id}/${step}`;
  const versionsOf = async (id: string, step: string): Promise<Json[]> =>
    (await readAdmin(server(), `${place(id, step)}/versions`)).versions;
  const activate = (id: string, step: string, version: number) =>
    postAdmin(server(), `${place(id, step)}/versions/${version}/activate`);
  const backchannel = async (id: string): Promise<unknown> =>
    (await portal(server(), "portal", secrets.portal).backchannel(id, say(2000))).json.status;
  const save = async (id: string, type: string, scripts: object, files: object): Promise<void> => {
    const answer = await putSetup(server(), {
      files,
      identity_providers: [{ id, type, scripts }],
    });
    assert.equal(answer.status, 200, answer.text);
  };
  const saveMirror = (source: string) =>
    save(
      "mirror",
      "CUSTOM_API_ONE_STEP",
      { complete: "m.js", backchannel: "m.js" },
      { "m.js": source },
    );

  it("say who saved them, when, and which one is live", async () => {
    await saveMirror(answering(4001));
    await saveMirror(answering(4002));
    const versions = await versionsOf("mirror", "backchannel");
    assert.deepEqual(
      versions.map(({ version, author, live }) => [version, author, live]),
      [
        [3, "admin", true],
        [2, "admin", false],
        [1, "set-up file", false],
      ],
    );
    const [newest] = versions;
    assert.equal(newest.script, "identity_providers/mirror/backchannel");
    assert.equal(newest.sha256, hash("sha256", answering(4002), "base64url"));
    assert.ok(Math.abs(Date.parse(newest.created_at) - Date.now()) < 60_000);
    const path = `${place("mirror", "backchannel")}/versions/2`;
    assert.equal((await readAdmin(server(), path)).source, answering(4001));
    assert.equal(newest.source, undefined);
  });

  it("are listed by their live ones, one for each script of the set-up", async () => {
    const { scripts } = await readAdmin(server(), "scripts");
    const slots = scripts.map(({ script }: Json) => script);
    assert.equal(new Set(slots).size, slots.length);
    assert.ok(slots.includes("identity_providers/steps/init"), slots);
    const mirror = scripts.find(({ script }: Json) => script.endsWith("mirror/backchannel"));
    assert.deepEqual([mirror.version, mirror.live], [3, true]);
  });

  it("come back at once when they are activated, and go again", async () => {
    assert.equal(await backchannel("mirror"), 4002);
    const answer = await activate("mirror", "backchannel", 2);
    assert.equal(answer.status, 200, answer.text);
    const { version } = answer.json as Json;
    assert.deepEqual([version.version, version.live], [2, true]);
    assert.equal(await backchannel("mirror"), 4001);
    assert.equal((await activate("mirror", "backchannel", 3)).status, 200);
    assert.equal(await backchannel("mirror"), 4002);
    assert.match(await server().logged("script version activated"), /"author":"admin"/);
    const query = `script=${encodeURIComponent("identity_providers/mirror/backchannel")}`;
    const ran = await listedExecutions(server(), query, ({ length }) => length === 3);
    assert.deepEqual(
      ran.map((execution) => [execution.version, execution.status]),
      [
        [3, 4002],
        [2, 4001],
        [3, 4002],
      ],
    );
  });

  it("may be activated twice, and the other step's stay as they are", async () => {
    for (const _ of [1, 2]) {
      assert.equal((await activate("mirror", "backchannel", 1)).status, 200);
    }
    const [complete] = await versionsOf("mirror", "complete");
    assert.deepEqual([complete.version, complete.live], [3, true]);
  });

  it("change under a transaction that is under way: each step runs what is live then", async () => {
    const type = "CUSTOM_API_TWO_STEP";
    const steps = { init: "p.js", complete: "q.js" };
    const files = { "p.js": puppet, "q.js": answering(4003) };
    await save("other-steps", type, steps, files);
    const { transaction_id } = (await phone.init("other-steps", { data: say(2000) })).json;
    const body = { transaction_id, data: letIn("alice"), profile_id: "ROLLED" };
    assert.equal((await phone.complete("other-steps", body)).json.status, 4003);
    assert.equal((await activate("other-steps", "complete", 1)).status, 200);
    tokensOf(await phone.complete("other-steps", body));
  });

  it("are live again after a restart without a set-up file", async () => {
    await activate("mirror", "backchannel", 2);
    await server().restart({ GATEWRIGHT_SETUP: "" });
    assert.equal(await backchannel("mirror"), 4001);
  });

  it("of an object that was removed are no one's: they stay to be read, and none goes live", async () => {
    const setup = `${server().admin}/admin/v1/setup/identity_providers/unlinked`;
    const removed = await send(setup, { method: "DELETE", headers: asAdmin });
    assert.equal(removed.status, 204, removed.text);
    assert.equal((await versionsOf("unlinked", "complete")).length, 1);
    assertRefused(await activate("unlinked", "complete", 1), 404, "not_found");
    const { scripts } = await readAdmin(server(), "scripts");
    assert.ok(!scripts.some(({ script }: Json) => script.includes("unlinked")));
  });
});

describe("a source text", function () {
  this.timeout(60_000);
  const server = serverFor(usualSetup);
  const check = async (source: string): Promise<Json[]> => {
    const answer = await postAdmin(server(), "scripts/check", { name: "my.js", source });
    assert.equal(answer.status, 200, answer.text);
    return (answer.json as Json).problems ?? [];
  };

  it("that is good has no problems, and is not saved", async () => {
    assert.deepEqual(await check(puppet), []);
    const { scripts } = await readAdmin(server(), "scripts");
    assert.ok(scripts.every(({ version }: Json) => version === 1));
  });

  it("that does not parse has its place", async () => {
    const [problem] = await check("function execute() {\n  return 1 +;\n}\n");
    assert.deepEqual([problem.code, problem.refused], ["syntax", true]);
    assert.equal(problem.position.line, 2);
  });

  it("without an execute, or too large, is told so", async () => {
    assert.equal((await check("var a = 1;"))[0].code, "no_execute");
    assert.equal((await check(`${puppet}//${"x".repeat(256 * 1024)}`))[0].code, "too_large");
  });
});
