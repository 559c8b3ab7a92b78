// What a registration answers: shape, headers, scopes, and what its tokens turn out to be.
import assert from "node:assert/strict";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, keyClient, portal, registerPhone, tokensOf } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";

const stateless = "urn:onewelcome:oauth2:grant_type:stateless_authentication";
const profile_id = "W8DUJ2";

describe("the answer of a registration", function () {
  this.timeout(20_000);
  let usual: UsualSetup;
  let phone: KeyClient;
  let web: KeyClient;
  const server = serverFor(async () => {
    usual = await usualSetup();
    return usual;
  });
  before(async () => {
    phone = await registerPhone(server());
    web = keyClient(server(), "web", usual.keys.web);
  });

  const complete = (body: object, client = phone): Promise<HttpAnswer> =>
    client.complete("puppet", { data: letIn("alice"), profile_id, ...body });
  const introspect = async (answer: HttpAnswer): Promise<HttpAnswer["json"]> =>
    (await portal(server(), "portal", secrets.portal).introspect(tokensOf(answer).access_token))
      .json;

  it("nests the tokens and leaves out what there is none of (D-14)", async () => {
    const { json, text } = await complete({});
    assert.deepEqual(Object.keys(json).sort(), ["oauth_token", "status"], text);
    assert.deepEqual(Object.keys(json.oauth_token as object).sort(), [
      "access_token",
      "expires_in",
      "refresh_token",
      "token_type",
    ]);
    assert.doesNotMatch(text, /null/);
  });

  it("gives the script's payload as data, unchanged (D-14)", async () => {
    const responsePayload = '{"custom_json_key":"custom json data", "ü": "\\u0000✓"}';
    const data = JSON.stringify({ status: 2000, user: { id: "alice" }, responsePayload });
    assert.equal((await complete({ data })).json.data, responsePayload);
  });

  it("gives an ID token when openid was granted", async () => {
    const { id_token } = tokensOf(await complete({ scope: ["openid", "read"] }));
    assert.match(id_token ?? "", /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it("forbids caching in the documented headers, on success and on refusal (SEC-32)", async () => {
    const answers = [await complete({}), await complete({ scope: ["unknown"] })];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 400],
    );
    for (const { headers } of answers) {
      assert.equal(headers["content-type"], "application/json;charset=UTF-8");
      assert.equal(headers["cache-control"], "no-store");
      assert.equal(headers.pragma, "no-cache");
    }
  });

  it("carries a Date, by which a phone finds out that its own clock is wrong (D-66)", async () => {
    const { headers, status } = await phone.complete("puppet", { client_assertion: "no.jws.here" });
    assert.equal(status, 400);
    assert.ok(Math.abs(Date.parse(headers.date ?? "") - Date.now()) < 60_000);
  });

  it("gives tokens of 256 random bits in upper-case hexadecimals (D-61, SEC-21)", async () => {
    const first = tokensOf(await complete({}));
    const second = tokensOf(await complete({}));
    const all = [first, second].flatMap((each) => [each.access_token, each.refresh_token]);
    assert.equal(new Set(all).size, 4);
    for (const token of all) assert.match(token ?? "", /^[0-9A-F]{64}$/);
  });

  it("gives no refresh token where the application has none", async () => {
    const strict = await registerPhone(server(), "strict");
    const tokens = tokensOf(await complete({ scope: ["read"] }, strict));
    assert.equal("refresh_token" in tokens, false);
  });

  const outcomes: [number, boolean][] = [
    [2000, true],
    [2999, true],
    [4000, false],
    [4001, false],
    [4999, false],
    [5000, false],
    [5999, false],
  ];
  for (const [status, lets] of outcomes) {
    const what = lets ? "tokens" : "no tokens";
    it(`answers a script's ${status} with 200 and ${what} (D-13)`, async () => {
      const user = { id: "alice" };
      const answer = await complete({
        data: JSON.stringify({ status, user, responsePayload: "p" }),
      });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.status, status);
      assert.equal(answer.json.data, "p");
      assert.equal("oauth_token" in answer.json, lets);
    });
  }

  it("tolerates a user without an id beside a script's no (product 2.2)", async () => {
    const answer = await complete({ data: JSON.stringify({ status: 5000, user: { id: null } }) });
    assert.deepEqual(answer.json, { status: 5000 });
  });

  describe("scopes (SEC-24)", () => {
    const granted: [string, string[] | undefined, string][] = [
      ["grants the default ones when none is asked for", undefined, "read"],
      ["grants the default ones for an empty list", [], "read"],
      ["grants a part of the allowed ones", ["write"], "write"],
      ["grants several in the order asked", ["write", "openid", "read"], "write openid read"],
      ["grants one asked for twice once", ["read", "read"], "read"],
    ];
    for (const [law, scope, expected] of granted) {
      it(law, async () => {
        assert.equal((await introspect(await complete({ scope }))).scope, expected);
      });
    }

    const refused: [string, string[]][] = [
      ["unknown", ["read", "admin"]],
      ["empty", [""]],
      ["several in one text", ["read write"]],
      ["of another case", ["READ"]],
      ["malformed", ['re"ad']],
      ["the name of a prototype's member", ["constructor"]],
    ];
    for (const [which, scope] of refused) {
      it(`refuses one that is ${which}`, async () => {
        assertRefused(await complete({ scope }), 400, "invalid_scope");
      });
    }

    it("are not widened by what a script returns", async () => {
      const more = { scope: ["write"], scopes: "read write openid" };
      const data = JSON.stringify({ status: 2000, user: { id: "alice", ...more }, ...more });
      assert.equal((await introspect(await complete({ data, scope: ["read"] }))).scope, "read");
    });
  });

  describe("stateless (D-18, SEC-25)", () => {
    it("gives no refresh token and needs no profile", async () => {
      const answer = await phone.complete("puppet", {
        data: letIn("alice"),
        grant_type: stateless,
      });
      const tokens = tokensOf(answer);
      assert.equal("refresh_token" in tokens, false);
      assert.equal(tokens.expires_in, 900);
      const { amr, profile_id: profile } = await introspect(answer);
      assert.deepEqual(amr, ["STATELESS_AUTHENTICATION"]);
      assert.equal(profile, undefined);
    });

    it("ignores a profile id, malformed or another user's", async () => {
      tokensOf(await complete({ profile_id: "STALES", data: letIn("somebody") }));
      for (const profile of ["no", "STALES"]) {
        tokensOf(await complete({ profile_id: profile, grant_type: stateless }));
      }
    });

    it("works for two steps", async () => {
      const { json } = await phone.init("steps", { data: say(2000) });
      const body = { transaction_id: json.transaction_id, data: letIn("alice"), profile_id };
      const answer = await phone.complete("steps", { ...body, grant_type: stateless });
      assert.equal("refresh_token" in tokensOf(answer), false);
    });

    it("is refused unless the application allows it", async () => {
      const strict = await registerPhone(server(), "strict");
      const answer = await complete({ grant_type: stateless, scope: ["read"] }, strict);
      assertRefused(answer, 400, "unauthorized_client");
    });

    it("is the only value that grant_type takes", async () => {
      assertRefused(await complete({ grant_type: "refresh_token" }), 400, "invalid_request");
    });
  });

  describe("of a static client", () => {
    it("has refresh tokens when the client has them, and no profile (D-15)", async () => {
      const answer = await complete({ profile_id: undefined }, web);
      assert.match(tokensOf(answer).refresh_token ?? "", /^[0-9A-F]{64}$/);
      const { client_id, profile_id: profile, sub } = await introspect(answer);
      assert.deepEqual([client_id, profile, sub], ["web", undefined, "alice"]);
    });

    it("minds no profile id, of whatever form (D-15)", async () => {
      tokensOf(await complete({ profile_id: "not six" }, web));
    });
  });
});
