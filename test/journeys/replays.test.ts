// Executions that were recorded: what an administrator sees of them, how they are replayed, and what
// lies nowhere in the open (D-26, D-32).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asAdmin, putSetup } from "../support/administrator.ts";
import { assertRefused, portal } from "../support/client.ts";
import { get } from "../support/http.ts";
import type { Json } from "../support/script_administrator.ts";
import { listedExecutions, postAdmin, readExecution } from "../support/script_administrator.ts";
import { serverFor } from "../support/server.ts";
import { secrets, usualSetup } from "../support/usual_setup.ts";

const sensitive = "sensitive-property-d41d8c";
const payload = "payload-of-a-caller-98ecf8";
const slot = "identity_providers/teller/backchannel";

// Has something of everything that differs from run to run.
const teller = (status: number): string => `function execute(payload) {
  LOG.info("at {} by {}", new Date().toISOString(), Math.random());
  var id = java.util.UUID.randomUUID().toString();
  var before = CACHE.fetch("last");
  CACHE.store("last", payload + id);
  LOG.warn("with " + PROPERTIES.get("key"));
  if (payload === "throw") throw new Error("no " + PROPERTIES.get("key"));
  return { status: ${status}, responsePayload: before };
}
`;
const setupOf = (source: string, key: string) => ({
  files: { "teller.js": source },
  identity_providers: [
    {
      id: "teller",
      type: "CUSTOM_API_ONE_STEP",
      scripts: { complete: "teller.js", backchannel: "teller.js" },
    },
  ],
  properties: [{ id: "key", value: key, sensitive: true }],
});

