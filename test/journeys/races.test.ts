// Many at once for what only one may have: assertions, transactions, refresh tokens.
import assert from "node:assert/strict";
import { authenticated } from "../support/assertions.ts";
import type { KeyClient, Portal } from "../support/client.ts";
import { portal, registerPhone, stepPath, tokensOf } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { postJson } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";
import { overGrpc } from "./doors.ts";

const profile_id = "W8DUJ2";

/** Counts answers by status and word. */
function tally(answers: readonly HttpAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, json } of answers) {
    const name = `${status} ${json.error ?? json.status ?? "tokens"}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const times = <T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)));

describe("races", function () {
  this.timeout(60_000);
  let phone: KeyClient;
  let resource: Portal;
  // Of a hundred failures the last would be told to come back later.
  const server = serverFor(async () => ({
    ...(await usualSetup()),
    env: { GATEWRIGHT_RATE_LIMITS: "off", GATEWRIGHT_WORKERS: "2" },
  }));
  before(async () => {
    phone = await registerPhone(server());
    resource = portal(server(), "portal", secrets.portal);
  });

  const isActive = async (token: string): Promise<boolean> =>
    (await resource.introspect(token)).json.active === true;

  it("let one of a hundred parallel uses of one assertion in (D-04, SEC-06)", async () => {
    const body = { ...(await authenticated(phone)), data: letIn("alice"), profile_id };
    const url = server().http + stepPath("puppet", "complete");
    const answers = await times(100, () => postJson(url, body));
    assert.deepEqual(tally(answers), { "200 2000": 1, "400 invalid_client": 99 });
  });

  it("let one use of an assertion in, whichever doors it comes to (SEC-80)", async () => {
    const { client_assertion_type, client_assertion } = await authenticated(phone);
    const message = {
      clientAssertionType: client_assertion_type,
      clientAssertion: client_assertion,
      data: letIn("alice"),
      profileId: profile_id,
    };
    const ends = await times(10, () =>
      overGrpc(server(), {
        method: "completeRegistration",
        message: { idp: "puppet", ...message },
      }),
    );
    const body = { client_assertion_type, client_assertion, data: letIn("alice"), profile_id };
    const answer = await phone.complete("puppet", body);
    assert.equal(ends.filter(({ code }) => code === 0).length, 1);
    assert.equal(answer.json.error, "invalid_client");
  });

  for (const count of [2, 20]) {
    it(`let one of ${count} parallel completes of one transaction in (D-11, SEC-33)`, async () => {
      const { json } = await phone.init("steps", { data: say(2000) });
      const body = { transaction_id: json.transaction_id, data: letIn("alice"), profile_id };
      const answers = await times(count, () => phone.complete("steps", body));
      assert.deepEqual(tally(answers), { "200 2000": 1, "400 invalid_transaction": count - 1 });
    });
  }

  it("give no more tries to parallel retries than to others (D-11, SEC-34)", async () => {
    const { json } = await phone.init("steps", { data: say(2000) });
    const body = { transaction_id: json.transaction_id, data: say(4000), profile_id };
    const answers = await times(30, () => phone.complete("steps", body));
    const tries = answers.filter(({ status }) => status === 200).length;
    assert.ok(tries >= 1 && tries <= 5, `${tries} tries`);
  });

  for (const count of [2, 20]) {
    it(`give ${count} parallel refreshes one family and one successor (D-62)`, async () => {
      const registered = await phone.complete("puppet", { data: letIn("alice"), profile_id });
      const first = tokensOf(registered).refresh_token ?? "";
      const answers = await times(count, () => phone.refresh(first, { profile_id }));
      const given = answers.map(tokensOf);
      assert.equal(new Set(given.map(({ refresh_token }) => refresh_token)).size, 1);
      // Each answer replaced the access token of the one before, so that one is left.
      const active = await Promise.all(given.map(({ access_token }) => isActive(access_token)));
      assert.equal(active.filter(Boolean).length, 1);
      tokensOf(await phone.refresh(given[0]?.refresh_token ?? "", { profile_id }));
    });
  }

  it("leave one login when a profile is registered again by many at once (D-15)", async () => {
    const answers = await times(8, () =>
      phone.complete("puppet", { data: letIn("alice"), profile_id: "MANY01" }),
    );
    const active = await times(8, (i) => isActive(tokensOf(answers[i] as HttpAnswer).access_token));
    assert.equal(active.filter(Boolean).length, 1);
  });
});
