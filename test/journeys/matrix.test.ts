// Two users on one phone and a third on another: every method of the public contract is tried with what
// belongs to somebody else. Each attempt has its fixed answer, and nobody else notices it (SEC-84).
import assert from "node:assert/strict";
import { exchangeOf, services } from "../../proto/contract.ts";
import { assertionOf, authenticated } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { keyClient, portal, registerPhone, tokensOf } from "../support/client.ts";
import { basic, get, postJson } from "../support/http.ts";
import { start } from "../support/mobile_portal.ts";
import { newPublicKey } from "../support/openpgp_key.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";
import { sendByContract } from "./by_contract.ts";
import type { Attempt, Cast, Person } from "./matrix_rows.ts";
import { attempts } from "./matrix_rows.ts";

const methods = services
  .flatMap((service) => service.methods)
  .filter((method) => exchangeOf(method).listener === "public" && method.methodKind === "unary");

/** What anybody may read, and so nobody can read of another. */
const forEverybody = ["getKeys", "getMetadata"];

describe("what belongs to another (SEC-84)", function () {
  this.timeout(30_000);
  let usual: UsualSetup;
  let cast: Cast;
  const server = serverFor(async () => {
    usual = await usualSetup();
    return { ...usual, env: { GATEWRIGHT_WORKERS: "2" } };
  });

  const person = async (phone: KeyClient, userId: string, profileId: string): Promise<Person> => {
    const answer = await phone.complete("puppet", {
      data: letIn(userId),
      profile_id: profileId,
      scope: ["read", "openid"],
    });
    return { phone, userId, profileId, tokens: tokensOf(answer) };
  };
  const asUser = ({ tokens }: Person): { authorization: string } => ({
    authorization: `Bearer ${tokens.access_token}`,
  });
  const helpdesk = { authorization: basic("helpdesk", secrets.helpdesk) };
  const listed = async (userId: string, what: string) =>
    (await get(`${server().http}/oauth/api/${what.replace("{user}", userId)}`, helpdesk)).json;

  /** All that can be seen of a user. */
  const seen = async (who: Person): Promise<unknown> => [
    await listed(who.userId, "v4/users/{user}/devices"),
    await listed(who.userId, "v1/users/{user}/tokens"),
    (await get(`${server().http}/oauth/v1/authenticators`, asUser(who))).json,
    (await get(`${server().http}/oauth/v1/mobile-auth/enrolment`, asUser(who))).json,
    (await portal(server(), "portal", secrets.portal).introspect(who.tokens.access_token)).json,
  ];

  before(async () => {
    const [shared, other] = [await registerPhone(server()), await registerPhone(server())];
    const alice = await person(shared, "alice", "ALICE1");
    const bob = await person(shared, "bob", "BOBBY1");
    const mallory = await person(other, "mallory", "MALLO1");
    for (const [authenticator, body] of [
      ["voice", { data: JSON.stringify({ status: 2000, registrationData: "alice's voice" }) }],
      ["fingerprint", {}],
    ] as const) {
      const path = `/oauth/v1/authenticators/${authenticator}/register`;
      const { status, text } = await postJson(server().http + path, body, asUser(alice));
      assert.equal(status, 200, text);
    }
    const publicKey = await newPublicKey();
    for (const who of [alice, bob, mallory]) {
      const url = `${server().http}/oauth/v1/mobile-auth/enrol`;
      const { status, text } = await postJson(url, { public_key: publicKey }, asUser(who));
      assert.equal(status, 200, text);
    }
    const fetched = await start(server());
    const fetchUrl = `${server().http}/oauth/v1/mobile-auth/fetch`;
    const { status } = await postJson(fetchUrl, { otp: fetched.otp }, asUser(alice));
    assert.equal(status, 200);
    const web = keyClient(server(), "web", usual.keys.web);
    const own = await web.token({ grant_type: "client_credentials", scope: "ping" });
    const opened = await shared.init("steps", { data: say(2000) });
    const { tokens = [] } = (await listed("alice", "v1/users/{user}/tokens")) as {
      tokens?: { id: string }[];
    };
    cast = {
      alice,
      bob,
      mallory,
      clientToken: String(own.json.access_token),
      transaction: String(opened.json.transaction_id),
      fetched,
      publicKey,
      aliceTokenIds: tokens.map(({ id }) => id),
      proof: (phone) => authenticated(phone),
      assertion: (phone) => assertionOf(phone),
      forged: (named, signer) => assertionOf(named, { key: signer.key }),
    };
    assert.ok(
      cast.aliceTokenIds.length >= 2,
      "Alice has a login with PIN and one with fingerprint",
    );
    assert.match(cast.clientToken, /^[0-9A-F]{64}$/);
  });

  it("is tried at every method of the public contract", () => {
    const tried = new Set(attempts.map(({ method }) => method));
    const open = methods.map(({ localName }) => localName).filter((name) => !tried.has(name));
    assert.deepEqual(open, forEverybody);
  });

  const outcome = async ({ method: name, send }: Attempt) => {
    const method = methods.find(({ localName }) => localName === name);
    assert.ok(method, `there is no method ${name}`);
    const { message, authorization } = await send(cast);
    return sendByContract(server(), method, message, authorization);
  };

  for (const row of attempts) {
    const { method, name, status, word } = row;
    it(`${method} answers ${name} with ${word ?? status}, and nobody else notices`, async () => {
      const before = [await seen(cast.alice), await seen(cast.bob)];
      const answer = await outcome(row);
      assert.deepEqual([answer.status, answer.json.error], [status, word], answer.text);
      assert.deepEqual([await seen(cast.alice), await seen(cast.bob)], before);
    });
  }

  it("leaves everybody's logins as they were, and Alice without a wrong PIN", async () => {
    const { phone, profileId: profile_id, tokens } = cast.alice;
    const wrong = await phone.refresh("F".repeat(64), { profile_id });
    assert.equal(wrong.json.remaining_attempts, 4, wrong.text);
    const right = tokensOf(await phone.refresh(String(tokens.refresh_token), { profile_id }));
    assert.ok(right.refresh_token);
    const voice = await postJson(`${server().http}/oauth/v1/authenticators/voice/authenticate`, {
      ...(await authenticated(phone)),
      profile_id,
      data: say(2000),
    });
    tokensOf(voice);
  });

  it("leaves the answer to whoever fetched", async () => {
    const url = `${server().http}/oauth/v1/mobile-auth/respond`;
    const body = { transaction_id: cast.fetched.id, answer: "AAAA" };
    const { json } = await postJson(url, body, asUser(cast.alice));
    assert.equal(json.error, "invalid_answer", "the transaction was still open");
  });
});
