// Users leave, and the device forgets: with the server's help, and without.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { memoryStorage } from "../../../clients/sdk/storage/memory.ts";
import { portal } from "../../support/client.ts";
import { devicesOf } from "../../support/end_user.ts";
import { serverFor } from "../../support/server.ts";
import { secrets } from "../../support/usual_setup.ts";
import { fails, openPhone, pin, registerUser, setupWith, typing } from "./phone.ts";

describe("a user who leaves", function () {
  this.timeout(60_000);
  const server = serverFor(() => setupWith());
  const isActive = async (token = ""): Promise<unknown> =>
    (await portal(server(), "portal", secrets.portal).introspect(token)).json.active;

  it("by logging out can come back", async () => {
    const { client } = openPhone(server());
    const profile = await registerUser({ client });
    const { accessToken } = client;
    await client.logoutUser();
    assert.equal(client.authenticatedUserProfile, undefined);
    assert.equal(client.accessToken, undefined);
    assert.equal(await isActive(accessToken), false);
    await fails(client.logoutUser(), "USER_NOT_AUTHENTICATED");
    await client.authenticateUser(profile, typing(pin));
  });

  it("is logged out here when the server is not reached", async () => {
    const { client, network } = openPhone(server());
    const profile = await registerUser({ client });
    network.lose("request");
    await fails(client.logoutUser(), "LOCAL_LOGOUT");
    assert.equal(client.accessToken, undefined);
    network.mend();
    await client.authenticateUser(profile, typing(pin));
  });

  it("for good leaves nothing, here and at the server", async () => {
    const { client, storage } = openPhone(server());
    const [ann, bob] = [
      await registerUser({ client }, "parting"),
      await registerUser({ client }, "bob"),
    ];
    await client.deregisterUser(ann);
    assert.deepEqual(await client.userProfiles(), [bob]);
    assert.equal(await storage.read(`profile.${ann.profileId.toLowerCase()}`), undefined);
    assert.deepEqual(await devicesOf(server(), "parting"), []);
    assert.deepEqual(client.authenticatedUserProfile, bob);
    await client.deregisterUser(bob);
    assert.equal(client.authenticatedUserProfile, undefined);
    await fails(client.deregisterUser(bob), "USER_DEREGISTERED");
  });

  it("for good is gone here when the server is not reached, which is told later", async () => {
    const { client, network, again } = openPhone(server());
    const profile = await registerUser({ client }, "quiet");
    network.lose("request");
    await fails(client.deregisterUser(profile), "DEREGISTERED_ONLY_LOCALLY");
    assert.deepEqual(await client.userProfiles(), []);
    await fails(client.authenticateUser(profile, typing(pin)), "USER_DEREGISTERED");
    assert.equal((await devicesOf(server(), "quiet")).length, 1);
    network.mend();
    await again().start();
    assert.deepEqual(await devicesOf(server(), "quiet"), []);
  });

  it("for good is not logged in by a login whose answer comes afterwards", async () => {
    const { client, again } = openPhone(server());
    const profile = await registerUser({ client });
    const other = again({
      async send(url, init) {
        const response = await fetch(url, init);
        if (url.endsWith("IssueToken")) await other.deregisterUser(profile);
        return response;
      },
    });
    await fails(other.implicitlyAuthenticateUser(profile), "USER_DEREGISTERED");
    assert.equal(other.implicitlyAuthenticatedUserProfile, undefined);
  });

  it("for good is not logged in by a login that begins meanwhile", async () => {
    const storage = memoryStorage();
    const { client } = openPhone(server(), { storage });
    const profile = await registerUser({ client });
    const { write } = storage;
    let login: Promise<unknown> | undefined;
    const watched = {
      ...storage,
      async write(name: string, text: string) {
        // The login asks for its turn before the deregistration asks for its next one.
        if (name === "leftovers") {
          login ??= fails(other.authenticateUser(profile, typing(pin)), "USER_DEREGISTERED");
          await sleep(200);
        }
        await write(name, text);
      },
    };
    const other = openPhone(server(), { storage: watched }).client;
    await other.start();
    await other.deregisterUser(profile);
    await login;
    assert.equal(other.authenticatedUserProfile, undefined);
  });

  it("with the whole device leaves nothing of it", async () => {
    const { client, storage, network } = openPhone(server());
    await registerUser({ client }, "resetting");
    await client.implicitlyAuthenticateUser((await client.userProfiles())[0] ?? { profileId: "" });
    await client.reset();
    assert.deepEqual(await client.userProfiles(), []);
    assert.deepEqual(
      [client.accessToken, client.implicitlyAuthenticatedUserProfile],
      [undefined, undefined],
    );
    assert.deepEqual(await devicesOf(server(), "resetting"), []);
    assert.equal(await storage.read("installation"), undefined);
    network.forget();
    await registerUser({ client });
    assert.equal(network.calls[0], "RegisterDevice");
    network.lose("request");
    await client.reset();
    network.mend();
    assert.deepEqual(await client.userProfiles(), []);
    await client.reset();
    await registerUser({ client });
  });
});
