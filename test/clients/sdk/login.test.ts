// A registered user logs in: with the PIN, the fingerprint, a custom authenticator, and without being asked.
import assert from "node:assert/strict";
import type {
  AuthenticationHandler,
  Biometrics,
  CustomAuthenticatorChallenge,
} from "../../../clients/sdk/types.ts";
import { portal } from "../../support/client.ts";
import { endLogin, loginsOf } from "../../support/end_user.ts";
import { serverFor } from "../../support/server.ts";
import { say, secrets } from "../../support/usual_setup.ts";
import type { Phone } from "./phone.ts";
import { fails, openPhone, pin, registerUser, setupWith, typing, wrongPin } from "./phone.ts";

/** A device that finds that it was the user, or not, as told. */
const fingers = (...found: (boolean | Error)[]): Biometrics => ({
  isAvailable: async () => true,
  async confirm() {
    const next = found.shift() ?? true;
    if (next instanceof Error) throw next;
    return next;
  },
});

describe("a login", function () {
  this.timeout(60_000);
  const server = serverFor(() =>
    setupWith(
      { id: "endless", max_pin_attempts: 0 },
      { id: "explicit", implicit_authentication: false },
    ),
  );
  const amrOf = async ({ client }: Phone): Promise<unknown> =>
    (await portal(server(), "portal", secrets.portal).introspect(client.accessToken ?? "")).json
      .amr;

  describe("with the PIN (D-42)", () => {
    it("tells the tries that are left, and gives them all back after the right one", async () => {
      const { client } = openPhone(server());
      const profile = await registerUser({ client });
      const errors: unknown[] = [];
      const failures: number[] = [];
      const left = [wrongPin, wrongPin, pin];
      const handler: AuthenticationHandler = {
        onPin(challenge) {
          errors.push([challenge.error?.reason, challenge.remainingAttempts]);
          failures.push(challenge.failures);
          challenge.respond(left.shift() ?? "");
        },
      };
      const { info } = await client.authenticateUser(profile, handler);
      assert.equal(info, undefined);
      assert.deepEqual(failures, [0, 1, 2]);
      assert.deepEqual(errors, [
        [undefined, undefined],
        ["INVALID_PIN", 4],
        ["INVALID_PIN", 3],
      ]);
      const again = typing(wrongPin, pin);
      await client.authenticateUser(profile, again);
      assert.deepEqual(again.asked, [-1, 4]);
    });

    it("forgets the user after the last try, and nobody else", async () => {
      const { client, storage } = openPhone(server());
      const [ann, bob] = [await registerUser({ client }), await registerUser({ client }, "bob")];
      const tries = typing(wrongPin, wrongPin, wrongPin, wrongPin, wrongPin, wrongPin);
      await fails(client.authenticateUser(ann, tries), "USER_DEREGISTERED");
      assert.deepEqual(tries.asked, [-1, 4, 3, 2, 1]);
      assert.deepEqual(await client.userProfiles(), [bob]);
      assert.equal(await storage.read(`profile.${ann.profileId.toLowerCase()}`), undefined);
      await fails(client.authenticateUser(ann, typing(pin)), "USER_DEREGISTERED");
      await client.authenticateUser(bob, typing(pin));
    });

    it("has no number of tries where there is no limit", async () => {
      const { client } = openPhone(server(), { application: "endless" });
      const profile = await registerUser({ client });
      const tries = typing(wrongPin, wrongPin, wrongPin, wrongPin, wrongPin, wrongPin, pin);
      await client.authenticateUser(profile, tries);
      assert.deepEqual(tries.asked, [-1, -1, -1, -1, -1, -1, -1]);
    });

    it("is asked for in vain once somebody ended the user's login", async () => {
      const { client } = openPhone(server());
      const profile = await registerUser({ client }, "ended");
      for (const { id } of await loginsOf(server(), "ended")) await endLogin(server(), "ended", id);
      await fails(client.authenticateUser(profile, typing(pin)), "USER_DEREGISTERED");
      assert.deepEqual(await client.userProfiles(), []);
    });

    it("of one user logs out another first", async () => {
      const phone = openPhone(server());
      const { client } = phone;
      const ann = await registerUser({ client });
      await registerUser({ client }, "bob");
      await fails(client.authenticateUser(ann, typing()), "ACTION_CANCELED");
      assert.equal(client.authenticatedUserProfile, undefined);
    });

    it("ends by itself when its token expires", async () => {
      let now = Date.now();
      const { client } = openPhone(server(), { now: () => now });
      const profile = await registerUser({ client });
      now += 3_601_000;
      assert.equal(client.accessToken, undefined);
      assert.equal(client.idToken, undefined);
      assert.equal(client.authenticatedUserProfile, undefined);
      await fails(client.logoutUser(), "USER_NOT_AUTHENTICATED");
      now -= 3_601_000;
      await client.authenticateUser(profile, typing(pin));
    });

    it("is not for a user who is not registered here", async () => {
      const { client } = openPhone(server());
      for (const profileId of ["ABCDEF", "", "../../a", "a".repeat(300)]) {
        const nobody = { profileId };
        await fails(client.authenticateUser(nobody, typing(pin)), "USER_DEREGISTERED");
        await fails(client.implicitlyAuthenticateUser(nobody), "USER_DEREGISTERED");
        await fails(client.deregisterUser(nobody), "USER_DEREGISTERED");
        await fails(client.authenticators(nobody), "USER_DEREGISTERED");
        await fails(client.preferredAuthenticator(nobody), "USER_DEREGISTERED");
        await fails(client.setPreferredAuthenticator(nobody, "pin"), "USER_DEREGISTERED");
      }
    });
  });

  describe("with the fingerprint (D-43)", () => {
    const enrolled = async (biometrics: Biometrics) => {
      const phone = openPhone(server(), { biometrics });
      const profile = await registerUser(phone, "finger");
      await phone.client.registerAuthenticator("fingerprint", typing());
      return { phone, profile };
    };
    const byFinger = { authenticator: "fingerprint" };

    it("needs the user's finger and no PIN", async () => {
      const { phone, profile } = await enrolled(fingers());
      for (let times = 0; times < 2; times += 1) {
        await phone.client.authenticateUser(profile, typing(), byFinger);
        assert.deepEqual(await amrOf(phone), ["FINGER_PRINT"]);
      }
      await phone.client.authenticateUser(profile, typing(pin));
    });

    it("asks the app, which may try again, or fall back to the PIN", async () => {
      const { phone, profile } = await enrolled(
        fingers(true, false, new Error("locked out"), true),
      );
      const seen: unknown[] = [];
      await phone.client.authenticateUser(
        profile,
        {
          ...typing(),
          onBiometric(challenge) {
            seen.push(challenge.error?.reason);
            challenge.respond();
          },
        },
        byFinger,
      );
      assert.deepEqual(seen, [undefined, "BIOMETRIC_FAILURE", "BIOMETRIC_FAILURE"]);
      const handler: AuthenticationHandler = {
        ...typing(wrongPin, pin),
        onBiometric: (challenge) => challenge.fallBackToPin(),
      };
      await phone.client.authenticateUser(profile, handler, byFinger);
      assert.deepEqual(await amrOf(phone), ["DEFAULT"]);
    });

    it("fails when it was not the user, and the app asked for nothing", async () => {
      const { phone, profile } = await enrolled(fingers(true, false, new Error("no sensor")));
      for (let times = 0; times < 2; times += 1) {
        await fails(
          phone.client.authenticateUser(profile, typing(), byFinger),
          "BIOMETRIC_FAILURE",
        );
      }
      await phone.client.authenticateUser(profile, typing(), byFinger);
    });

    it("ends for good once the server does not take its token; the PIN goes on", async () => {
      const { phone, profile } = await enrolled(fingers());
      await phone.client.setPreferredAuthenticator(profile, "fingerprint");
      for (const { id, ...more } of await loginsOf(server(), "finger")) {
        if (JSON.stringify(more).includes("FINGER_PRINT")) await endLogin(server(), "finger", id);
      }
      await fails(phone.client.authenticateUser(profile, typing()), "AUTHENTICATOR_DEREGISTERED");
      assert.equal(await phone.client.preferredAuthenticator(profile), "pin");
      const gone = phone.client.authenticateUser(profile, typing(), byFinger);
      await fails(gone, "AUTHENTICATOR_NOT_REGISTERED");
      await phone.client.authenticateUser(profile, typing(pin));
    });

    it("is told that somebody else on the device gave it up meanwhile", async () => {
      const { phone, profile } = await enrolled({
        isAvailable: async () => true,
        confirm: async () => true,
      });
      const login = phone.again().authenticateUser(
        profile,
        {
          ...typing(),
          async onBiometric(challenge) {
            await phone.client.deregisterAuthenticator("fingerprint");
            challenge.respond();
          },
        },
        byFinger,
      );
      await fails(login, "AUTHENTICATOR_DEREGISTERED");
      await phone.client.authenticateUser(profile, typing(pin));
    });

    it("is not possible where the device cannot ask", async () => {
      const { phone, profile } = await enrolled(fingers());
      const without = phone.again({ biometrics: undefined });
      await fails(
        without.authenticateUser(profile, typing(), byFinger),
        "AUTHENTICATOR_NOT_SUPPORTED",
      );
      const broken = phone.again({ biometrics: { ...fingers(), isAvailable: async () => false } });
      await fails(
        broken.authenticateUser(profile, typing(), byFinger),
        "AUTHENTICATOR_NOT_SUPPORTED",
      );
    });
  });

  describe("with a custom authenticator (D-41)", () => {
    const saying = (...answers: string[]): AuthenticationHandler & { seen: unknown[] } => {
      const seen: unknown[] = [];
      return {
        ...typing(pin),
        seen,
        onCustom(challenge: CustomAuthenticatorChallenge) {
          seen.push([challenge.info, challenge.error?.reason]);
          const next = answers.shift();
          if (next === undefined) challenge.fallBackToPin();
          else challenge.respond(next);
        },
      };
    };
    const byVoice = { authenticator: "voice" };
    const enrolled = async () => {
      const phone = openPhone(server());
      const profile = await registerUser(phone);
      const info = await phone.client.registerAuthenticator("voice", saying(say(2000, "hello")));
      assert.deepEqual(info, { status: 2000, data: "hello" });
      return { phone, profile };
    };

    it("asks again at 4xxx with what the script said, and gives what it says in the end", async () => {
      const { phone, profile } = await enrolled();
      const handler = saying(say(4000, "louder"), say(2000, "welcome"));
      const { info } = await phone.client.authenticateUser(profile, handler, byVoice);
      assert.deepEqual(info, { status: 2000, data: "welcome" });
      assert.deepEqual(handler.seen, [
        [undefined, undefined],
        [{ status: 4000, data: "louder" }, "CUSTOM_AUTHENTICATOR_FAILURE"],
      ]);
      assert.deepEqual(await amrOf(phone), ["CUSTOM_AUTHENTICATOR"]);
    });

    it("falls back to the PIN when the app wants it", async () => {
      const { phone, profile } = await enrolled();
      await phone.client.authenticateUser(profile, saying(say(4000)), byVoice);
      assert.deepEqual(await amrOf(phone), ["DEFAULT"]);
    });

    it("ends at 5xxx, which ends the registration with it", async () => {
      const { phone, profile } = await enrolled();
      const { client } = phone;
      await client.setPreferredAuthenticator(profile, "voice");
      const failed = client.authenticateUser(profile, saying(say(5000, "stranger")));
      const error = await fails(failed, "CUSTOM_AUTHENTICATOR_FAILURE");
      assert.deepEqual(error.info, { status: 5000, data: "stranger" });
      assert.equal(await client.preferredAuthenticator(profile), "pin");
      const gone = client.authenticateUser(profile, saying(), byVoice);
      await fails(gone, "AUTHENTICATOR_NOT_REGISTERED");
    });

    it("that the server does not know is deregistered here, too", async () => {
      const { phone, profile } = await enrolled();
      const failed = phone.client.authenticateUser(profile, saying(say(4002)), byVoice);
      await fails(failed, "AUTHENTICATOR_DEREGISTERED");
      const gone = phone.client.authenticateUser(profile, saying(), byVoice);
      await fails(gone, "AUTHENTICATOR_NOT_REGISTERED");
    });

    it("ends when its script says nonsense, and is still there", async () => {
      const { phone, profile } = await enrolled();
      for (const [answer, name] of [
        ["no JSON", "GENERAL_ERROR"],
        [say(4001), "CUSTOM_AUTHENTICATOR_FAILURE"],
      ] as const) {
        await fails(phone.client.authenticateUser(profile, saying(answer), byVoice), name);
      }
      await phone.client.authenticateUser(profile, saying(say(2000)), byVoice);
    });

    it("has to exist", async () => {
      const { phone, profile } = await enrolled();
      for (const authenticator of ["nothing", "muted", "unlisted"]) {
        const failed = phone.client.authenticateUser(profile, saying(), { authenticator });
        await fails(failed, "INVALID_AUTHENTICATOR");
      }
    });
  });

  describe("without the user (D-65)", () => {
    it("stands beside the login of whoever was asked", async () => {
      const { client } = openPhone(server());
      const ann = await registerUser({ client });
      const bob = await registerUser({ client }, "bob");
      assert.deepEqual(await client.implicitlyAuthenticateUser(ann), ann);
      assert.deepEqual(client.implicitlyAuthenticatedUserProfile, ann);
      assert.deepEqual(client.authenticatedUserProfile, bob);
      await client.implicitlyAuthenticateUser(ann, { scopes: ["read"] });
      const beyond = client.implicitlyAuthenticateUser(ann, { scopes: ["write"] });
      await fails(beyond, "INVALID_REQUEST");
      await client.deregisterUser(ann);
      assert.equal(client.implicitlyAuthenticatedUserProfile, undefined);
    });

    it("is refused where the application does not have it", async () => {
      const { client } = openPhone(server(), { application: "explicit" });
      const profile = await registerUser({ client });
      await fails(client.implicitlyAuthenticateUser(profile), "CONFIGURATION_ERROR");
    });
  });
});
