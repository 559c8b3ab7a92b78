// A portal fetches results and waits for them: each state, each end, whose they are, and with which types a
// user can be asked (D-50, D-55, D-57).
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { eventsOf } from "../support/events.ts";
import { send } from "../support/http.ts";
import type { Started } from "../support/mobile_portal.ts";
import { askResult, askTypes, asPortal, start } from "../support/mobile_portal.ts";
import type { OpenPgpPhone } from "../support/openpgp_phone.ts";
import { enrolPhone } from "../support/openpgp_phone.ts";
import type { Deployment } from "../support/server.ts";
import { serverFor } from "../support/server.ts";
import { deafCallback, usualSetup } from "../support/usual_setup.ts";

for (const deployment of ["embedded", "split"] satisfies Deployment[]) {
  describe(`results of mobile authentications in the ${deployment} deployment`, function () {
    this.timeout(60_000);
    let phone: OpenPgpPhone;
    const server = serverFor(async () => ({ ...(await usualSetup()), deployment }));
    before(async () => {
      phone = await enrolPhone(server(), "alice");
    });

    /** Starts a transaction that the phone fetches. */
    async function fetched(fields = {}): Promise<Started> {
      const started = await start(server(), fields);
      await phone.fetch(started);
      return started;
    }
    /** Starts a transaction that the phone answers. */
    async function answered(answer: boolean | string, fields = {}): Promise<Started> {
      const started = await fetched(fields);
      await phone.respond(started.id, answer);
      return started;
    }
    const notAnswered = async (started: Started, wait?: number): Promise<void> => {
      const { status, json, text } = await askResult(server(), started.id, { wait });
      const { error, error_code } = json;
      assert.deepEqual([status, error, error_code], [404, "not_found", "1006"], text);
    };
    const notFound = async (id: string, name?: "shop"): Promise<string> => {
      const { status, json, text } = await askResult(server(), id, { name });
      const { error, error_code } = json;
      assert.deepEqual([status, error, error_code], [404, "not_found", "3004"], text);
      return text;
    };

    it("are not there before the user has answered", async () => {
      const started = await start(server());
      await notAnswered(started);
      await phone.fetch(started);
      await notAnswered(started);
    });

    it("say who confirmed, as often as they are fetched", async () => {
      const before = Date.now();
      const { id } = await answered(true, { callback_uri: deafCallback });
      const { status, json, text } = await askResult(server(), id);
      assert.equal(status, 200, text);
      const { timestamp, ...rest } = json;
      assert.deepEqual(rest, {
        callback_uri: deafCallback,
        transaction_id: id,
        user_id: "alice",
        is_authenticated: true,
        authentication_method: "otp",
      });
      assert.ok(Number.isInteger(timestamp) && Number(timestamp) >= before, text);
      assert.equal((await askResult(server(), id)).text, text);
    });

    for (const [name, answer, reason] of [
      ["denied", false, "not_accepted"],
      ["answered something else", "yes", "invalid_answer"],
    ] as const) {
      it(`say that the user ${name}`, async () => {
        const { id } = await answered(answer);
        const { status, json, text } = await askResult(server(), id);
        assert.equal(status, 200, text);
        const { timestamp, not_authenticated_reason, ...rest } = json;
        assert.deepEqual(rest, {
          transaction_id: id,
          user_id: "alice",
          is_authenticated: false,
          authentication_method: "otp",
        });
        const { reason: said, description } = not_authenticated_reason as Record<string, string>;
        assert.equal(said, reason);
        assert.match(description ?? "", /^[A-Z]/);
      });
    }

    it("are nobody else's: another's and none are the same to a portal", async () => {
      const { id } = await answered(true);
      const open = await start(server());
      const unknown = await notFound(randomUUID());
      for (const other of [await notFound(id, "shop"), await notFound(open.id, "shop")]) {
        assert.equal(other, unknown);
      }
    });

    it("are those of one id, character by character", async () => {
      const { id } = await answered(true);
      const ids = [id.toUpperCase(), `${id} `, id.slice(1), "x", "é", "-".repeat(36), "%"];
      for (const other of ids) await notFound(other);
    });

    it("come as soon as they are there to whoever waits", async () => {
      const started = await fetched();
      const waiting = askResult(server(), started.id, { wait: 20 });
      let hasCome = false;
      const come = waiting.then(() => {
        hasCome = true;
      });
      await notAnswered(started, 1);
      assert.equal(hasCome, false);
      await phone.respond(started.id, true);
      await come;
      const { status, json, text } = await waiting;
      assert.deepEqual([status, json.is_authenticated], [200, true], text);
    });

    it("come to all who wait, whenever they began to", async () => {
      const started = await start(server());
      const early = [1, 2, 3].map(() => askResult(server(), started.id, { wait: 20 }));
      await phone.fetch(started);
      const late = [1, 2, 3].map(() => askResult(server(), started.id, { wait: 20 }));
      await phone.respond(started.id, false);
      const after = askResult(server(), started.id, { wait: 20 });
      for (const { status } of await Promise.all([...early, ...late, after])) {
        assert.equal(status, 200);
      }
    });

    it("do not come to whoever waited in vain", async () => {
      await notAnswered(await start(server()), 1);
    });

    for (const wait of ["61", "-1", "1.5", "soon", ""]) {
      it(`are refused to whoever waits ${JSON.stringify(wait)} seconds`, async () => {
        const url = `${server().http}/oauth/api/v4/authenticate/transaction/${randomUUID()}?wait=${wait}`;
        const { status, json, text } = await send(url, { method: "GET", headers: asPortal() });
        assert.deepEqual(
          [status, json.error, json.error_code],
          [400, "invalid_request", "1003"],
          text,
        );
      });
    }

    it("leave events, which are found by the transaction", async () => {
      let id = "";
      const events = await eventsOf(server(), async () => {
        ({ id } = await answered(true));
        await askResult(server(), id);
        await askResult(server(), id, { name: "shop" });
      });
      const own = events.filter((event) => event.transaction_id === `ONEGINI-${id}`);
      const seen = own.map(({ event_type, client_id, user_id }) => [
        event_type,
        client_id,
        user_id,
      ]);
      const alice = phone.client.clientId;
      assert.deepEqual(seen, [
        ["OTP_AUTH_INITIALIZED", "bank", undefined],
        ["MOBILE_AUTH_FETCH_SECURED_MESSAGE_FETCHED", alice, "alice"],
        ["MOBILE_AUTH_AUTHENTICATED", alice, "alice"],
        ["PUSH_AUTH_TRANSACTION_RETRIEVED", "bank", "alice"],
        ["PUSH_AUTH_TRANSACTION_NOT_RETRIEVED", "shop", undefined],
      ]);
    });
  });
}

