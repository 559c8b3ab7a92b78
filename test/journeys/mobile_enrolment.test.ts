// Enrolments for mobile authentication through both doors: how they begin, what they replace, and all that
// ends them.
import assert from "node:assert/strict";
import { putSetup } from "../support/administrator.ts";
import { beginProfile } from "../support/authenticators.ts";
import type { KeyClient } from "../support/client.ts";
import { registerPhone, tokensOf } from "../support/client.ts";
import { asHelpdesk, devicesOf } from "../support/end_user.ts";
import { listedEvents } from "../support/events.ts";
import { send } from "../support/http.ts";
import type { Phone } from "./mobile_phone.ts";
import { asking, phoneOf } from "./mobile_phone.ts";
import { mobileWorldFor } from "./mobile_world.ts";
import { ways } from "./two_doors.ts";

const implicitGrant = "urn:gatewright:oauth2:grant_type:implicit_authentication";
const deviceMethods = ["enrol", "disenrol", "getEnrolment", "fetchMessage", "respond"] as const;

describe("an enrolment for mobile authentication", function () {
  this.timeout(60_000);
  const world = mobileWorldFor();
  let count = 0;

  for (const way of ways) {
    describe(`over ${way.name}`, () => {
      const at = (on: KeyClient, userId: string): Promise<Phone> => {
        count += 1;
        const profileId = `M${String(count).padStart(5, "0")}`;
        return phoneOf(world().server, way, world().home, on, userId, profileId);
      };
      const started = async () => asking(world().server, way).start();
      // gRPC leaves out what is false.
      const enrolment = async (phone: Phone) => ({
        enrolled: false,
        disenrolled: false,
        ...(await phone.call("getEnrolment")).json,
      });
      const none = { enrolled: false, disenrolled: false };
      const ended = { enrolled: false, disenrolled: true };

      it("says with which key, until the user ends it (D-52)", async () => {
        const phone = await at(world().client, "olga");
        assert.deepEqual(await enrolment(phone), none);
        const fingerprint = await phone.enrol();
        const { enrolled_at, public_key, ...rest } = (await enrolment(phone)) as Record<
          string,
          unknown
        >;
        assert.deepEqual(rest, { enrolled: true, disenrolled: false, fingerprint });
        assert.ok(Math.abs(Number(enrolled_at) - Date.now() / 1000) < 120);
        assert.match(String(public_key), /^-----BEGIN PGP PUBLIC KEY BLOCK-----/);
        const { otp } = await started();
        for (let times = 0; times < 2; times += 1) {
          assert.equal((await phone.call("disenrol")).word, undefined);
          assert.deepEqual(await enrolment(phone), none);
        }
        assert.equal((await phone.fetch(otp)).word, "not_enrolled");
        const other = await at(world().client, "otis");
        await other.enrol();
        assert.equal((await other.fetch(otp)).word, undefined);
      });

      it("is ended by a help desk, which the app is told, and begins anew (D-63)", async () => {
        const { server } = world();
        const userId = `otto-${way.name}`;
        const phone = await at(await registerPhone(server), userId);
        await phone.enrol();
        const isShown = async () =>
          (await devicesOf(server, userId))[0]?.mobileAuthenticationEnabled;
        assert.equal(await isShown(), true);
        const device = `users/${userId}/devices/${phone.client.clientId}`;
        const url = `${server.http}/oauth/api/v4/${device}/disableMobileAuthentication`;
        for (let times = 0; times < 2; times += 1) {
          assert.equal((await send(url, { headers: asHelpdesk })).status, 204);
        }
        assert.equal(await isShown(), false);
        assert.deepEqual(await enrolment(phone), ended);
        const { otp } = await started();
        assert.equal((await phone.fetch(otp)).word, "disenrolled");
        await phone.enrol();
        assert.equal((await phone.fetch(otp)).word, undefined);
        const events = await listedEvents(server, `user_id=${userId}&size=100`);
        const types = events.map(({ event_type }) => String(event_type)).toReversed();
        assert.deepEqual(
          types.filter((type) => /KEYS|ENROLLMENT/.test(type)),
          [
            "KEY_ENROLLMENT_SUCCESS",
            "API_AUTHENTICATION_APP_AND_USER_CLIENT_KEYS_REMOVED",
            "API_AUTHENTICATION_USER_CLIENT_KEYS_NOT_REMOVED_NOT_FOUND",
            "MOBILE_AUTH_FETCH_FAILED_NO_USER_CLIENT_KEYS",
            "KEY_ENROLLMENT_SUCCESS",
          ],
        );
      });

      it("ends with the profile, also when that is registered again (D-15)", async () => {
        const { server, client } = world();
        const phone = await at(client, "oscar");
        await phone.enrol();
        const again = await beginProfile(client, phone.profileId, "oscar", { scope: ["read"] });
        const authorization = `Bearer ${again.access_token}`;
        const ask = { method: "getEnrolment", message: {}, authorization } as const;
        const { json } = await way.ask(server, ask);
        assert.deepEqual({ ...none, ...json }, none);
        assert.equal((await phone.call("getEnrolment")).word, "invalid_token");
      });

      it("is on one device where the application wants that, or moves to the last", async () => {
        const { server, home } = world();
        const pair = async (application: string): Promise<[Phone, Phone]> => [
          await at(await registerPhone(server, application), `${application}-${way.name}`),
          await at(await registerPhone(server, application), `${application}-${way.name}`),
        ];
        const [one, two] = await pair("single");
        const key = await one.enrol();
        const publicKey = await home.gpg.publicKey(key);
        assert.equal((await two.call("enrol", { publicKey })).word, "enrolled_elsewhere");
        assert.equal((await enrolment(one)).enrolled, true);
        await one.call("disenrol");
        assert.equal((await two.call("enrol", { publicKey })).word, undefined);
        const [old, young] = await pair("override");
        await old.enrol(key);
        await young.enrol(key);
        assert.deepEqual(await enrolment(old), ended);
        assert.equal((await enrolment(young)).enrolled, true);
        const { otp } = await started();
        assert.equal((await old.fetch(otp)).word, "disenrolled");
        assert.equal((await young.fetch(otp)).word, undefined);
      });

      it("is nothing for an app that nobody logged in to (product 5.3)", async () => {
        const { server, client } = world();
        const phone = await at(client, "ines");
        const fields = { profile_id: phone.profileId, scope: "read" };
        const implicit = await client.token({ ...fields, grant_type: implicitGrant });
        const stateless = await client.complete("puppet", {
          data: JSON.stringify({ status: 2000, user: { id: "ines" } }),
          grant_type: "urn:onewelcome:oauth2:grant_type:stateless_authentication",
        });
        const tokens = [implicit, stateless].filter(({ status }) => status === 200).map(tokensOf);
        for (const { access_token } of tokens) {
          const authorization = `Bearer ${access_token}`;
          for (const method of deviceMethods) {
            const { word } = await way.ask(server, { method, message: {}, authorization });
            assert.equal(word, "invalid_token", method);
          }
        }
        assert.equal(tokens.length, 2);
      });

      it("is of no use while the feature is off, and can be lost even then", async () => {
        const { server, client } = world();
        const phone = await at(client, "ophelia");
        await phone.enrol();
        const { otp, id } = await started();
        const calls = [
          ["enrol", { publicKey: "x" }],
          ["fetchMessage", { otp }],
          ["respond", { transactionId: id, answer: "x" }],
        ] as const;
        const feature = async (mobile_authentication: boolean): Promise<void> => {
          const { status } = await putSetup(server, { features: { mobile_authentication } });
          assert.equal(status, 200);
        };
        await feature(false);
        try {
          for (const [method, message] of calls) {
            const { word } = await phone.call(method, message);
            assert.equal(word, "mobile_authentication_disabled", method);
          }
          assert.equal((await enrolment(phone)).enrolled, true);
          assert.equal((await phone.call("disenrol")).word, undefined);
        } finally {
          await feature(true);
        }
        assert.equal((await phone.fetch(otp)).word, "not_enrolled");
      });
    });
  }
});
