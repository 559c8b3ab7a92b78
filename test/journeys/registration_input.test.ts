// What a registration takes: profile ids, the script's arguments, and the order of the checks.
import assert from "node:assert/strict";
import type { Body, KeyClient } from "../support/client.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";

const profile_id = "W8DUJ2";

describe("what a registration takes", function () {
  this.timeout(20_000);
  let phone: KeyClient;
  const server = serverFor(usualSetup);
  before(async () => {
    phone = await registerPhone(server());
  });

  describe("profile ids (D-15, SEC-41)", () => {
    const complete = (profile: unknown, user = "alice", client = phone) =>
      client.complete("puppet", { data: letIn(user), profile_id: profile });

    for (const profile of ["W8DUJ2", "123EXI", "123efg", "000000", "ZzZzZz"]) {
      it(`takes ${profile}`, async () => {
        tokensOf(await complete(profile));
      });
    }

    const malformed: [string, unknown][] = [
      ["missing", undefined],
      ["null", null],
      ["empty", ""],
      ["too short", "W8DUJ"],
      ["too long", "W8DUJ22"],
      ["with a space", "W8DUJ "],
      ["with a line feed at its end", "W8DUJ\n"],
      ["with a hyphen", "W8-UJ2"],
      ["with a letter beyond ASCII", "W8DÜJ2"],
      ["six characters of two code units", "𝟎𝟏𝟐𝟑𝟒𝟓"],
      ["with a zero character", "W8DUJ\0"],
    ];
    for (const [which, profile] of malformed) {
      it(`refuses one that is ${which}`, async () => {
        assertRefused(await complete(profile), 400, "invalid_profile");
      });
    }

    it("refuses one that is another user's on this installation", async () => {
      tokensOf(await complete("TAKEN1", "alice"));
      assertRefused(await complete("TAKEN1", "bob"), 400, "invalid_profile");
    });

    it("takes the same user's again, in place of the former login", async () => {
      const actor = portal(server(), "portal", secrets.portal);
      const first = tokensOf(await complete("AGAIN1", "alice"));
      const second = tokensOf(await complete("AGAIN1", "alice"));
      assert.equal((await actor.introspect(first.access_token)).text, '{"active":false}');
      assert.equal((await actor.introspect(second.access_token)).json.active, true);
    });

    it("takes one that another installation has for another user", async () => {
      tokensOf(await complete("SHARED", "alice"));
      tokensOf(await complete("SHARED", "bob", await registerPhone(server())));
    });

    it("tells profiles apart by case", async () => {
      tokensOf(await complete("CaseAB", "alice"));
      tokensOf(await complete("caseAB", "bob"));
    });

    it("gives one of two users who ask for the same profile at once the profile", async () => {
      const users = Array.from({ length: 8 }, (_, i) => `racer-${i}`);
      const answers = await Promise.all(users.map((user) => complete("RACE01", user)));
      const words = answers.map(({ json }) => json.error).filter((word) => word !== undefined);
      assert.deepEqual(words, Array(7).fill("invalid_profile"));
    });

    it("ends the registration when the profile is another user's (D-15)", async () => {
      tokensOf(await complete("ENDED1", "alice"));
      const { json } = await phone.init("steps", { data: say(2000) });
      const body = { transaction_id: json.transaction_id, data: letIn("bob") };
      const taken = await phone.complete("steps", { ...body, profile_id: "ENDED1" });
      assertRefused(taken, 400, "invalid_profile");
      const again = await phone.complete("steps", { ...body, profile_id: "ENDED2" });
      assertRefused(again, 400, "invalid_transaction");
    });
  });

  describe("the script's arguments (D-17, D-20)", () => {
    // The mirror always names the same user, whose profile this is.
    const profile_id = "MIRROR";
    const shown = (answer: { json: Body; text: string }): unknown => {
      assert.equal(answer.json.status, 2000, answer.text);
      return JSON.parse(String(answer.json.data));
    };
    const hooks = { on_behalf_of: ["user", "other"], empty: [], constructor: ["x"], "ü ": ["✓"] };

    it("are the payload and nulls when the request has nothing else", async () => {
      const answer = await phone.complete("mirror", { data: '{"custom": "data"}', profile_id });
      assert.deepEqual(shown(answer), ['{"custom": "data"}', null, null, null]);
    });

    it("are all null when the request has nothing at all", async () => {
      assert.deepEqual(shown(await phone.complete("mirror", { profile_id })), Array(4).fill(null));
      assert.deepEqual(shown(await phone.init("mirror-steps")), Array(4).fill(null));
      const actor = portal(server(), "portal", secrets.portal);
      assert.deepEqual(shown(await actor.backchannel("mirror")), Array(4).fill(null));
    });

    it("tell an empty payload from none", async () => {
      const answer = await phone.complete("mirror", { data: "", profile_id });
      assert.deepEqual(shown(answer), ["", null, null, null]);
    });

    it("have the hook parameters of complete as the fourth", async () => {
      const body = { data: "p", profile_id, hook_context_custom_params: hooks };
      assert.deepEqual(shown(await phone.complete("mirror", body)), ["p", null, null, hooks]);
    });

    it("have the hook parameters of init as the fourth", async () => {
      const answer = await phone.init("mirror-steps", { hook_context_custom_params: hooks });
      assert.deepEqual(shown(answer), [null, null, null, hooks]);
    });

    it("have null for hook parameters without a name", async () => {
      const body = { profile_id, hook_context_custom_params: {} };
      assert.deepEqual(shown(await phone.complete("mirror", body)), Array(4).fill(null));
    });

    it("pass a payload through untouched", async () => {
      const data = "\u0000\u0001\r\n\t\u2028</script>\\u0041 $x '\" \ud83d\ude00 %00 null";
      const [payload] = shown(await phone.complete("mirror", { data, profile_id })) as string[];
      assert.equal(payload, data);
    });
  });

  describe("the order of the checks (D-10)", () => {
    // Each row is refused for itself although every later one is wrong as well.
    const rows: [string, Body, string, string][] = [
      ["form", { data: 7 }, "puppet", "invalid_request"],
      ["client", { client_assertion: "a.b.c" }, "puppet", "invalid_client"],
      ["existence", {}, "nowhere", "invalid_idp_identifier"],
      ["enabled", {}, "off", "idp_disabled"],
      ["linked", {}, "unlinked", "idp_disabled"],
      ["grant type", { grant_type: "password" }, "steps", "invalid_request"],
      ["scope", { scope: ["unknown"] }, "steps", "invalid_scope"],
      ["profile", { profile_id: "no" }, "steps", "invalid_profile"],
      ["transaction", { transaction_id: "unknown" }, "steps", "invalid_transaction"],
      ["script", { data: "no JSON" }, "puppet", "internal_server_error"],
    ];
    for (const [index, [which, , idp, word]] of rows.entries()) {
      it(`has ${which} before what follows`, async () => {
        const flaws = rows.slice(index).map(([, flaw]) => flaw);
        // The earliest flaw wins where two rows spoil the same member.
        const body = Object.assign({ profile_id }, ...flaws.reverse());
        assert.equal((await phone.complete(idp, body)).json.error, word);
      });
    }

    it("uses up no transaction before the last check that can refuse", async () => {
      const { json } = await phone.init("steps", { data: say(2000) });
      const body = { transaction_id: json.transaction_id, data: letIn("alice"), profile_id };
      for (const flaw of [{ scope: ["unknown"] }, { profile_id: "no" }, { grant_type: "x" }]) {
        assert.equal((await phone.complete("steps", { ...body, ...flaw })).status, 400);
      }
      tokensOf(await phone.complete("steps", body));
    });
  });
});
