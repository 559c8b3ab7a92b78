// Properties that are turned from sensitive to plain and back: what scripts, exports and the log
// get of them.
import assert from "node:assert/strict";
import { exportedSetup, putSetup } from "../support/administrator.ts";
import { assertRefused, portal } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { secrets, usualSetup } from "../support/usual_setup.ts";

const first = "first-sealed-value-8d2e";
const second = "second-sealed-value-41b7";
const plain = "plain-value-c0ffee";

describe("a property", function () {
  this.timeout(60_000);
  const server = serverFor(async () => {
    const { setup, files } = await usualSetup();
    const teller = `function execute() {
      LOG.info("it is {}", PROPERTIES.get("key"));
      return { status: 2000, responsePayload: PROPERTIES.get("key") };
    }`;
    const provider = {
      id: "teller",
      type: "CUSTOM_API_ONE_STEP",
      scripts: { complete: "teller.js", backchannel: "teller.js" },
    };
    return {
      setup: {
        ...setup,
        identity_providers: [...setup.identity_providers, provider],
        properties: [{ id: "key", value: first, sensitive: true }],
      },
      files: { ...files, "teller.js": teller },
      env: { GATEWRIGHT_LOG_LEVEL: "debug" },
    };
  });
  const told = async (): Promise<unknown> =>
    (await portal(server(), "portal", secrets.portal).backchannel("teller")).json.data;
  const put = (property: object): Promise<HttpAnswer> =>
    putSetup(server(), { properties: [{ id: "key", ...property }] });
  const exported = async (): Promise<unknown> => (await exportedSetup(server())).properties;

  it("that is sensitive is told to scripts and not exported", async () => {
    assert.equal(await told(), first);
    assert.deepEqual(await exported(), [{ id: "key", sensitive: true }]);
  });

  it("cannot be made plain without a value: the sealed one is not published", async () => {
    const answer = await put({});
    assertRefused(answer, 400, "invalid_request");
    assert.match(String(answer.json.problems), /properties key: value: a property has one/);
    assert.equal(await told(), first);
  });

  it("that becomes plain has its new value for scripts and exports, and at a restart", async () => {
    assert.equal((await put({ value: plain })).status, 200);
    assert.equal(await told(), plain);
    assert.deepEqual(await exported(), [{ id: "key", value: plain }]);
    // The set-up file would make it sensitive again.
    await server().restart({ GATEWRIGHT_SETUP: "" });
    assert.equal(await told(), plain);
  });

  it("cannot be made sensitive again without a value", async () => {
    const answer = await put({ sensitive: true });
    assertRefused(answer, 400, "invalid_request");
    assert.match(String(answer.json.problems), /properties key: value: a property has one/);
    assert.equal(await told(), plain);
  });

  it("that becomes sensitive again has its new value, which is sealed", async () => {
    assert.equal((await put({ value: second, sensitive: true })).status, 200);
    assert.equal(await told(), second);
    assert.deepEqual(await exported(), [{ id: "key", sensitive: true }]);
  });

  it("that is sensitive keeps its value when it is set up again without one", async () => {
    assert.deepEqual((await put({ sensitive: true })).json, {});
    assert.equal(await told(), second);
  });

  it("is not in the log while it is sensitive", async () => {
    await server().logged(`it is ${plain}`);
    const log = server().log();
    assert.ok(log.includes("script log"));
    for (const value of [first, second]) assert.equal(log.includes(value), false, value);
  });
});
