// An app starts: its installation is registered, told apart from a rejected one, and kept from harm by a wrong clock.
import assert from "node:assert/strict";
import { memoryStorage } from "../../../clients/sdk/storage/memory.ts";
import { openUserClient } from "../../../clients/sdk/user_client.ts";
import { putSetup } from "../../support/administrator.ts";
import { devicesOf } from "../../support/end_user.ts";
import { serverFor } from "../../support/server.ts";
import {
  endInstallation,
  fails,
  openPhone,
  pin,
  registerUser,
  setupWith,
  typing,
} from "./phone.ts";

describe("an app that starts", function () {
  this.timeout(60_000);
  const server = serverFor(() => setupWith());

  it("registers its installation once, and says what changed about it later (D-65)", async () => {
    const device = { name: "Ann's phone", platform: "android", model: "One", osVersion: "1" };
    const { client, network, again } = openPhone(server(), { device });
    await client.start();
    assert.deepEqual(network.calls, ["RegisterDevice", "GetAppConfiguration"]);
    await registerUser({ client }, "starts");
    network.forget();
    await again().start();
    assert.deepEqual(network.calls, ["GetAppConfiguration"]);
    network.forget();
    const changed = { version: "1.1", device: { ...device, name: "Ann's old phone" } };
    const updated = again(changed);
    await updated.start();
    await again(changed).start();
    assert.deepEqual(network.calls, ["UpdateDevice", "GetAppConfiguration", "GetAppConfiguration"]);
    const [shown] = await devicesOf(server(), "starts");
    assert.deepEqual(
      [shown?.name, shown?.platform, shown?.model],
      ["Ann's old phone", "android", "One"],
    );
  });

  it("needs no start of its own before other verbs, and starts once for many", async () => {
    const { client, network } = openPhone(server());
    const [providers, policy] = await Promise.all([client.identityProviders(), client.pinPolicy()]);
    assert.deepEqual(network.calls, ["RegisterDevice", "GetAppConfiguration"]);
    const steps = providers.find(({ id }) => id === "steps");
    assert.deepEqual(steps, { id: "steps", name: "steps", isTwoStep: true });
    assert.equal(providers.find(({ id }) => id === "puppet")?.isTwoStep, false);
    assert.deepEqual(policy, {
      length: 5,
      maxSimilarDigits: 3,
      sequencesAllowed: false,
      blocked: [],
    });
  });

  it("is told which rule a PIN breaks", async () => {
    const { client } = openPhone(server());
    await client.validatePinWithPolicy(pin);
    await fails(client.validatePinWithPolicy("1375"), "WRONG_PIN_LENGTH");
    await fails(client.validatePinWithPolicy("12345"), "PIN_IS_A_SEQUENCE");
    await fails(client.validatePinWithPolicy("11112"), "PIN_USES_SIMILAR_DIGITS");
    const policy = { id: "default", length: 5, blocked: ["11235"] };
    await putSetup(server(), { pin_policies: [policy] });
    await client.start();
    await fails(client.validatePinWithPolicy("11235"), "PIN_BLACKLISTED");
  });

  it("is outdated with a version that is disabled, until it is updated", async () => {
    const { client, again } = openPhone(server(), { application: "released", version: "3.0" });
    const profile = await registerUser({ client });
    const old = again({ version: "1.0" });
    await fails(old.start(), "OUTDATED_APP");
    await fails(old.authenticateUser(profile, typing(pin)), "OUTDATED_APP");
    const late = again({ version: "2.0" });
    await late.authenticateUser(profile, typing(pin));
    await fails(registerUser({ client: late }), "OUTDATED_APP");
    await registerUser({ client: again() });
    const fresh = openPhone(server(), { application: "released", version: "1.0" });
    await fails(fresh.client.start(), "OUTDATED_APP");
  });

  it("is not registered for an application that takes no installations", async () => {
    for (const application of ["closed", "nobody's"]) {
      await fails(openPhone(server(), { application }).client.start(), "DEVICE_REGISTRATION_ERROR");
    }
    const version = "v".repeat(65);
    await fails(openPhone(server(), { version }).client.start(), "INVALID_REQUEST");
  });

  it("has to name an issuer that is one", async () => {
    const options = { application: "app", version: "1", storage: memoryStorage() };
    for (const issuer of ["", "id.example.com/oauth", "https://id.example.com", "ftp://x/oauth"]) {
      assert.throws(() => openUserClient({ ...options, issuer }), {
        reason: "CONFIGURATION_ERROR",
      });
    }
    const elsewhere = openPhone(server(), { issuer: `${server().http}/nowhere/oauth` });
    await fails(elsewhere.client.start(), "CONFIGURATION_ERROR");
  });

  it("that the server forgot forgets everything, and begins anew (D-66)", async () => {
    const { client, storage } = openPhone(server());
    const profile = await registerUser({ client });
    await endInstallation(server(), storage);
    await fails(client.authenticateUser(profile, typing(pin)), "DEVICE_DEREGISTERED");
    assert.deepEqual(await client.userProfiles(), []);
    assert.equal(client.authenticatedUserProfile, undefined);
    assert.equal(client.accessToken, undefined);
    assert.equal(await storage.read("installation"), undefined);
    await registerUser({ client });
    assert.equal((await client.userProfiles()).length, 1);
  });

  it("that the server forgot learns so at a start, and at any other verb", async () => {
    const { client, storage, again } = openPhone(server());
    await registerUser({ client });
    await endInstallation(server(), storage);
    await fails(again().start(), "DEVICE_DEREGISTERED");
    await fails(client.logoutUser(), "LOCAL_LOGOUT");
    const other = openPhone(server());
    const profile = await registerUser(other);
    await endInstallation(server(), other.storage);
    await fails(other.client.deregisterUser(profile), "DEVICE_DEREGISTERED");
  });

  for (const minutes of [-60, -5, 2, 60]) {
    it(`with a clock that is ${minutes} minutes off loses nothing by it (D-66)`, async () => {
      const { client, again } = openPhone(server());
      const profile = await registerUser({ client });
      const wrong = again({ now: () => Date.now() + minutes * 60_000 });
      await fails(wrong.start(), "INVALID_DATETIME");
      await fails(wrong.authenticateUser(profile, typing(pin)), "INVALID_DATETIME");
      assert.deepEqual(await wrong.userProfiles(), [profile]);
      await client.authenticateUser(profile, typing(pin));
    });
  }

  it("with a clock that is half a minute off is none the worse", async () => {
    for (const seconds of [-30, 30]) {
      const { client } = openPhone(server(), { now: () => Date.now() + seconds * 1000 });
      const profile = await registerUser({ client });
      await client.authenticateUser(profile, typing(pin));
    }
  });

  it("is not taken for a stranger when the network sends a request twice", async () => {
    const { client, network, again } = openPhone(server());
    const profile = await registerUser({ client });
    const doubling = again({
      async send(url, init) {
        if (url.endsWith("IssueToken")) await (await fetch(url, init)).arrayBuffer();
        return network.send(url, init);
      },
    });
    await fails(doubling.authenticateUser(profile, typing(pin)), "SERVER_NOT_REACHABLE");
    await client.authenticateUser(profile, typing(pin));
  });

  it("is not taken for a stranger by one who is not the server", async () => {
    const { client, again } = openPhone(server());
    const profile = await registerUser({ client });
    const answer = (status: number) => async () =>
      new Response('{"error":"invalid_client"}', {
        status,
        headers: { "content-type": "application/json", date: new Date().toUTCString() },
      });
    for (const status of [200, 401, 403, 400, 500]) {
      await fails(again({ send: answer(status) }).start(), "GENERAL_ERROR");
    }
    assert.deepEqual(await client.userProfiles(), [profile]);
    await client.authenticateUser(profile, typing(pin));
  });
});
