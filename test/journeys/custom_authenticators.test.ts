// Custom authenticators: the three documented flows, what scripts are handed, and what their answers
// come to.
import assert from "node:assert/strict";
import {
  authenticateWith,
  beginProfile,
  deregisterAuthenticator,
  listAuthenticators,
  listedIn,
  registerAuthenticator,
} from "../support/authenticators.ts";
import type { Body, KeyClient, Portal } from "../support/client.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import { postJson } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, secrets } from "../support/usual_setup.ts";
import type { Holder } from "./authenticator_setup.ts";
import { authenticatorSetup } from "./authenticator_setup.ts";

const profile_id = "W8DUJ2";

describe("custom authenticators", function () {
  this.timeout(30_000);
  let holder: Holder;
  let phone: KeyClient;
  let resource: Portal;
  const server = serverFor(async () => {
    const made = await authenticatorSetup();
    holder = made.holder;
    return made.usual;
  });
  before(() => {
    resource = portal(server(), "portal", secrets.portal);
  });
  beforeEach(async () => {
    phone = await registerPhone(server());
  });
  after(async () => holder?.[Symbol.asyncDispose]());

  const begin = async (more: Body = {}): Promise<string> =>
    (await beginProfile(phone, profile_id, "alice", more)).access_token;
  const register = (token: string, id: string, data?: string | null) =>
    registerAuthenticator(server(), token, id, data);
  const logIn = (id: string, data?: string | null, more: Body = {}) =>
    authenticateWith(server(), phone, id, { profile_id, data, ...more });
  const isRegistered = async (token: string, id: string): Promise<boolean | undefined> =>
    listedIn(await listAuthenticators(server(), token), id)?.registered;

  it("walk through registration, authentication and deregistration (Flows)", async () => {
    const token = await begin();
    const registered = await register(token, "voice", say(2000, "enrolled"));
    assert.deepEqual(
      [registered.status, registered.json],
      [200, { status: 2000, data: "enrolled" }],
    );
    const answer = await logIn("voice", say(2000, "welcome back"));
    const { status, data, oauth_token } = answer.json;
    assert.deepEqual([answer.status, status, data], [200, 2000, "welcome back"]);
    const { access_token, refresh_token, token_type } = tokensOf(answer);
    assert.deepEqual([refresh_token, token_type], [undefined, "bearer"]);
    assert.deepEqual(Object.keys(oauth_token as object).sort(), [
      "access_token",
      "expires_in",
      "token_type",
    ]);
    const { json } = await resource.introspect(access_token);
    assert.deepEqual([json.sub, json.amr, json.scope], ["alice", ["CUSTOM_AUTHENTICATOR"], "read"]);
    assert.equal((await deregisterAuthenticator(server(), token, "voice")).status, 204);
    assertRefused(await logIn("voice", say(2000)), 404, "not_registered");
  });

  it("hand scripts the payload, the user, what was kept, and null (Writing scripts)", async () => {
    const token = await begin();
    const shown = async (answer: Promise<{ json: Body }>): Promise<unknown> =>
      JSON.parse(String((await answer).json.data));
    assert.deepEqual(await shown(register(token, "shown", "pay")), ["pay", "alice", null, null]);
    assert.deepEqual(await shown(register(token, "shown")), [null, "alice", null, null]);
    assert.deepEqual(await shown(logIn("shown", "log")), ["log", "alice", null, null]);
    await register(token, "shown-keep", "kept");
    assert.deepEqual(await shown(logIn("shown-keep")), [null, "alice", "kept", null]);
  });

  describe("what a registration script wants to see again (D-40)", () => {
    const texts: [string, string][] = [
      ["empty", ""],
      ["beyond ASCII", "grüße \u20ac \u65e5\u672c"],
      ["beyond the basic plane", "\u{1f600}\u{10ffff}\u{10000}"],
      ["composed in two ways", "\u00e9 e\u0301 \u1100\u1161 \uac00"],
      ["with a zero character", "a\0b\0"],
      ["of control characters", "\u0001\b\t\n\r\u001f\u007f\u0085\u2028\u2029\ufeff\ufffe"],
      [
        "that looks like JSON, SQL or a template",
        `{"a":1}'; drop table profile; -- \${x} %s {} \\`,
      ],
      ["64 KiB long", "x".repeat(65_536)],
    ];
    for (const [which, text] of texts) {
      it(`comes back byte for byte when it is ${which}`, async () => {
        assert.equal((await register(await begin(), "keep", text)).status, 200);
        const { json } = await logIn("keep");
        assert.equal(json.data, text);
      });
    }

    it("comes back byte for byte up to all that a script may return", async () => {
      const token = await begin();
      for (const [unit, times] of [
        ["xxxx", 65_536],
        ["\u20ac", 87_381],
        ["\u{1f600}", 65_536],
      ] as const) {
        const answer = await register(token, "repeat", `${times}${unit}`);
        assert.equal(answer.status, 200, answer.text);
        const { json } = await logIn("repeat");
        assert.equal(json.data, unit.repeat(times));
      }
    });

    it("stays null when there was nothing, and is not what a former registration kept", async () => {
      const token = await begin();
      await register(token, "keep", "former");
      for (const nothing of [undefined, null]) {
        await register(token, "keep", nothing);
        const answer = await logIn("keep");
        assert.equal(answer.status, 200, answer.text);
        assert.equal("data" in answer.json, false);
      }
    });

    it("is replaced by what a successful login returns, and by nothing else (Flows)", async () => {
      const token = await begin();
      const told = async (returned: object): Promise<unknown> =>
        (await logIn("diary", JSON.stringify(returned))).json.data;
      await register(token, "diary", JSON.stringify({ status: 2000, registrationData: "one" }));
      assert.equal(await told({ status: 2000 }), "one");
      assert.equal(await told({ status: 4000, registrationData: "never" }), "one");
      assert.equal(await told({ status: 2500, registrationData: "two" }), "one");
      assert.equal(await told({ status: 2000, registrationData: "" }), "two");
      assert.equal(await told({ status: 2000 }), "");
    });

    it("is another one for each profile and installation (SEC-52)", async () => {
      const first = phone;
      await register(await begin(), "keep", "of alice");
      const { access_token } = await beginProfile(phone, "OTHER1", "bob");
      await register(access_token, "keep", "of bob");
      phone = await registerPhone(server());
      await register(await begin(), "keep", "of alice elsewhere");
      assert.equal((await logIn("keep")).json.data, "of alice elsewhere");
      phone = first;
      assert.equal((await logIn("keep")).json.data, "of alice");
      assert.equal((await logIn("keep", null, { profile_id: "OTHER1" })).json.data, "of bob");
    });
  });

  describe("outcomes (D-41)", () => {
    for (const status of [2000, 2001, 2999]) {
      it(`keep a registration after ${status}, and let in`, async () => {
        const token = await begin();
        assert.equal((await register(token, "voice", say(status))).json.status, status);
        assert.equal(await isRegistered(token, "voice"), true);
        const answer = await logIn("voice", say(status));
        assert.equal(answer.json.status, status);
        tokensOf(answer);
      });
    }

    for (const status of [4000, 4003, 4999, 5000, 5999]) {
      it(`keep nothing new after ${status}, and leave what there was`, async () => {
        const token = await begin();
        const no = { status, responsePayload: "no", registrationData: "never" };
        const refused = await register(token, "diary", JSON.stringify(no));
        assert.deepEqual([refused.status, refused.json], [200, { status, data: "no" }]);
        assert.equal(await isRegistered(token, "diary"), false);
        await register(token, "diary", JSON.stringify({ status: 2000, registrationData: "one" }));
        await register(token, "diary", JSON.stringify(no));
        assert.equal((await logIn("diary", say(2000))).json.data, "one");
      });
    }

    for (const status of [4000, 4999]) {
      it(`leave the registration after a login with ${status}`, async () => {
        const token = await begin();
        await register(token, "voice", say(2000));
        const answer = await logIn("voice", say(status, "again"));
        assert.deepEqual([answer.status, answer.json], [200, { status, data: "again" }]);
        tokensOf(await logIn("voice", say(2000)));
      });
    }

    for (const status of [5000, 5999]) {
      it(`end this registration alone after a login with ${status}`, async () => {
        const token = await begin();
        for (const id of ["voice", "keep"]) await register(token, id, say(2000));
        const answer = await logIn("voice", say(status, "over"));
        assert.deepEqual([answer.status, answer.json], [200, { status, data: "over" }]);
        assert.equal(await isRegistered(token, "voice"), false);
        assertRefused(await logIn("voice", say(2000)), 404, "not_registered");
        tokensOf(await logIn("keep"));
      });
    }

    it("of 4001 and 4002 are refusals that change nothing", async () => {
      const token = await begin();
      for (const [status, http, word] of [
        [4001, 409, "already_registered"],
        [4002, 404, "not_registered"],
      ] as const) {
        assertRefused(await register(token, "voice", say(status)), http, word);
        assert.equal(await isRegistered(token, "voice"), false);
        await register(token, "voice", say(2000));
        assertRefused(await logIn("voice", say(status)), http, word);
        tokensOf(await logIn("voice", say(2000)));
        await deregisterAuthenticator(server(), token, "voice");
      }
    });

    const broken = ["no JSON", say(3000), say(1999), say(6000), "{}", '{"status":"2000"}'];
    for (const data of broken) {
      it(`of a script that does ${data} are 500, and change nothing (D-16)`, async () => {
        const token = await begin();
        assertRefused(await register(token, "voice", data), 500, "internal_server_error");
        assert.equal(await isRegistered(token, "voice"), false);
        await register(token, "voice", say(2000));
        assertRefused(await register(token, "voice", data), 500, "internal_server_error");
        assertRefused(await logIn("voice", data), 500, "internal_server_error");
        tokensOf(await logIn("voice", say(2000)));
      });
    }

    it("of a script that is missing are 500, with the id of the execution (D-16)", async () => {
      const token = await begin();
      assert.equal((await register(token, "halves", say(2000))).status, 200);
      const answer = await logIn("halves", say(2000));
      assertRefused(answer, 500, "internal_server_error");
      assert.match(String(answer.json.error_id), /^[0-9a-f-]{36}$/);
    });
  });

  describe("tokens of a login", () => {
    it("are for the profile's user, whatever the script says (SEC-26, SEC-52)", async () => {
      await register(
        await begin({ data: letIn("alice", { amr: ["QR"], name: "Ann" }) }),
        "voice",
        say(2000),
      );
      const data = letIn("mallory", { amr: ["admin"], name: "Mallory" });
      const { access_token } = tokensOf(await logIn("voice", data));
      const { json } = await resource.introspect(access_token);
      assert.deepEqual(
        [json.sub, json.amr, json.user_details],
        ["alice", ["CUSTOM_AUTHENTICATOR", "QR"], { name: "Ann" }],
      );
    });

    it("have the scopes asked for among those of the registration, or all (SEC-24)", async () => {
      await register(await begin({ scope: ["openid", "read"] }), "voice", say(2000));
      const scopesOf = async (scope?: readonly string[]): Promise<unknown> => {
        const { access_token } = tokensOf(await logIn("voice", say(2000), { scope }));
        return (await resource.introspect(access_token)).json.scope;
      };
      assert.equal(await scopesOf(), "openid read");
      assert.equal(await scopesOf(["read"]), "read");
      for (const scope of [["write"], ["read", "admin"], ["re ad"], [""]]) {
        assertRefused(await logIn("voice", say(5000), { scope }), 400, "invalid_scope");
      }
      // No script ran, so the registration is still there.
      const answer = await logIn("voice", say(2000), { scope: ["openid"] });
      assert.match(String(tokensOf(answer).id_token), /^ey/);
    });
  });

  describe("payloads", () => {
    it("over 64 KiB are refused, and no script runs", async () => {
      const token = await begin();
      await register(token, "voice", say(2000));
      const long = say(5000, "\u20ac".repeat(21_845));
      assertRefused(await register(token, "voice", long), 400, "invalid_request");
      assertRefused(await logIn("voice", long), 400, "invalid_request");
      const huge = "x".repeat(1 << 20);
      assertRefused(await register(token, "voice", huge), 413, "invalid_request");
      assertRefused(await logIn("voice", huge), 413, "invalid_request");
      tokensOf(await logIn("voice", say(2000)));
    });

    it("that are no text are refused", async () => {
      const authorization = `Bearer ${await begin()}`;
      const url = `${server().http}/oauth/v1/authenticators/voice/register`;
      for (const data of [1, true, {}, ["x"], "\ud800"]) {
        assertRefused(await postJson(url, { data }, { authorization }), 400, "invalid_request");
      }
    });
  });

  describe("profiles", () => {
    for (const wrong of [undefined, "", "W8DUJ", "W8DUJ22", "W8-UJ2", "W8DUJ\0", "W8DUJ2\n"]) {
      it(`refuse ${JSON.stringify(wrong)} (D-15)`, async () => {
        await register(await begin(), "voice", say(2000));
        const answer = await logIn("voice", say(5000), { profile_id: wrong });
        assertRefused(answer, 400, "invalid_profile");
      });
    }

    it("that are unknown are answered as those that are not registered (SEC-14)", async () => {
      await begin();
      const known = await logIn("voice", say(2000));
      const unknown = await logIn("voice", say(2000), { profile_id: "NOBODY" });
      assertRefused(known, 404, "not_registered");
      assert.equal(unknown.text, known.text);
    });
  });

  describe("ids of authenticators that nobody set up", () => {
    const ids = ["nothing", "VOICE", "voice ", "..%2fvoice", "\u{1f600}", "x".repeat(128)];
    for (const id of ids) {
      it(`are not found: ${JSON.stringify(id).slice(0, 20)}`, async () => {
        const token = await begin();
        for (const answer of [
          await register(token, id, say(2000)),
          await logIn(id, say(2000)),
          await deregisterAuthenticator(server(), token, id),
        ]) {
          assertRefused(answer, 404, "invalid_authenticator");
        }
      });
    }
  });
});
