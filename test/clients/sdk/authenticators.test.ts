// The authenticators of a user: which there are, registering and giving up, which one is preferred.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuthenticatorHandler, Biometrics } from "../../../clients/sdk/types.ts";
import { putSetup } from "../../support/administrator.ts";
import { endLogin, loginsOf } from "../../support/end_user.ts";
import { serverFor } from "../../support/server.ts";
import { say } from "../../support/usual_setup.ts";
import { fails, openPhone, pin, registerUser, setupWith, typing, wrongPin } from "./phone.ts";

const biometrics: Biometrics = { isAvailable: async () => true, confirm: async () => true };

const saying = (...answers: string[]): AuthenticatorHandler & { readonly seen: unknown[] } => {
  const seen: unknown[] = [];
  return {
    ...typing(pin),
    seen,
    onCustom(challenge) {
      seen.push([challenge.info, challenge.error?.reason]);
      challenge.respond(answers.shift());
    },
  };
};

describe("authenticators of a user", function () {
  this.timeout(60_000);
  const server = serverFor(() => setupWith({ id: "brief", fresh_authentication: "1s" }));

  it("are the PIN, what the device has, and what the application lists", async () => {
    const phone = openPhone(server(), { biometrics });
    const profile = await registerUser(phone);
    const all = await phone.client.authenticators(profile);
    assert.deepEqual(
      all.map(({ id, type, isRegistered, isPreferred }) => [id, type, isRegistered, isPreferred]),
      [
        ["pin", "PIN", true, true],
        ["fingerprint", "FINGERPRINT", false, false],
        ["voice", "CUSTOM", false, false],
        ["shown", "CUSTOM", false, false],
        ["halves", "CUSTOM", false, false],
      ],
    );
    const without = await phone.again({ biometrics: undefined }).authenticators(profile);
    assert.equal(
      without.some(({ type }) => type === "FINGERPRINT"),
      false,
    );
  });

  it("are registered, preferred, used, and given up", async () => {
    const { client } = openPhone(server(), { biometrics });
    const profile = await registerUser({ client });
    const registered = async () =>
      (await client.authenticators(profile)).flatMap(({ id, isRegistered }) =>
        isRegistered ? [id] : [],
      );
    await client.registerAuthenticator("fingerprint", typing());
    assert.deepEqual(await client.registerAuthenticator("voice", saying(say(2000, "hi"))), {
      status: 2000,
      data: "hi",
    });
    assert.deepEqual(await registered(), ["pin", "fingerprint", "voice"]);
    for (const id of ["voice", "fingerprint", "pin"]) {
      await client.setPreferredAuthenticator(profile, id);
      assert.equal(await client.preferredAuthenticator(profile), id);
    }
    await client.setPreferredAuthenticator(profile, "fingerprint");
    await client.authenticateUser(profile, typing());
    await client.deregisterAuthenticator("fingerprint");
    assert.equal(await client.preferredAuthenticator(profile), "pin");
    assert.equal(client.authenticatedUserProfile, undefined);
    await client.authenticateUser(profile, typing(pin));
    await client.deregisterAuthenticator("voice");
    assert.deepEqual(await registered(), ["pin"]);
    await client.logoutUser();
    assert.deepEqual(await registered(), ["pin"]);
  });

  it("are registered once, and given up when they are", async () => {
    const { client } = openPhone(server(), { biometrics });
    const profile = await registerUser({ client });
    for (const id of ["fingerprint", "voice"]) {
      await fails(client.deregisterAuthenticator(id), "AUTHENTICATOR_NOT_REGISTERED");
      await fails(client.setPreferredAuthenticator(profile, id), "AUTHENTICATOR_NOT_REGISTERED");
      await client.registerAuthenticator(id, saying(say(2000)));
      const again = client.registerAuthenticator(id, saying(say(2000)));
      await fails(again, "AUTHENTICATOR_ALREADY_REGISTERED");
    }
    const always = client.registerAuthenticator("pin", typing());
    await fails(always, "AUTHENTICATOR_ALREADY_REGISTERED");
    await fails(client.deregisterAuthenticator("pin"), "PIN_CANNOT_BE_DEREGISTERED");
  });

  it("have to exist here", async () => {
    const { client } = openPhone(server());
    const profile = await registerUser({ client });
    for (const [id, name] of [
      ["nothing", "INVALID_AUTHENTICATOR"],
      ["muted", "INVALID_AUTHENTICATOR"],
      ["fingerprint", "AUTHENTICATOR_NOT_SUPPORTED"],
    ] as const) {
      await fails(client.registerAuthenticator(id, saying()), name);
      await fails(client.deregisterAuthenticator(id), name);
      await fails(client.setPreferredAuthenticator(profile, id), name);
    }
  });

  it("need a user who is logged in", async () => {
    const { client } = openPhone(server());
    await registerUser({ client });
    await client.logoutUser();
    await fails(client.registerAuthenticator("voice", saying()), "USER_NOT_AUTHENTICATED");
    await fails(client.deregisterAuthenticator("voice"), "USER_NOT_AUTHENTICATED");
  });

  it("need one whom the server still knows; the device tells what it knows all the same", async () => {
    const { client } = openPhone(server());
    const profile = await registerUser({ client }, "ended");
    for (const { id } of await loginsOf(server(), "ended")) await endLogin(server(), "ended", id);
    assert.equal((await client.authenticators(profile)).length > 0, true);
    assert.equal(client.authenticatedUserProfile, undefined);
    await fails(client.registerAuthenticator("voice", saying()), "USER_NOT_AUTHENTICATED");
  });

  it("are asked again at 4xxx with what the script said, and not at 5xxx", async () => {
    const { client } = openPhone(server());
    await registerUser({ client });
    const handler = saying(say(4000, "again"), say(5000, "never"));
    const failed = client.registerAuthenticator("voice", handler);
    const error = await fails(failed, "CUSTOM_AUTHENTICATOR_FAILURE");
    assert.deepEqual(error.info, { status: 5000, data: "never" });
    assert.deepEqual(handler.seen, [
      [undefined, undefined],
      [{ status: 4000, data: "again" }, "CUSTOM_AUTHENTICATOR_FAILURE"],
    ]);
    const known = client.registerAuthenticator("voice", saying(say(4001)));
    await fails(known, "AUTHENTICATOR_ALREADY_REGISTERED");
  });

  it("without a handler are told nothing, once", async () => {
    const { client } = openPhone(server());
    await registerUser({ client });
    const { onPin } = typing();
    assert.equal((await client.registerAuthenticator("shown", { onPin }))?.status, 2000);
    await fails(client.registerAuthenticator("voice", { onPin }), "GENERAL_ERROR");
  });

  it("have nothing to fall back to while they are registered", async () => {
    const { client } = openPhone(server(), { biometrics });
    await registerUser({ client });
    const handler: AuthenticatorHandler = {
      ...typing(pin),
      onBiometric: (challenge) => challenge.fallBackToPin(),
      onCustom: (challenge) => challenge.fallBackToPin(),
    };
    for (const id of ["fingerprint", "voice"]) {
      await fails(client.registerAuthenticator(id, handler), "ACTION_CANCELED");
    }
  });

  it("are registered after the PIN where the login is not fresh (D-40)", async () => {
    const { client } = openPhone(server(), { application: "brief" });
    const profile = await registerUser({ client });
    await sleep(1_100);
    const handler = { ...saying(say(2000)), ...typing(wrongPin, pin) };
    await client.registerAuthenticator("voice", handler);
    assert.deepEqual(handler.asked, [-1, 4]);
    await client.deregisterAuthenticator("voice");
    await sleep(1_100);
    await fails(
      client.registerAuthenticator("voice", { ...saying(), ...typing() }),
      "ACTION_CANCELED",
    );
    await client.authenticateUser(profile, typing(pin));
  });

  it("are registered after the PIN where the login does not vouch for the user (D-40)", async () => {
    const { client } = openPhone(server(), { biometrics });
    const profile = await registerUser({ client });
    await client.registerAuthenticator("voice", saying(say(2000)));
    await client.authenticateUser(profile, saying(say(2000)), { authenticator: "voice" });
    const handler = typing(pin);
    await client.registerAuthenticator("fingerprint", handler);
    assert.deepEqual(handler.asked, [-1]);
  });

  it("that the operator switched off are told apart from those that are not there", async () => {
    const { client } = openPhone(server());
    await registerUser({ client });
    await client.registerAuthenticator("voice", saying(say(2000)));
    const switched = (custom_authenticators: boolean) =>
      putSetup(server(), { features: { custom_authenticators } });
    await switched(false);
    try {
      const { profileId } = client.authenticatedUserProfile ?? { profileId: "" };
      const login = client.authenticateUser({ profileId }, saying(), { authenticator: "voice" });
      await fails(login, "CUSTOM_AUTHENTICATION_DISABLED");
    } finally {
      await switched(true);
    }
  });

  it("are registered for the user who asked, not for one who logged in meanwhile", async () => {
    const { client } = openPhone(server(), { biometrics });
    const ann = await registerUser({ client }, "interrupted");
    const bob = await registerUser({ client }, "interrupting");
    for (const id of ["fingerprint", "voice"]) {
      await client.authenticateUser(ann, typing(pin));
      const interrupted = async (challenge: { respond(): void }): Promise<void> => {
        await client.authenticateUser(bob, typing(pin));
        challenge.respond();
      };
      const registration = client.registerAuthenticator(id, {
        ...typing(),
        onBiometric: interrupted,
        onCustom: (challenge) => interrupted({ respond: () => challenge.respond(say(2000)) }),
      });
      await fails(registration, "USER_NOT_AUTHENTICATED");
    }
    for (const profile of [ann, bob]) {
      await client.authenticateUser(profile, typing(pin));
      const all = await client.authenticators(profile);
      assert.deepEqual(
        all.flatMap(({ id, isRegistered }) => (isRegistered ? [id] : [])),
        ["pin"],
      );
    }
  });

  it("are cancelled while the device does not say whether it can ask", async () => {
    const asked = Promise.withResolvers<void>();
    const isAvailable = () => {
      asked.resolve();
      return new Promise<boolean>(() => undefined);
    };
    const { client } = openPhone(server(), { biometrics: { ...biometrics, isAvailable } });
    await registerUser({ client });
    const ending = new AbortController();
    const registration = client.registerAuthenticator("fingerprint", typing(), ending);
    await asked.promise;
    ending.abort();
    await fails(registration, "ACTION_CANCELED");
    await client[Symbol.asyncDispose]();
  });

  it("are given up here alone when the server is not reached", async () => {
    const { client, network } = openPhone(server(), { biometrics });
    const profile = await registerUser({ client });
    await client.registerAuthenticator("fingerprint", typing());
    network.lose("request");
    await fails(client.deregisterAuthenticator("fingerprint"), "DEREGISTERED_ONLY_LOCALLY");
    network.mend();
    await fails(client.deregisterAuthenticator("fingerprint"), "AUTHENTICATOR_NOT_REGISTERED");
    await client.registerAuthenticator("fingerprint", typing());
    await client.authenticateUser(profile, typing(), { authenticator: "fingerprint" });
  });
});
