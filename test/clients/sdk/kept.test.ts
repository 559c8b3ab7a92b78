// What the SDK keeps: damaged, full, or shared by several clients of one device.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SdkError } from "../../../clients/sdk/error.ts";
import { fileStorage } from "../../../clients/sdk/storage/file.ts";
import { memoryStorage } from "../../../clients/sdk/storage/memory.ts";
import type { DeviceStorage } from "../../../clients/sdk/storage.ts";
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
  wrongPin,
} from "./phone.ts";

/** A storage that is full while the test says so. */
function fillable(): DeviceStorage & { isFull: boolean } {
  const storage = {
    ...memoryStorage(),
    isFull: false,
  };
  const { write } = storage;
  return Object.assign(storage, {
    async write(name: string, text: string) {
      if (storage.isFull) throw new SdkError("DATA_STORAGE_NOT_AVAILABLE", "The storage is full.");
      return write(name, text);
    },
  });
}

describe("what is kept of users", function () {
  this.timeout(60_000);
  const server = serverFor(() => setupWith());

  const damages: [string, string][] = [
    ["no JSON", "{"],
    ["nothing", ""],
    ["another thing", "[]"],
    ["of a later version", '{"version":2}'],
    ["without its token", '{"version":1,"profileId":"ABCDEF","custom":[],"preferred":"pin"}'],
    [
      "with a token of another form",
      '{"version":1,"profileId":"ABCDEF","pin":"x","custom":[],"preferred":"pin"}',
    ],
  ];
  for (const [which, text] of damages) {
    it(`that is damaged (${which}) leaves the other users usable`, async () => {
      const { client, storage } = openPhone(server());
      const [ann, bob] = [await registerUser({ client }), await registerUser({ client }, "bob")];
      await storage.write(`profile.${ann.profileId.toLowerCase()}`, text);
      assert.deepEqual(await client.userProfiles(), [ann, bob]);
      await fails(client.authenticateUser(ann, typing(pin)), "DATA_STORAGE_UNRECOVERABLE");
      await client.authenticateUser(bob, typing(pin));
      await client.deregisterUser(ann);
      assert.deepEqual(await client.userProfiles(), [bob]);
      await client.authenticateUser(bob, typing(pin));
    });
  }

  for (const name of ["installation", "profiles"]) {
    it(`can be forgotten when the record "${name}" is damaged`, async () => {
      const { client, storage, again } = openPhone(server());
      await registerUser({ client });
      await storage.write(name, "damaged");
      const nobody = () => assert.fail("nobody is asked");
      const handler = { onFinish: nobody, onCreatePin: nobody };
      await fails(
        again().registerUser(handler, { identityProvider: "puppet" }),
        "DATA_STORAGE_UNRECOVERABLE",
      );
      await client.reset();
      assert.deepEqual(await client.userProfiles(), []);
      await registerUser({ client });
    });
  }

  it("is not lost when the storage is full, nor counted on", async () => {
    const storage = fillable();
    const { client } = openPhone(server(), { storage });
    const profile = await registerUser({ client });
    storage.isFull = true;
    for (let times = 0; times < 3; times += 1) {
      await fails(client.authenticateUser(profile, typing(pin)), "DATA_STORAGE_NOT_AVAILABLE");
    }
    await fails(registerUser({ client }, "bob"), "DATA_STORAGE_NOT_AVAILABLE");
    const changing = { ...typing(pin), onCreatePin: () => assert.fail("nobody is asked") };
    await fails(client.changePin(changing), "DATA_STORAGE_NOT_AVAILABLE");
    storage.isFull = false;
    await client.authenticateUser(profile, typing(pin));
    assert.deepEqual(await client.userProfiles(), [profile]);
  });

  it("is kept by the server neither when the device has no room for it", async () => {
    const storage = fillable();
    const { client } = openPhone(server(), { storage });
    await client.start();
    storage.isFull = true;
    await fails(registerUser({ client }, "homeless"), "DATA_STORAGE_NOT_AVAILABLE");
    assert.deepEqual(await devicesOf(server(), "homeless"), []);
  });

  it("is readable by nobody: neither tokens nor PIN", async () => {
    const storage = memoryStorage();
    const texts: string[] = [];
    const watched = {
      ...storage,
      async write(name: string, text: string) {
        texts.push(text);
        await storage.write(name, text);
      },
    };
    const answers: string[] = [];
    const { client } = openPhone(server(), {
      storage: watched,
      biometrics: { isAvailable: async () => true, confirm: async () => true },
      async send(url, init) {
        const response = await fetch(url, init);
        const bytes = new Uint8Array(await response.clone().arrayBuffer());
        answers.push(new TextDecoder("latin1").decode(bytes));
        return response;
      },
    });
    const profile = await registerUser({ client });
    await client.registerAuthenticator("fingerprint", typing());
    await client.authenticateUser(profile, typing(pin));
    const tokens = answers.join().match(/[0-9A-F]{64}/g) ?? [];
    assert.ok(tokens.length >= 4, `${tokens.length} tokens were given`);
    for (const secret of [...tokens, pin]) {
      const isKept = texts.some((text) => text.replace(/1\.600000\.\S*/, "").includes(secret));
      assert.equal(isKept, false);
    }
  });

  describe("in a folder that several clients share", () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "gatewright-sdk-"));
    });
    afterEach(() => rm(folder, { recursive: true }));
    const two = () =>
      [1, 2].map(() => openPhone(server(), { storage: fileStorage(join(folder, "app")) }));

    it("is of one installation, however many start at once", async () => {
      const phones = two();
      await Promise.all(phones.map(({ client }) => client.start()));
      const registered = phones
        .flatMap(({ network }) => network.calls)
        .filter((call) => call === "RegisterDevice");
      assert.equal(registered.length, 1);
      const files = await readdir(join(folder, "app"));
      const contents = await Promise.all(
        files.map((file) => readFile(join(folder, "app", file), "latin1")),
      );
      assert.equal(contents.join().includes("clientId"), false);
    });

    it("lets any of them log in, at the same time as well", async () => {
      const [one, other] = two();
      assert.ok(one && other);
      const profile = await registerUser(one);
      for (let times = 0; times < 2; times += 1) {
        await Promise.all(
          [one, other].map(({ client }) => client.authenticateUser(profile, typing(pin))),
        );
      }
      const tries = typing(wrongPin, pin);
      await other.client.authenticateUser(profile, tries);
      assert.deepEqual(tries.asked, [-1, 4]);
    });

    it("lets one log in after the other, whose token would count as stolen otherwise (D-62)", async () => {
      const [one, other] = two();
      assert.ok(one && other);
      const profile = await registerUser(one);
      let using: Promise<unknown> = Promise.resolve();
      one.network.before("IssueToken", async () => {
        // The token of before is on its way. If the other one could log in now and use what it gets, this one
        // would come too late with it.
        using = other.client
          .authenticateUser(profile, typing(pin))
          .then(() => other.client.authenticators(profile));
        await Promise.race([using, sleep(2_000)]);
      });
      await one.client.authenticateUser(profile, typing(pin));
      await using;
      await other.client.authenticateUser(profile, typing(pin));
    });

    it("is forgotten by all of them when one learns that the server did", async () => {
      const [one, other] = two();
      assert.ok(one && other);
      const profile = await registerUser(one);
      await other.client.authenticateUser(profile, typing(pin));
      await endInstallation(server(), one.storage);
      await fails(one.client.authenticateUser(profile, typing(pin)), "DEVICE_DEREGISTERED");
      await fails(other.client.authenticateUser(profile, typing(pin)), "USER_DEREGISTERED");
      assert.deepEqual(await other.client.userProfiles(), []);
      const voiced = other.client.registerAuthenticator("voice", typing(pin));
      await fails(voiced, "USER_DEREGISTERED");
      const next = await registerUser(one);
      await other.client.authenticateUser(next, typing(pin));
      await one.client.authenticateUser(next, typing(pin));
    });

    it("is begun anew by one while another one was in the middle of something", async () => {
      const [one, other] = two();
      assert.ok(one && other);
      await one.client.start();
      const registration = one.client.registerUser(
        {
          onFinish: (challenge) => challenge.respond('{"status":2000,"user":{"id":"ann"}}'),
          async onCreatePin(challenge) {
            await other.client.reset();
            await registerUser(other, "bob");
            challenge.respond(pin);
          },
        },
        { identityProvider: "puppet" },
      );
      await fails(registration, "DEVICE_DEREGISTERED");
      const [bob] = await one.client.userProfiles();
      assert.ok(bob);
      await one.client.authenticateUser(bob, typing(pin));
    });
  });
});
