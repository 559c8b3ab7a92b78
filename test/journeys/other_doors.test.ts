// The other ways in: the portal's backchannel, and version 1 of the registration.
import assert from "node:assert/strict";
import { assertionType, authenticated } from "../support/assertions.ts";
import {
  assertRefused,
  backchannelPath,
  keyClient,
  portal,
  registerPhone,
  tokensOf,
} from "../support/client.ts";
import type { Fields, HttpAnswer } from "../support/http.ts";
import { basic, postForm, postJson } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";

describe("the other ways in", function () {
  this.timeout(20_000);
  let usual: UsualSetup;
  const server = serverFor(async () => {
    usual = await usualSetup();
    return usual;
  });

  describe("backchannel (product 3.6, D-08)", () => {
    const url = (idp = "puppet"): string => server().http + backchannelPath(idp);
    const fields = { client_id: "portal", client_secret: secrets.portal };

    for (const idp of ["puppet", "steps"]) {
      it(`answers status and data, and never tokens, at ${idp}`, async () => {
        const data = JSON.stringify({ status: 2000, responsePayload: "p", user: { id: "alice" } });
        const answer = await portal(server(), "portal", secrets.portal).backchannel(idp, data);
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(answer.json, { status: 2000, data: "p" });
        assert.equal(answer.headers["cache-control"], "no-store");
      });
    }

    it("gives the script's no as an answer", async () => {
      const actor = portal(server(), "portal", secrets.portal);
      assert.deepEqual((await actor.backchannel("puppet", say(4711))).json, { status: 4711 });
    });

    const ways: [string, () => Promise<HttpAnswer>][] = [
      ["a secret in JSON", () => postJson(url(), { ...fields, data: say(2000) })],
      ["a secret in a form", () => postForm(url(), { ...fields, data: say(2000) })],
      [
        "an assertion",
        async () => {
          const machine = keyClient(server(), "machine", usual.keys.machine);
          return postJson(url(), { ...(await authenticated(machine)), data: say(2000) });
        },
      ],
    ];
    for (const [which, call] of ways) {
      it(`takes ${which}`, async () => {
        assert.deepEqual((await call()).json, { status: 2000 });
      });
    }

    it("refuses two ways at once (SEC-15)", async () => {
      const { authorization } = portal(server(), "portal", secrets.portal);
      const answer = await postJson(url(), { ...fields, data: say(2000) }, { authorization });
      assertRefused(answer, 400, "invalid_request");
    });

    const strangers: [string, string, string][] = [
      ["an unknown client", "nobody", "some-secret-or-other"],
      ["a wrong secret", "portal", "portal-secret-5f1d"],
      ["an empty secret", "portal", ""],
      ["a client that is no API client", "web-v1", secrets["web-v1"]],
    ];
    it("refuses every failure of authentication in one way (D-06, SEC-14)", async () => {
      const bodies = new Set<string>();
      for (const [which, id, secret] of strangers) {
        const answer = await portal(server(), id, secret).backchannel("puppet", say(2000));
        assert.equal(answer.status, 400, which);
        bodies.add(answer.text);
      }
      assert.equal(bodies.size, 1);
      assert.equal(JSON.parse([...bodies][0] ?? "").error, "invalid_client");
    });

    it("refuses an API client that may not register users", async () => {
      const answer = await portal(server(), "viewer", secrets.viewer).backchannel(
        "puppet",
        say(2000),
      );
      assertRefused(answer, 403, "insufficient_permissions");
    });

    it("refuses a phone, whatever it sends", async () => {
      const phone = await registerPhone(server());
      const body = { ...(await authenticated(phone)), data: say(2000) };
      assertRefused(await postJson(url(), body), 400, "invalid_client");
    });
  });

  describe("HTTP Basic together with another way (SEC-15)", () => {
    const doors: [string, string, Fields][] = [
      ["the token endpoint", "/oauth/v1/token", { grant_type: "client_credentials" }],
      ["introspection", "/oauth/api/v2/token/introspect", { token: "A".repeat(64) }],
      ["the backchannel", backchannelPath("puppet"), { data: say(2000) }],
    ];
    const others: [string, () => Promise<Fields>][] = [
      ["client_secret", async () => ({ client_secret: secrets.portal })],
      ["a wrong client_secret", async () => ({ client_secret: "another-secret" })],
      [
        "client_assertion",
        async () => ({ client_assertion: (await asMachine()).client_assertion }),
      ],
      ["client_assertion_type", async () => ({ client_assertion_type: assertionType })],
      ["a whole assertion", () => asMachine()],
    ];
    const asMachine = () => authenticated(keyClient(server(), "machine", usual.keys.machine));

    for (const [door, path, fields] of doors) {
      const basicOf = { authorization: basic("portal", secrets.portal) };

      it(`is what ${door} refuses; alone it is believed`, async () => {
        const { status, json } = await postForm(server().http + path, fields, basicOf);
        // The portal has no grant of its own, which it learns only once it is believed.
        const isBelieved = status === 200 || json.error === "unauthorized_client";
        assert.ok(isBelieved, JSON.stringify(json));
      });

      for (const [what, more] of others) {
        it(`is what ${door} refuses with ${what}`, async () => {
          const both = { ...fields, ...(await more()) };
          const answer = await postForm(server().http + path, both, basicOf);
          assertRefused(answer, 400, "invalid_request");
        });
      }
    }
  });

  describe("version 1 (D-07)", () => {
    const step = (idp: string, name: string): string =>
      `${server().http}/oauth/custom-registration/${idp}/${name}`;
    const authorization = basic("web-v1", secrets["web-v1"]);
    const fields = { client_id: "web-v1", client_secret: secrets["web-v1"] };

    it("registers in one step with HTTP Basic", async () => {
      const body = { data: letIn("alice") };
      const answer = await postJson(step("puppet", "complete"), body, { authorization });
      tokensOf(answer);
      assert.equal(answer.json.status, 2000);
    });

    it("registers in two steps with form credentials", async () => {
      const begun = await postForm(step("steps", "init"), { ...fields, data: say(2000, "4711") });
      assert.equal(begun.json.data, "4711", begun.text);
      const transaction_id = String(begun.json.transaction_id);
      const rest = { ...fields, transaction_id, data: letIn("alice"), scope: "write" };
      const answer = await postForm(step("steps", "complete"), rest);
      const { access_token } = tokensOf(answer);
      const actor = portal(server(), "portal", secrets.portal);
      assert.equal((await actor.introspect(access_token)).json.scope, "write");
    });

    it("is closed to a client that is not allowed it, as to a stranger (D-06, D-07)", async () => {
      const bodies = new Set<string>();
      const clients: [string, string][] = [
        ["web-locked", secrets["web-locked"]],
        ["web-v1", "another-secret"],
        ["nobody", "another-secret"],
        ["portal", secrets.portal],
      ];
      for (const [id, secret] of clients) {
        const headers = { authorization: basic(id, secret) };
        const answer = await postJson(step("puppet", "complete"), { data: letIn("eve") }, headers);
        assertRefused(answer, 400, "invalid_client");
        bodies.add(answer.text);
      }
      assert.equal(bodies.size, 1);
    });

    it("needs a secret: neither nothing nor an assertion will do", async () => {
      const web = keyClient(server(), "web", usual.keys.web);
      const url = step("puppet", "complete");
      assertRefused(await postJson(url, { data: letIn("eve") }), 400, "invalid_request");
      const body = { ...(await authenticated(web)), data: letIn("eve") };
      assertRefused(await postJson(url, body), 400, "invalid_request");
    });

    it("does not open version 2 to secrets (D-01, D-06)", async () => {
      const url = `${server().http}/oauth/v2/custom-registration/puppet/complete`;
      const answer = await postJson(url, { ...fields, data: letIn("eve") }, { authorization });
      assertRefused(answer, 400, "invalid_request");
    });
  });
});
