// Two-step registration: a transaction ties the complete step to its init step.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, keyClient, portal, registerPhone, tokensOf } from "../support/client.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";

const profile_id = "W8DUJ2";
const tries = 5;
const script = (name: string): string =>
  readFileSync(join(import.meta.dirname, "scripts", name), "utf8");

describe("two-step registration", function () {
  this.timeout(20_000);
  let usual: UsualSetup;
  let phone: KeyClient;

  const server = serverFor(async () => {
    usual = await usualSetup();
    const steps = ["init", "complete", "backchannel"];
    const challenge = {
      id: "challenge",
      type: "CUSTOM_API_TWO_STEP",
      scripts: Object.fromEntries(steps.map((step) => [step, `challenge_${step}.js`])),
    };
    const application = {
      id: "challenge-app",
      identity_providers: ["challenge"],
      scopes: ["read"],
      default_scopes: ["read"],
    };
    const { setup, files } = usual;
    return {
      setup: {
        ...setup,
        applications: [...setup.applications, application],
        identity_providers: [...setup.identity_providers, challenge],
      },
      files: {
        ...files,
        ...Object.fromEntries(
          steps.map((step) => [`challenge_${step}.js`, script(`challenge_${step}.js`)]),
        ),
      },
    };
  });
  before(async () => {
    phone = await registerPhone(server());
  });

  const open = async (client: KeyClient = phone, idp = "steps"): Promise<string> => {
    const { json, text } = await client.init(idp, { data: say(2000) });
    assert.match(String(json.transaction_id), /^[A-Za-z0-9_-]{22,}$/, text);
    return String(json.transaction_id);
  };
  const complete = (transaction_id: string | undefined, data: string, idp = "steps") =>
    phone.complete(idp, { transaction_id, data, profile_id });

  it("walks through challenge and response between phone and portal", async () => {
    const device = await registerPhone(server(), "challenge-app");
    const actor = portal(server(), "portal", secrets.portal);
    const begun = await device.init("challenge");
    assert.equal(begun.status, 200, begun.text);
    assert.deepEqual(Object.keys(begun.json).sort(), ["data", "status", "transaction_id"]);
    const { transaction_id, data: challenge } = begun.json;

    const early = await device.complete("challenge", { transaction_id, data: "guess", profile_id });
    assert.deepEqual(early.json, { status: 4002, data: "unknown response" });

    const request = JSON.stringify({ userId: "carol", challenge });
    const { json } = await actor.backchannel("challenge", request);
    const response = String(json.data);
    const done = await device.complete("challenge", { transaction_id, data: response, profile_id });
    const { access_token } = tokensOf(done);
    assert.equal((await actor.introspect(access_token)).json.sub, "carol");
  });

  it("answers init with transaction, status and data (Init Step)", async () => {
    const { status, json } = await phone.init("steps", { data: say(2001, "12349876") });
    assert.equal(status, 200);
    assert.deepEqual(
      { ...json, transaction_id: typeof json.transaction_id },
      {
        transaction_id: "string",
        data: "12349876",
        status: 2001,
      },
    );
  });

  for (const status of [4000, 4999, 5000, 5999]) {
    it(`answers an init with ${status} and opens no transaction (D-12)`, async () => {
      const answer = await phone.init("steps", { data: say(status, "no") });
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.json, { status, data: "no" });
    });
  }

  it("takes a transaction exactly once when it succeeds (D-11)", async () => {
    const id = await open();
    tokensOf(await complete(id, letIn("alice")));
    assertRefused(await complete(id, letIn("alice")), 400, "invalid_transaction");
  });

  it("gives the transaction back after a retry, for five tries in all (D-11, SEC-34)", async () => {
    const id = await open();
    for (let i = 1; i <= tries; i += 1) {
      const answer = await complete(id, say(4000, `try ${i}`));
      assert.deepEqual(answer.json, { status: 4000, data: `try ${i}` });
    }
    assertRefused(await complete(id, letIn("alice")), 400, "invalid_transaction");
  });

  it("lets the last of the five tries succeed", async () => {
    const id = await open();
    for (let i = 1; i < tries; i += 1)
      assert.equal((await complete(id, say(4500))).json.status, 4500);
    tokensOf(await complete(id, letIn("alice")));
  });

  it("ends the transaction after an unrecoverable outcome (D-11)", async () => {
    const id = await open();
    assert.deepEqual((await complete(id, say(5000))).json, { status: 5000 });
    assertRefused(await complete(id, letIn("alice")), 400, "invalid_transaction");
  });

  it("ends the transaction when the script fails (D-11, D-16)", async () => {
    const id = await open();
    assertRefused(await complete(id, "no JSON"), 500, "internal_server_error");
    assertRefused(await complete(id, letIn("alice")), 400, "invalid_transaction");
  });

  const useless: [string, () => Promise<string | undefined>][] = [
    ["missing", async () => undefined],
    ["empty", async () => ""],
    ["unknown", async () => "AAAAAAAAAAAAAAAAAAAAAA"],
    ["of another identity provider", () => open(phone, "other-steps")],
    ["of another client", async () => open(await registerPhone(server()))],
    ["of a client of another kind", async () => open(keyClient(server(), "web", usual.keys.web))],
  ];
  for (const [which, make] of useless) {
    it(`refuses a transaction that is ${which} (D-11, SEC-33)`, async () => {
      assertRefused(await complete(await make(), letIn("alice")), 400, "invalid_transaction");
    });
  }

  it("leaves a transaction to its owner after others tried it (SEC-33, SEC-84)", async () => {
    const id = await open();
    const stranger = await registerPhone(server());
    const body = { transaction_id: id, data: letIn("mallory"), profile_id };
    assertRefused(await stranger.complete("steps", body), 400, "invalid_transaction");
    assertRefused(await complete(id, letIn("alice"), "other-steps"), 400, "invalid_transaction");
    tokensOf(await complete(id, letIn("alice")));
  });

  it("needs no transaction at a one-step provider, and minds none (Complete Step)", async () => {
    tokensOf(await complete(undefined, letIn("alice"), "puppet"));
    tokensOf(await complete("anything", letIn("alice"), "puppet"));
  });

  it("has no init step at a one-step provider", async () => {
    assertRefused(await phone.init("puppet", { data: say(2000) }), 400, "invalid_request");
  });
});