describe("a recorded execution", function () {
  this.timeout(60_000);
  const server = serverFor(async () => {
    const { setup, files } = await usualSetup();
    const own = setupOf(teller(4001), sensitive);
    return {
      setup: {
        ...setup,
        identity_providers: [...setup.identity_providers, ...own.identity_providers],
        properties: own.properties,
      },
      files: { ...files, ...own.files },
      env: { GATEWRIGHT_RECORDING: "on", GATEWRIGHT_LOG_LEVEL: "debug" },
    };
  });
  const backchannel = (data: string) =>
    portal(server(), "portal", secrets.portal).backchannel("teller", data);
  const known = new Set<string>();
  /** Runs the script, and gives the id of the execution. */
  async function run(data: string): Promise<string> {
    const { json } = await backchannel(data);
    const query = `script=${encodeURIComponent(slot)}`;
    const isNew = ([newest]: readonly Json[]) => newest !== undefined && !known.has(newest.id);
    const [{ id }] = json.error_id
      ? [{ id: String(json.error_id) }]
      : await listedExecutions(server(), query, isNew);
    known.add(id);
    return id;
  }
  async function replay(id: string, body: object = {}): Promise<Json> {
    const answer = await postAdmin(server(), `executions/${id}/replay`, body);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  it("shows what it was given, and what the host answered", async () => {
    const { recorded, input, host_calls, log } = await readExecution(server(), await run(payload));
    assert.deepEqual([recorded, input], [true, { request_payload: payload }]);
    const store = host_calls.find(({ name }: Json) => name === "cache.store");
    assert.match(store.arguments, new RegExp(payload));
    assert.ok(host_calls.every(({ answer }: Json) => typeof answer === "string"));
    assert.deepEqual(
      log.map(({ position }: Json) => position.line),
      [2, 6],
    );
  });

  it("tells log lines and host calls by one clock, in the order in which they were", async () => {
    for (let count = 0; count < 5; count += 1) {
      const { host_calls, log } = await readExecution(server(), await run(payload));
      const moments = [
        log[0].logged_ms,
        ...host_calls.map(({ started_ms }: Json) => started_ms),
        log[1].logged_ms,
      ];
      assert.deepEqual(
        moments,
        moments.toSorted((a, b) => a - b),
      );
    }
  });

  for (const [name, data] of [
    ["that returned", payload],
    ["that failed", "throw"],
  ] as const) {
    it(`${name} is replayed identically, and the cache stays as it is`, async () => {
      const id = await run(data);
      const last = await run("last");
      const replayed = await replay(id);
      assert.equal(replayed.identical, true, JSON.stringify(replayed.divergence));
      assert.equal(replayed.divergence, undefined);
      const { status, failure, log } = await readExecution(server(), id);
      assert.deepEqual(
        [replayed.execution.status, replayed.execution.failure?.message],
        [status, failure?.message],
      );
      assert.deepEqual(
        replayed.execution.log.map(({ text }: Json) => text),
        log.map(({ text }: Json) => text),
      );
      // What the last run stored is there, not what the replay did.
      const { host_calls } = await readExecution(server(), last);
      const store = host_calls.find(({ name }: Json) => name === "cache.store");
      const [, stored] = JSON.parse(store.arguments);
      assert.equal((await backchannel("next")).json.data, stored);
    });
  }

  it("diverges with another source, which is told with what was expected", async () => {
    const id = await run(payload);
    const other = await replay(id, { source: teller(4002) });
    assert.deepEqual([other.identical, other.divergence.call], [false, 0]);
    assert.match(other.divergence.expected, /4001/);
    assert.match(other.divergence.got, /4002/);
    assert.equal(other.execution.status, 4002);
    const wrong = await replay(id, { source: "function execute( {" });
    assert.deepEqual([wrong.identical, wrong.execution.failure.code], [false, 3001]);
  });

  it("is replayed with the version that ran, whatever is live by now", async () => {
    const id = await run(payload);
    assert.equal((await putSetup(server(), setupOf(teller(4003), sensitive))).status, 200);
    assert.equal((await backchannel(payload)).json.status, 4003);
    const { identical, changed_properties, execution } = await replay(id);
    assert.deepEqual([execution.version, execution.status], [1, 4001]);
    assert.deepEqual([identical, changed_properties], [true, undefined]);
  });

  it("is replayed with a word about sensitive properties that have other values by now", async () => {
    const id = await run(payload);
    const changed = "another-sensitive-7a6b";
    assert.equal((await putSetup(server(), setupOf(teller(4001), changed))).status, 200);
    assert.deepEqual((await replay(id)).changed_properties, ["key"]);
    assert.equal((await putSetup(server(), setupOf(teller(4001), sensitive))).status, 200);
    assert.equal((await replay(id)).identical, true);
  });

  it("is not replayed with a source that is too large", async () => {
    const id = await run(payload);
    const source = `${teller(4001)}//${"x".repeat(256 * 1024)}`;
    const answer = await postAdmin(server(), `executions/${id}/replay`, { source });
    assertRefused(answer, 400, "invalid_request");
    assert.match(String(answer.json.error_description), /larger than 262144/);
  });

  it("leaves no record by being replayed", async () => {
    const id = await run(payload);
    const count = async () =>
      (await listedExecutions(server(), "page_size=500", () => true)).length;
    const before = await count();
    await replay(id);
    await server().restart();
    assert.equal(await count(), before);
    assert.equal((await replay(id)).identical, true);
  });

  it("has no sensitive value in files, answers or log, and its input in the open in no file", async () => {
    const ids = [await run(payload), await run("throw")];
    const texts: string[] = [];
    for (const id of ids) {
      texts.push((await get(`${server().admin}/admin/v1/executions/${id}`, asAdmin)).text);
      texts.push(JSON.stringify(await replay(id, { source: teller(4005) })));
    }
    assert.ok(texts.some((text) => text.includes("masked")));
    const folder = join(server().folder, "data");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.startsWith("identity"))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    assert.ok(files.length > 0 && files.some((text) => text.includes(ids[0] ?? "")));
    for (const text of [...texts, ...files, server().log()]) {
      assert.ok(!text.includes(sensitive), "the sensitive property is in the open");
    }
    for (const text of files) assert.ok(!text.includes(payload), "the input is in the open");
  });
});
