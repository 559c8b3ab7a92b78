// Authenticators that are switched off, unlisted, removed and back again, and what rests in the store.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asAdmin, putSetup, setupUrl } from "../support/administrator.ts";
import {
  authenticateWith,
  beginProfile,
  deregisterAuthenticator,
  listAuthenticators,
  listedIn,
  registerAuthenticator,
} from "../support/authenticators.ts";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, registerPhone, tokensOf } from "../support/client.ts";
import { send } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { say, usualSetup } from "../support/usual_setup.ts";

const profile_id = "W8DUJ2";

describe("authenticators that are switched", function () {
  this.timeout(30_000);
  let usual: UsualSetup;
  let phone: KeyClient;
  let token: string;
  const server = serverFor(async () => {
    usual = await usualSetup();
    return usual;
  });
  beforeEach(async () => {
    phone = await registerPhone(server());
    token = (await beginProfile(phone, profile_id)).access_token;
  });

  const register = (id = "voice", data = say(2000)) =>
    registerAuthenticator(server(), token, id, data);
  const logIn = (id = "voice") =>
    authenticateWith(server(), phone, id, { profile_id, data: say(2000) });
  const deregister = (id = "voice") => deregisterAuthenticator(server(), token, id);
  const listed = async (id = "voice") => listedIn(await listAuthenticators(server(), token), id);
  const apply = async (setup: object): Promise<void> => {
    const answer = await putSetup(server(), { ...setup, files: usual.files });
    assert.equal(answer.status, 200, answer.text);
  };
  const voice = (more: object) => ({
    authenticators: [
      { id: "voice", scripts: { registration: "puppet.js", authentication: "puppet.js" }, ...more },
    ],
  });
  const listing = (custom_authenticators: readonly string[]) => ({
    applications: [{ ...usual.setup.applications[0], custom_authenticators }],
  });

  it("are listed in the order of the set-up, the PIN and the fingerprint first", async () => {
    const { json } = await listAuthenticators(server(), token);
    const [pin, fingerprint, ...custom] = json.authenticators as { id: string; name: string }[];
    assert.deepEqual([pin?.id, pin?.name], ["pin", "PIN"]);
    assert.deepEqual([fingerprint?.id, fingerprint?.name], ["fingerprint", "Fingerprint"]);
    assert.deepEqual(custom, [
      { id: "voice", name: "voice", type: "CUSTOM", registered: false },
      { id: "shown", name: "shown", type: "CUSTOM", registered: false },
      { id: "halves", name: "halves", type: "CUSTOM", registered: false },
    ]);
  });

  it("have the name that the set-up gives them", async () => {
    await apply(voice({ name: "Your voice" }));
    assert.equal((await listed())?.name, "Your voice");
    await apply(voice({}));
  });

  for (const id of ["muted", "unlisted"]) {
    it(`cannot be had while they are ${id}, and can be dropped`, async () => {
      assertRefused(await register(id), 403, "authenticator_disabled");
      assertRefused(await logIn(id), 403, "authenticator_disabled");
      assert.equal(await listed(id), undefined);
      assert.equal((await deregister(id)).status, 204);
    });
  }

  it("cannot be had in an application without refresh tokens, the fingerprint", async () => {
    phone = await registerPhone(server(), "strict");
    token = (await beginProfile(phone, profile_id)).access_token;
    assertRefused(await register("fingerprint"), 403, "authenticator_disabled");
    assert.equal(await listed("fingerprint"), undefined);
    assertRefused(await register("voice"), 403, "authenticator_disabled");
    assert.equal((await deregister("fingerprint")).status, 204);
  });

  const switches: [string, () => Promise<void>, () => Promise<void>][] = [
    [
      "the feature is off",
      () => apply({ features: { custom_authenticators: false } }),
      () => apply({ features: {} }),
    ],
    ["they are disabled", () => apply(voice({ enabled: false })), () => apply(voice({}))],
    [
      "the application lists them no longer",
      () => apply(listing(["shown"])),
      () => apply(listing(["voice", "shown", "muted", "halves"])),
    ],
  ];
  for (const [which, off, on] of switches) {
    it(`let nobody in while ${which}, and are as they were afterwards`, async () => {
      assert.equal((await register()).status, 200);
      await off();
      try {
        assert.equal(await listed(), undefined);
        assertRefused(await register(), 403, "authenticator_disabled");
        assertRefused(await logIn(), 403, "authenticator_disabled");
      } finally {
        await on();
      }
      assert.equal((await listed())?.registered, true);
      tokensOf(await logIn());
    });

    it(`can be dropped while ${which} (D-44)`, async () => {
      assert.equal((await register()).status, 200);
      await off();
      try {
        assert.equal((await deregister()).status, 204);
      } finally {
        await on();
      }
      assert.equal((await listed())?.registered, false);
      assertRefused(await logIn(), 404, "not_registered");
    });
  }

  it("keep the PIN and the fingerprint while the feature is off", async () => {
    await apply({ features: { custom_authenticators: false } });
    try {
      assert.equal((await listed("pin"))?.registered, true);
      assert.equal((await register("fingerprint")).status, 200);
      assert.equal((await listed("fingerprint"))?.registered, true);
    } finally {
      await apply({ features: {} });
    }
  });

  it("are gone with their registrations once they were removed, also when they come back", async () => {
    const lost = voice({ id: "lost" });
    const listed = ["voice", "shown", "muted", "halves"];
    await apply({ ...lost, ...listing([...listed, "lost"]) });
    assert.equal((await register("lost")).status, 200);
    tokensOf(await logIn("lost"));
    await apply(listing(listed));
    const removed = await send(`${setupUrl(server())}/authenticators/lost`, {
      method: "DELETE",
      headers: asAdmin,
    });
    assert.equal(removed.status, 204, removed.text);
    for (const call of [logIn, register, deregister]) {
      assertRefused(await call("lost"), 404, "invalid_authenticator");
    }
    await apply({ ...lost, ...listing([...listed, "lost"]) });
    assertRefused(await logIn("lost"), 404, "not_registered");
    await apply(listing(listed));
  });

  it("cannot be set up under the names of the PIN and the fingerprint (D-43)", async () => {
    for (const id of ["pin", "fingerprint"]) {
      const answer = await putSetup(server(), { ...voice({ id }), files: usual.files });
      assertRefused(answer, 400, "invalid_request");
    }
  });

  it("have no data in the open at rest, and come back with it after a restart (SEC-19)", async () => {
    const secret = "registration-data-7f3b91";
    const data = JSON.stringify({ status: 2000, registrationData: secret });
    assert.equal((await register("voice", data)).status, 200);
    const files = (): Buffer[] => {
      const folder = join(server().folder, "data");
      return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    };
    assert.ok(files().some((file) => file.includes("authenticator_registration")));
    assert.ok(!files().some((file) => file.includes(secret)));
    await server().restart();
    assert.ok(!files().some((file) => file.includes(secret)));
    assert.doesNotMatch(server().log(), new RegExp(secret));
    assert.equal((await listed())?.registered, true);
    tokensOf(await logIn());
  });
});
