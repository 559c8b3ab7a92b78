// Mobile authentication from the portal's wish to its answer: the ten documented steps with the real GnuPG as
// the phone and a real receiver as the portal, through both doors and on both durable stores.
import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { listedEvents } from "../support/events.ts";
import { storeRows } from "../support/stores.ts";
import type { Phone } from "./mobile_phone.ts";
import { asking, phoneOf } from "./mobile_phone.ts";
import { callbacksOf, mobileWorldFor } from "./mobile_world.ts";
import { ways } from "./two_doors.ts";

// What is not to be changed on its way: line ends, control and bidirectional characters, planes.
const secureMessage = "Pay 10 € to Bob?\r\n\u202eevil\u202c\u0007 \u{1f4f1} ünï";

for (const row of storeRows().filter(({ ownDurable }) => ownDurable)) {
  describe(`mobile authentication on ${row.name}`, function () {
    this.timeout(60_000);
    const world = mobileWorldFor(row);
    let phones: readonly Phone[] = [];
    before(async () => {
      const { server, home, client } = world();
      for (const [index, way] of ways.entries()) {
        const phone = await phoneOf(server, way, home, client, "alice", `ALICE${index}`);
        await phone.enrol();
        phones = [...phones, phone];
      }
    });

    const asPhone = (index: number): Phone => {
      const phone = phones[index];
      assert(phone, "there is no such phone");
      return phone;
    };

    for (const [index, way] of ways.entries()) {
      const tenSteps = async (confirmed: boolean): Promise<void> => {
        const { server, callbackUri, secret } = world();
        const [bank, phone] = [asking(server, way), asPhone(index)];
        const { id, otp } = await bank.start({ callbackUri, secureMessage });
        const shown = JSON.parse(Buffer.from(otp, "base64").toString());
        assert.deepEqual(Object.keys(shown), ["transaction_id", "otp"]);
        const fetched = await phone.fetch(otp);
        assert.deepEqual([fetched.json.transaction_id, fetched.json.type], [id, "login"]);
        const said = await phone.open(fetched);
        assert.deepEqual(said, { transaction_id: id, type: "login", message: secureMessage });
        const waiting = bank.result(id, 20);
        assert.deepEqual(await phone.answer(id, confirmed), { word: undefined, json: {} });
        const [{ body = "", headers = {} } = {}] = await callbacksOf(world(), id);
        new Webhook(secret).verify(body, headers as Record<string, string>);
        assert.deepEqual(JSON.parse(body), { callback_uri: callbackUri, transaction_id: id });
        for (const { json } of [await waiting, await bank.result(id)]) {
          const { is_authenticated = false, not_authenticated_reason: why, ...rest } = json;
          assert.equal(is_authenticated, confirmed);
          const { reason } = (why ?? {}) as { reason?: string };
          assert.equal(reason, confirmed ? undefined : "not_accepted");
          const { timestamp, ...told } = rest;
          assert.equal(typeof timestamp, "number");
          assert.deepEqual(told, {
            user_id: "alice",
            authentication_method: "otp",
            transaction_id: id,
            callback_uri: callbackUri,
          });
        }
        const events = await listedEvents(server, `transaction_id=ONEGINI-${id}&size=100`);
        const types = events.map(({ event_type }) => event_type).toReversed();
        assert.deepEqual(types.slice(0, 3), [
          "OTP_AUTH_INITIALIZED",
          "MOBILE_AUTH_FETCH_SECURED_MESSAGE_FETCHED",
          confirmed ? "MOBILE_AUTH_AUTHENTICATED" : "MOBILE_AUTH_NOT_AUTHENTICATED",
        ]);
      };

      it(`takes the ten documented steps to a yes over ${way.name}`, () => tenSteps(true));

      it(`takes them to a no over ${way.name}, which is as easy (SEC-46)`, () => tenSteps(false));
    }

    it("shows the message in the language asked for, and nothing of what is secret", async () => {
      const [way] = ways;
      assert(way);
      const { server } = world();
      const [bank, phone] = [asking(server, way), asPhone(0)];
      const { otp } = await bank.start({ languageCode: "nl" });
      assert.equal((await phone.open(await phone.fetch(otp))).message, "Inloggen?");
      const secret = "only for the phone 4711";
      const other = await bank.start({ message: "plain", secureMessage: secret });
      assert.equal((await phone.open(await phone.fetch(other.otp))).message, secret);
      assert.equal(server.log().includes(secret), false);
      assert.equal(server.log().includes(other.otp), false);
    });

    it("goes on over a restart of the server, in any state (D-56)", async () => {
      const [way] = ways;
      assert(way);
      const { server, callbackUri } = world();
      const [bank, phone] = [asking(server, way), asPhone(0)];
      const [pending, begun] = [await bank.start(), await bank.start({ callbackUri })];
      await phone.fetch(begun.otp);
      await server.restart();
      assert.equal((await phone.answer(begun.id, true)).word, undefined);
      assert.equal((await bank.result(begun.id)).json.is_authenticated, true);
      await callbacksOf(world(), begun.id);
      assert.equal((await phone.open(await phone.fetch(pending.otp))).message, "Log in?");
    });
  });
}