describe("the types with which a user can be asked", function () {
  this.timeout(60_000);
  const server = serverFor(() => usualSetup());
  const names = ["approve", "login", "short"];
  const enabled = async (userId: string, deviceId?: string): Promise<unknown> => {
    const { status, json, text } = await askTypes(server(), userId, deviceId);
    assert.equal(status, 200, text);
    return json.enabled;
  };

  it("are all types on a device where the user is enrolled, with their methods for the user", async () => {
    const { client } = await enrolPhone(server(), "alice");
    assert.deepEqual(await enabled("alice", client.clientId), names);
    const methods = names.map((type) => ({ type, method: "OTP" }));
    assert.deepEqual(await enabled("alice"), methods);
  });

  it("are none for anybody else, and on any other device", async () => {
    const alice = await enrolPhone(server(), "alice");
    const bob = await enrolPhone(server(), "bob");
    assert.deepEqual(await enabled("alice", bob.client.clientId), []);
    assert.deepEqual(await enabled("carol", alice.client.clientId), []);
    assert.deepEqual(await enabled("alice", "nowhere"), []);
    assert.deepEqual(await enabled("carol"), []);
    assert.deepEqual(await enabled("ALICE"), []);
  });

  it("are none once the user has ended the enrolment", async () => {
    const dave = await enrolPhone(server(), "dave/1 ü");
    assert.deepEqual(await enabled(dave.userId, dave.client.clientId), names);
    assert.equal((await dave.send("disenrol")).status, 204);
    assert.deepEqual(await enabled(dave.userId, dave.client.clientId), []);
    assert.deepEqual(await enabled(dave.userId), []);
  });

  it("are refused for a name that nobody can have", async () => {
    const { status, json } = await askTypes(server(), "a\u0000b");
    assert.deepEqual([status, json.error_code], [400, "1003"]);
  });
});
