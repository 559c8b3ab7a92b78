// What a run of a script leaves behind, and who may look at it (D-16, D-32).
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { asAdmin, putSetup } from "../support/administrator.ts";
import type { KeyClient, Portal } from "../support/client.ts";
import { portal, registerPhone, tokensOf } from "../support/client.ts";
import { get } from "../support/http.ts";
import {
  listedExecutions,
  postAdmin,
  readAdmin,
  readExecution,
} from "../support/script_administrator.ts";
import type { StartOptions } from "../support/server.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";

const sensitive = "sensitive-property-5b1d77";

const scripts = {
  "teller.js": `function execute(payload) {
  LOG.info("asked for {}", payload);
  CACHE.store("asked", payload);
  if (payload === "throw") {
    throw new Error("no " + CACHE.fetch("asked") + " with " + PROPERTIES.get("key"));
  }
  return { status: 4001, responsePayload: CACHE.fetch("asked") };
}
`,
  "looping.js": "function execute() { for (;;) {} }",
};

const provider = (id: string, file: string) => ({
  id,
  type: "CUSTOM_API_ONE_STEP",
  scripts: { complete: file, backchannel: file },
});

/** The usual set-up, and scripts that say what they do. */
async function tellingSetup(env: Readonly<Record<string, string>> = {}): Promise<StartOptions> {
  const { setup, files } = await usualSetup();
  const providers = [provider("teller", "teller.js"), provider("looping", "looping.js")];
  return {
    setup: {
      ...setup,
      identity_providers: [...setup.identity_providers, ...providers],
      properties: [{ id: "key", value: sensitive, sensitive: true }],
    },
    files: { ...files, ...scripts },
    env: { GATEWRIGHT_SCRIPT_CPU: "0.1s", ...env },
  };
}