describe("the life of a registration transaction", function () {
  this.timeout(20_000);
  const server = serverFor(async () => ({
    ...(await usualSetup()),
    env: { GATEWRIGHT_TRANSACTION_TTL: "1s", GATEWRIGHT_TRANSACTION_TRIES: "2" },
  }));

  it("ends after the time that the setting says (D-11)", async () => {
    const phone = await registerPhone(server());
    const { json } = await phone.init("steps", { data: say(2000) });
    await sleep(1100);
    const body = { transaction_id: json.transaction_id, data: letIn("alice"), profile_id };
    assertRefused(await phone.complete("steps", body), 400, "invalid_transaction");
  });

  it("is not prolonged by a retry outcome (D-11)", async () => {
    const phone = await registerPhone(server());
    const { json } = await phone.init("steps", { data: say(2000) });
    const body = { transaction_id: json.transaction_id, profile_id };
    await sleep(600);
    const retried = await phone.complete("steps", { ...body, data: say(4000) });
    assert.equal(retried.json.status, 4000, retried.text);
    await sleep(600);
    const late = await phone.complete("steps", { ...body, data: letIn("alice") });
    assertRefused(late, 400, "invalid_transaction");
  });

  it("has as many tries as the setting says (D-11)", async () => {
    const phone = await registerPhone(server());
    const { json } = await phone.init("steps", { data: say(2000) });
    const body = { transaction_id: json.transaction_id, profile_id };
    for (const expected of [200, 200, 400]) {
      const answer = await phone.complete("steps", { ...body, data: say(4000) });
      assert.equal(answer.status, expected, answer.text);
    }
  });
});
