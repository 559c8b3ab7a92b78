// Authenticators while something else happens: what went meanwhile, and many at once.
import assert from "node:assert/strict";
import { assertionOf, authenticated } from "../support/assertions.ts";
import {
  authenticateWith,
  beginProfile,
  deregisterAuthenticator,
  listAuthenticators,
  listedIn,
  registerAuthenticator,
} from "../support/authenticators.ts";
import type { KeyClient, Portal } from "../support/client.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import { loginsOf } from "../support/end_user.ts";
import type { HttpAnswer } from "../support/http.ts";
import { postJson, send } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, secrets } from "../support/usual_setup.ts";
import type { Holder } from "./authenticator_setup.ts";
import { authenticatorSetup } from "./authenticator_setup.ts";

const profile_id = "W8DUJ2";

describe("authenticators in a race", function () {
  this.timeout(60_000);
  let holder: Holder;
  let phone: KeyClient;
  let resource: Portal;
  let token: string;
  const server = serverFor(async () => {
    const made = await authenticatorSetup();
    holder = made.holder;
    return { ...made.usual, env: { GATEWRIGHT_WORKERS: "2" } };
  });
  before(() => {
    resource = portal(server(), "portal", secrets.portal);
  });
  beforeEach(async () => {
    phone = await registerPhone(server());
    token = (await beginProfile(phone, profile_id)).access_token;
  });
  after(async () => holder?.[Symbol.asyncDispose]());

  const register = (id: string, data = say(2000)) =>
    registerAuthenticator(server(), token, id, data);
  const logIn = (id: string, data = say(2000)) =>
    authenticateWith(server(), phone, id, { profile_id, data });
  const deregister = (id: string) => deregisterAuthenticator(server(), token, id);
  const isRegistered = async (id: string, by = token): Promise<boolean | undefined> =>
    listedIn(await listAuthenticators(server(), by), id)?.registered;
  const isActive = async (access: string): Promise<boolean> =>
    (await resource.introspect(access)).json.active === true;

  /** Lets something happen while the script of a call waits, and gives the answer of the call. */
  const during = async (
    call: () => Promise<HttpAnswer>,
    happen: () => Promise<unknown>,
  ): Promise<HttpAnswer> => {
    const { begun, release } = holder.hold();
    const answer = call();
    await begun;
    await happen();
    release();
    return answer;
  };

  it("give no token after the deregistration has answered (D-44)", async () => {
    await register("slow");
    const answer = await during(
      () => logIn("slow"),
      async () => assert.equal((await deregister("slow")).status, 204),
    );
    assertRefused(answer, 404, "not_registered");
  });

  it("give no token when the registration was replaced meanwhile", async () => {
    await register("slow");
    const answer = await during(
      () => logIn("slow"),
      () => register("slow"),
    );
    assertRefused(answer, 404, "not_registered");
    tokensOf(await logIn("slow"));
  });

  it("give no token when the profile was registered again meanwhile (D-15)", async () => {
    await register("slow");
    const answer = await during(
      () => logIn("slow"),
      () => beginProfile(phone, profile_id),
    );
    assertRefused(answer, 404, "not_registered");
  });

  it("leave a registration alone that is newer than what a script said 5000 of (D-41)", async () => {
    await register("slow");
    const answer = await during(
      () => logIn("slow", say(5000)),
      () => register("slow"),
    );
    assert.deepEqual(answer.json, { status: 5000 });
    assert.equal(await isRegistered("slow"), true);
    tokensOf(await logIn("slow"));
  });

  it("keep no registration when the profile was registered again meanwhile", async () => {
    let again = "";
    const answer = await during(
      () => register("late"),
      async () => {
        again = (await beginProfile(phone, profile_id)).access_token;
      },
    );
    assertRefused(answer, 401, "invalid_token");
    assert.equal(await isRegistered("late", again), false);
    assertRefused(await logIn("late"), 404, "not_registered");
  });

  it("have no profile on an installation that ended while it registered (SEC-85)", async () => {
    const url = `${server().http}/oauth/v1/device`;
    const ended = await registerPhone(server());
    const answer = await during(
      () => ended.complete("slow", { data: letIn("zoe"), profile_id }),
      async () => {
        const headers = { authorization: `Bearer ${await assertionOf(ended)}` };
        assert.equal((await send(url, { method: "DELETE", headers })).status, 204);
      },
    );
    assertRefused(answer, 400, "invalid_profile");
    assert.deepEqual(await loginsOf(server(), "zoe"), []);
  });

  it("keep one of many registrations at once, and its data with it", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => register("keep", `data ${i}`)),
    );
    for (const { status, text } of answers) assert.equal(status, 200, text);
    assert.match(String((await logIn("keep")).json.data), /^data \d$/);
    assert.equal((await deregister("keep")).status, 204);
    assert.equal(await isRegistered("keep"), false);
  });

  it("have one refresh token of many registrations of the fingerprint at once (D-43)", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => registerAuthenticator(server(), token, "fingerprint")),
    );
    const keys = answers.map(({ json }) => String(json.refresh_token));
    assert.equal(new Set(keys).size, 8);
    assert.equal(await isRegistered("fingerprint"), true);
    let admitted = 0;
    for (const key of keys) {
      // A wrong one may end the registration, so that none of them lets in.
      const fields = { profile_id, authenticator: "fingerprint" };
      const { status } = await phone.refresh(key, fields);
      if (status === 200) admitted += 1;
    }
    assert.ok(admitted <= 1, `${admitted} of them let in`);
  });

  it("let everyone in that came before the deregistration, and nobody after", async () => {
    await register("voice");
    const logins = Array.from({ length: 12 }, () => logIn("voice"));
    const [gone, ...answers] = await Promise.all([deregister("voice"), ...logins]);
    assert.equal(gone.status, 204);
    for (const answer of answers) {
      if (answer.status === 200) assert.equal(await isActive(tokensOf(answer).access_token), true);
      else assertRefused(answer, 404, "not_registered");
    }
    assertRefused(await logIn("voice"), 404, "not_registered");
  });

  it("use an assertion once, however many logins carry it (D-04)", async () => {
    await register("voice");
    const body = { ...(await authenticated(phone)), profile_id };
    const url = `${server().http}/oauth/v1/authenticators/voice/authenticate`;
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => postJson(url, { ...body, data: say(2000) })),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const answer of answers) {
      if (answer.status !== 200) assertRefused(answer, 401, "invalid_client");
    }
  });
});