describe("an execution", function () {
  this.timeout(60_000);
  let phone: KeyClient;
  let actor: Portal;
  const server = serverFor(tellingSetup);
  before(async () => {
    phone = await registerPhone(server());
    actor = portal(server(), "portal", secrets.portal);
  });

  const slotOf = (id: string, step = "backchannel") => `identity_providers/${id}/${step}`;
  const query = (id: string, step?: string) => `script=${encodeURIComponent(slotOf(id, step))}`;
  const newest = async (id: string, step?: string) => {
    const [first] = await listedExecutions(server(), query(id, step), ({ length }) => length > 0);
    return first;
  };

  it("is left by a registration, with version, status and times", async () => {
    const data = letIn("alice");
    tokensOf(await phone.complete("puppet", { data, profile_id: "W8DUJ2" }));
    const { id, started_at, duration_ms, cpu_ms, ...rest } = await newest("puppet", "complete");
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.ok(Math.abs(Date.parse(started_at) - Date.now()) < 60_000, started_at);
    assert.ok(duration_ms > 0 && cpu_ms > 0);
    assert.deepEqual(rest, {
      script: slotOf("puppet", "complete"),
      version: 1,
      file: "puppet.js",
      status: 2000,
      recorded: false,
      log_lines: 0,
      host_call_count: 0,
    });
  });

  it("shows its log and its host calls in their order", async () => {
    assert.equal((await actor.backchannel("teller", "this")).json.status, 4001);
    const listed = await newest("teller");
    assert.deepEqual([listed.status, listed.log_lines, listed.log], [4001, 1, undefined]);
    const execution = await readExecution(server(), listed.id);
    const { log, host_calls } = execution;
    assert.deepEqual(
      log.map(({ level, text }: Record<string, unknown>) => [level, text]),
      [["info", "asked for this"]],
    );
    const names = host_calls.map(({ name }: { name: string }) => name);
    assert.equal(names.length, listed.host_call_count);
    assert.deepEqual(
      names.filter((name: string) => name.startsWith("cache")),
      ["cache.store", "cache.fetch"],
    );
    assert.equal(execution.input, undefined);
  });

  it("that failed is found at once by the error_id of its caller", async () => {
    const { json } = await actor.backchannel("teller", "throw");
    const { failure, ...execution } = await readExecution(server(), String(json.error_id));
    assert.equal(execution.status, undefined);
    assert.deepEqual([execution.id, execution.script], [json.error_id, slotOf("teller")]);
    assert.equal(failure.code, 3001);
    assert.match(failure.message, /no throw with/);
    assert.equal(failure.position.line, 5);
    assert.match(failure.stack, /execute.*teller\.js:5/);
    assert.equal(execution.log[0].text, "asked for throw");
  });

  it("that ran into a limit names it", async () => {
    const { json } = await actor.backchannel("looping");
    const { failure } = await readExecution(server(), String(json.error_id));
    assert.deepEqual([failure.code, failure.limit], [3001, "cpu"]);
  });

  it("is left where there was no script (3000)", async () => {
    const { json } = await actor.backchannel("silent");
    const execution = await readExecution(server(), String(json.error_id));
    assert.equal(execution.version, 0);
    assert.equal(execution.failure.code, 3000);
    assert.match(execution.failure.message, /no script at identity_providers\/silent\/backchannel/);
  });

  it("is listed with others page by page, by script, and by failure", async () => {
    for (let count = 0; count < 7; count += 1) await actor.backchannel("mirror", String(count));
    const all = await listedExecutions(server(), query("mirror"), ({ length }) => length === 7);
    const pages: string[] = [];
    let token = "";
    do {
      const path = `executions?${query("mirror")}&page_size=3&page_token=${token}`;
      const { executions, next_page_token = "" } = await readAdmin(server(), path);
      pages.push(...executions.map(({ id }: { id: string }) => id));
      token = next_page_token;
    } while (token !== "");
    assert.deepEqual(
      pages,
      all.map(({ id }) => id),
    );
    assert.deepEqual(pages, pages.toSorted().toReversed());
    const failed = await listedExecutions(server(), "failed=true", ({ length }) => length >= 3);
    assert.ok(failed.every(({ failure }) => failure.code >= 3000));
  });

  it("is not looked for by what no store can hold", async () => {
    for (const path of [
      "executions?script=%00",
      "executions/%00",
      "scripts/authenticators/%00/a/versions",
    ]) {
      const { status, json } = await get(`${server().admin}/admin/v1/${path}`, asAdmin);
      assert.deepEqual([status, json.error], [400, "invalid_request"], path);
    }
  });

  it("cannot be replayed when nothing was recorded", async () => {
    const { status, json } = await postAdmin(
      server(),
      `executions/${(await newest("mirror")).id}/replay`,
    );
    assert.deepEqual([status, json.error], [409, "not_recorded"]);
  });

  it("is there after the process was told to end right behind the run", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      ids.push(String((await actor.backchannel("teller", "throw")).json.error_id));
    }
    assert.deepEqual(await server().stop("SIGTERM"), { code: 0, signal: null });
    await server().restart();
    for (const id of ids) assert.equal((await readExecution(server(), id)).failure.code, 3001);
  });

  it("shows the version that was live when it ran, in the middle of a transaction too", async () => {
    const { json } = await phone.init("steps", { data: say(2000) });
    const complete = `function execute(payload) { return { status: 4002 }; }`;
    const steps = {
      id: "steps",
      type: "CUSTOM_API_TWO_STEP",
      scripts: { init: "puppet.js", complete: "new.js" },
    };
    const puppet = "function execute(payload) { return JSON.parse(payload); }";
    const files = { "puppet.js": puppet, "new.js": complete };
    const put = await putSetup(server(), { files, identity_providers: [steps] });
    assert.equal(put.status, 200, put.text);
    const { transaction_id } = json;
    const body = { transaction_id, data: letIn("alice"), profile_id: "STEPS1" };
    assert.equal((await phone.complete("steps", body)).json.status, 4002);
    const { version, status } = await newest("steps", "complete");
    assert.deepEqual([version, status], [2, 4002]);
  });
});

describe("executions beyond what is kept", function () {
  this.timeout(60_000);
  const server = serverFor(() => tellingSetup({ GATEWRIGHT_EXECUTIONS_KEPT: "100" }));

  it("go, the oldest first, and the others stay", async () => {
    const actor = portal(server(), "portal", secrets.portal);
    const statuses = Array.from({ length: 130 }, (_, index) => 4000 + index);
    for (const status of statuses) {
      assert.equal((await actor.backchannel("puppet", say(status))).json.status, status);
      // Of two that begin in the same millisecond either is the older one.
      await sleep(2);
    }
    const left = await listedExecutions(server(), "page_size=500", ({ length }) => length === 100);
    assert.deepEqual(
      left.map(({ status }) => status),
      statuses.slice(30).toReversed(),
    );
  });
});
