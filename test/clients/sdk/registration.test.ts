// A user registers: one step or two, what the script says in between, and what is left when it comes to nothing.
import assert from "node:assert/strict";
import { sdkErrorCodes } from "../../../clients/sdk/error.ts";
import type {
  CreatePinChallenge,
  CustomRegistrationChallenge,
  RegistrationHandler,
} from "../../../clients/sdk/types.ts";
import { portal } from "../../support/client.ts";
import { devicesOf } from "../../support/end_user.ts";
import { serverFor } from "../../support/server.ts";
import { letIn, say, secrets } from "../../support/usual_setup.ts";
import { fails, openPhone, pin, registering, registerUser, setupWith, typing } from "./phone.ts";

const puppet = { identityProvider: "puppet" };
const steps = { identityProvider: "steps" };

describe("a registration", function () {
  this.timeout(60_000);
  const server = serverFor(() =>
    setupWith(
      { id: "stateful", stateless_authentication: false },
      { id: "only", identity_providers: ["puppet"] },
    ),
  );

  it("of one step asks for data and a PIN, and logs the user in", async () => {
    const { client } = openPhone(server());
    const asked: string[] = [];
    const handler: RegistrationHandler = {
      onInit: () => assert.fail("there is one step"),
      onFinish(challenge) {
        asked.push("finish");
        assert.equal(challenge.info, undefined);
        assert.equal(challenge.error, undefined);
        assert.equal(challenge.identityProvider.id, "puppet");
        assert.match(challenge.profile.profileId, /^[A-Z0-9]{6}$/);
        challenge.respond(letIn("ann"));
      },
      onCreatePin(challenge) {
        asked.push("PIN");
        assert.equal(challenge.policy.length, 5);
        challenge.respond(pin);
      },
    };
    const scopes = ["read", "openid"];
    const { profile, info } = await client.registerUser(handler, { ...puppet, scopes });
    assert.deepEqual(asked, ["finish", "PIN"]);
    assert.deepEqual(info, { status: 2000, data: undefined });
    assert.deepEqual(await client.userProfiles(), [profile]);
    assert.deepEqual(client.authenticatedUserProfile, profile);
    assert.match(client.idToken ?? "", /^ey/);
    const resource = portal(server(), "portal", secrets.portal);
    const { json } = await resource.introspect(client.accessToken ?? "");
    assert.deepEqual(
      [json.sub, json.scope, json.profile_id],
      ["ann", "read openid", profile.profileId],
    );
  });

  it("of two steps hands what the first one said to the second one", async () => {
    const { client } = openPhone(server());
    const seen: unknown[] = [];
    const handler: RegistrationHandler = {
      onInit(challenge) {
        seen.push(challenge.info);
        challenge.respond(say(2000, "challenge code"));
      },
      onFinish(challenge) {
        seen.push(challenge.info);
        challenge.respond(letIn("two", {}));
      },
      onCreatePin: (challenge) => challenge.respond(pin),
    };
    await client.registerUser(handler, steps);
    assert.deepEqual(seen, [undefined, { status: 2000, data: "challenge code" }]);
    assert.equal((await devicesOf(server(), "two")).length, 1);
  });

  it("sends nothing as the data of a first step that its app has no handler for", async () => {
    const { client } = openPhone(server());
    const handler = registering(letIn("ann"));
    await client.registerUser(handler, { identityProvider: "mirror-steps" });
    await fails(client.registerUser(handler, { identityProvider: "steps" }), "GENERAL_ERROR");
  });

  it("asks the same question again with what the script said at 4xxx", async () => {
    const { client } = openPhone(server());
    const seen: (readonly [string, unknown, unknown])[] = [];
    const answers = [
      say(4000, "no"),
      say(4999),
      say(2000, "go on"),
      say(4002, "wrong"),
      letIn("ann"),
    ];
    const answer = (which: string) => (challenge: CustomRegistrationChallenge) => {
      seen.push([which, challenge.info, challenge.error?.reason]);
      assert.deepEqual(challenge.error?.info, challenge.error && challenge.info);
      challenge.respond(answers.shift());
    };
    const handler = {
      onInit: answer("init"),
      onFinish: answer("finish"),
      onCreatePin: (challenge: CreatePinChallenge) => challenge.respond(pin),
    };
    await client.registerUser(handler, steps);
    const failure = "CUSTOM_REGISTRATION_FAILURE";
    assert.deepEqual(seen, [
      ["init", undefined, undefined],
      ["init", { status: 4000, data: "no" }, failure],
      ["init", { status: 4999, data: undefined }, failure],
      ["finish", { status: 2000, data: "go on" }, undefined],
      ["finish", { status: 4002, data: "wrong" }, failure],
    ]);
  });

  it("ends at 5xxx with what the script said, in either step", async () => {
    const { client } = openPhone(server());
    const error = await fails(
      client.registerUser(registering(say(5001, "never")), puppet),
      "CUSTOM_REGISTRATION_FAILURE",
    );
    assert.deepEqual(error.info, { status: 5001, data: "never" });
    assert.equal(error.code, sdkErrorCodes.CUSTOM_REGISTRATION_FAILURE);
    const handler = {
      ...registering(),
      onInit: (c: CustomRegistrationChallenge) => c.respond(say(5000)),
    };
    await fails(client.registerUser(handler, steps), "CUSTOM_REGISTRATION_FAILURE");
    assert.deepEqual(await client.userProfiles(), []);
  });

  it("ends when its transaction has: too many tries, or the time is over", async () => {
    const { client } = openPhone(server());
    const handler: RegistrationHandler = {
      onInit: (challenge) => challenge.respond(say(2000)),
      onFinish: (challenge) => challenge.respond(say(4000)),
      onCreatePin: () => assert.fail("nobody is registered"),
    };
    await fails(client.registerUser(handler, steps), "CUSTOM_REGISTRATION_EXPIRED");
    await registerUser({ client });
  });

  it("ends when its script cannot run", async () => {
    const { client } = openPhone(server());
    await fails(client.registerUser(registering("no JSON"), puppet), "GENERAL_ERROR");
  });

  it("is with one of the app's identity providers", async () => {
    const { client } = openPhone(server());
    for (const identityProvider of ["nobody", "off", "unlinked"]) {
      const refused = client.registerUser(registering(), { identityProvider });
      await fails(refused, "INVALID_IDENTITY_PROVIDER");
    }
    await fails(client.registerUser(registering()), "INVALID_IDENTITY_PROVIDER");
    const only = openPhone(server(), { application: "only" });
    await only.client.registerUser(registering());
  });

  it("for scopes that cannot be had is none", async () => {
    const { client } = openPhone(server());
    await fails(registerUser({ client }, "ann", ["admin"]), "INVALID_REQUEST");
  });

  it("asks for a PIN until it keeps the policy", async () => {
    const { client } = openPhone(server());
    const pins = ["1", "12345", "11112", "abcde", pin];
    const seen: unknown[] = [];
    await client.registerUser(
      {
        ...registering(),
        onCreatePin(challenge) {
          seen.push(challenge.error?.reason);
          challenge.respond(pins.shift() ?? "");
        },
      },
      puppet,
    );
    assert.deepEqual(seen, [
      undefined,
      "WRONG_PIN_LENGTH",
      "PIN_IS_A_SEQUENCE",
      "PIN_USES_SIMILAR_DIGITS",
      "WRONG_PIN_LENGTH",
    ]);
  });

  it("that is cancelled at the PIN leaves nobody, here and at the server", async () => {
    const { client } = openPhone(server());
    const cause = new Error("the user went away");
    const handler = {
      ...registering(letIn("leaver")),
      onCreatePin: (c: CreatePinChallenge) => c.cancel(cause),
    };
    const error = await fails(client.registerUser(handler, puppet), "ACTION_CANCELED");
    assert.equal(error.cause, cause);
    assert.deepEqual(await client.userProfiles(), []);
    assert.deepEqual(await devicesOf(server(), "leaver"), []);
    assert.equal(client.accessToken, undefined);
  });

  it("whose answer was lost is undone at the server at the next start", async () => {
    const { client, network } = openPhone(server());
    await client.start();
    network.before("CompleteRegistration", () => network.lose("answer"));
    await fails(client.registerUser(registering(letIn("lost")), puppet), "SERVER_NOT_REACHABLE");
    assert.equal((await devicesOf(server(), "lost")).length, 1);
    network.before("CompleteRegistration", () => undefined);
    network.mend();
    await client.start();
    assert.deepEqual(await devicesOf(server(), "lost"), []);
    await registerUser({ client }, "lost");
    await client.start();
    assert.equal((await devicesOf(server(), "lost")).length, 1);
  });

  it("of a user who is registered already is one more", async () => {
    const { client } = openPhone(server());
    const [first, second] = [await registerUser({ client }), await registerUser({ client })];
    assert.deepEqual(await client.userProfiles(), [first, second]);
    for (const profile of [first, second]) {
      await client.authenticateUser(profile, typing(pin));
      assert.deepEqual(client.authenticatedUserProfile, profile);
    }
  });

  it("of somebody else logs out whoever was logged in", async () => {
    const { client } = openPhone(server());
    await registerUser({ client });
    const token = client.accessToken ?? "";
    const bob = await registerUser({ client }, "bob");
    assert.deepEqual(client.authenticatedUserProfile, bob);
    const resource = portal(server(), "portal", secrets.portal);
    assert.equal((await resource.introspect(token)).json.active, false);
  });

  it("needs a handler that can ask for a PIN, and an application with refresh tokens", async () => {
    const { client } = openPhone(server());
    const { onFinish } = registering();
    await fails(client.registerUser({ onFinish }, puppet), "CONFIGURATION_ERROR");
    const strict = openPhone(server(), { application: "strict" });
    await fails(registerUser(strict, "strict user"), "CONFIGURATION_ERROR");
    assert.deepEqual(await devicesOf(server(), "strict user"), []);
  });

  describe("without state", () => {
    it("asks for no PIN and keeps nobody", async () => {
      const { client } = openPhone(server());
      const { onFinish } = registering(letIn("ann"));
      const { profile, info } = await client.registerStatelessUser({ onFinish }, puppet);
      assert.deepEqual(info, { status: 2000, data: undefined });
      assert.deepEqual(client.authenticatedUserProfile, profile);
      assert.deepEqual(await client.userProfiles(), []);
      const resource = portal(server(), "portal", secrets.portal);
      const { json } = await resource.introspect(client.accessToken ?? "");
      assert.deepEqual(json.amr, ["STATELESS_AUTHENTICATION"]);
      await client.logoutUser();
    });

    it("lets the user do nothing that needs a profile", async () => {
      const { client } = openPhone(server());
      const { onFinish } = registering(letIn("ann"));
      const { profile } = await client.registerStatelessUser({ onFinish }, puppet);
      const nobody = () => assert.fail("nobody is asked");
      const handler = { onPin: nobody, onCreatePin: nobody };
      for (const refused of [
        client.changePin(handler),
        client.registerAuthenticator("voice", handler),
        client.deregisterAuthenticator("voice"),
        client.enrollForMobileAuth(),
        client.handleOtpMobileAuthRequest("", { onConfirmation: nobody }),
        client.authenticators(profile),
      ]) {
        await fails(refused, "STATELESS_USER_NOT_ALLOWED");
      }
    });

    it("is refused where the application does not have it", async () => {
      const { client } = openPhone(server(), { application: "stateful" });
      const refused = client.registerStatelessUser(registering(), puppet);
      await fails(refused, "STATELESS_REGISTRATION_INVALID");
    });
  });
});
