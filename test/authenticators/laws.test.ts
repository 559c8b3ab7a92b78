// The laws of authenticators, for every row alike, through the real server.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Authenticator } from "../../server/authenticators/authenticator.ts";
import { rowOf, vouches } from "../../server/authenticators/table.ts";
import type { Listed } from "../support/authenticators.ts";
import {
  beginProfile,
  deregisterAuthenticator,
  listAuthenticators,
  listedIn,
  registerAuthenticator,
} from "../support/authenticators.ts";
import type { KeyClient, Portal } from "../support/client.ts";
import { assertRefused, keyClient, portal, registerPhone, tokensOf } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";
import type { Row } from "./rows.ts";
import { implicit, noKey, rows } from "./rows.ts";

const registrable = rows.filter(({ register }) => register);

/** The usual set-up with a second scripted authenticator, and an application that forgets soon. */
async function setUp(): Promise<UsualSetup> {
  const usual = await usualSetup();
  const [app, ...others] = usual.setup.applications as readonly [Record<string, unknown>];
  const face = {
    id: "face",
    name: "Face",
    scripts: { registration: "puppet.js", authentication: "puppet.js" },
  };
  const wide = { ...app, custom_authenticators: ["voice", "face"] };
  const hasty = { ...wide, id: "hasty", fresh_authentication: "2s" };
  return {
    ...usual,
    setup: {
      ...usual.setup,
      applications: [wide, hasty, ...others],
      authenticators: [...usual.setup.authenticators, face],
    },
  };
}

describe("the laws of authenticators", function () {
  this.timeout(30_000);
  let usual: UsualSetup;
  let phone: KeyClient;
  let resource: Portal;
  const server = serverFor(async () => {
    usual = await setUp();
    return usual;
  });
  before(async () => {
    phone = await registerPhone(server());
    resource = portal(server(), "portal", secrets.portal);
  });

  const listed = async (token: string, id: string): Promise<Listed | undefined> => {
    const answer = await listAuthenticators(server(), token);
    assert.equal(answer.status, 200, answer.text);
    return listedIn(answer, id);
  };
  let profiles = 0;
  const profileName = (): string => {
    profiles += 1;
    return `L${String(profiles).padStart(5, "0")}`;
  };

  /** Begins a profile that is registered with a row, and gives what is needed to go on. */
  const begin = async (row: Row, on = phone, user = "alice", profileId = profileName()) => {
    const begun = await on.complete("puppet", { data: letIn(user), profile_id: profileId });
    const { access_token: token, refresh_token: pin = "" } = tokensOf(begun);
    const answer = (await row.register?.(server(), token)) ?? begun;
    assert.equal(answer.status, 200, answer.text);
    return { token, pin, profileId, key: row.keyOf(answer.json), phone: on, server: server() };
  };
  const assertNoLogin = (row: Row, answer: HttpAnswer): void =>
    assertRefused(answer, ...row.refused);
  const amrOf = async (token: string): Promise<unknown> =>
    ((await resource.introspect(token)).json.amr as unknown[] | undefined)?.[0];

  for (const row of rows) {
    describe(`of ${row.id}`, () => {
      it("is of the type and earns what the server's table says (SEC-55)", () => {
        const served: Authenticator = rowOf(row.id);
        assert.deepEqual(
          [served.type, served.tokenType, vouches(row.tokenType)],
          [row.type, row.tokenType, row.vouches],
        );
      });

      it("is listed as registered once it is (D-40)", async () => {
        const { access_token } = await beginProfile(phone, profileName());
        const before = await listed(access_token, row.id);
        assert.deepEqual([before?.type, before?.registered], [row.type, !row.register]);
        assert.equal(before?.registered_at === undefined, row.register !== undefined);
        const { token } = await begin(row);
        const after = await listed(token, row.id);
        assert.equal(after?.registered, true);
        assert.ok(Math.abs(Number(after.registered_at) - Date.now() / 1000) < 60);
      });

      it("lets its user in, and its token type is the first of amr (SEC-55)", async () => {
        const begun = await begin(row);
        const { access_token } = tokensOf(await row.logIn(begun));
        const { json } = await resource.introspect(access_token);
        assert.deepEqual(
          [json.active, json.sub, json.profile_id, (json.amr as string[])[0]],
          [true, "alice", begun.profileId, row.tokenType],
        );
      });

      it("lets nobody in who is not registered (D-41, D-42, D-43)", async () => {
        const profileId = profileName();
        if (row.register) await beginProfile(phone, profileId);
        assertNoLogin(row, await row.logIn({ server: server(), phone, profileId, key: noKey() }));
      });

      it("lets in neither another profile nor another installation (SEC-52)", async () => {
        const begun = await begin(row);
        const other = profileName();
        await beginProfile(phone, other);
        assertNoLogin(row, await row.logIn({ ...begun, profileId: other }));
        const stranger = await registerPhone(server());
        await beginProfile(stranger, begun.profileId);
        assertNoLogin(row, await row.logIn({ ...begun, phone: stranger }));
      });

      it("ends when the profile is registered again (D-15)", async () => {
        const begun = await begin(row);
        const again = await beginProfile(phone, begun.profileId);
        assertNoLogin(row, await row.logIn(begun));
        const after = await listed(again.access_token, row.id);
        assert.equal(after?.registered, !row.register);
      });
    });
  }

  for (const row of registrable) {
    const register = async (token: string | undefined): Promise<HttpAnswer> => {
      const answer = await row.register?.(server(), token);
      assert(answer);
      return answer;
    };

    describe(`of registering ${row.id}`, () => {
      it("takes a second registration in place of the first", async () => {
        const begun = await begin(row);
        const again = await register(begun.token);
        assert.equal(again.status, 200, again.text);
        const key = row.keyOf(again.json);
        if (begun.key !== key) assertNoLogin(row, await row.logIn(begun));
        // A wrong fingerprint ends its registration, so it is had a third time.
        const third = await register(begun.token);
        tokensOf(await row.logIn({ ...begun, key: row.keyOf(third.json) }));
      });

      for (const [which, tokenOf] of strangersTo()) {
        it(`refuses ${which} (D-40, SEC-52)`, async () => {
          const answer = await register(await tokenOf());
          assertRefused(answer, 401, "invalid_token");
        });
      }

      for (const first of rows) {
        const verdict = first.vouches ? "is enough after" : "is refused after";
        it(`${verdict} a login with ${first.id} (D-40, SEC-52)`, async () => {
          const begun = await begin(first);
          const { access_token } = tokensOf(await first.logIn(begun));
          const answer = await register(access_token);
          if (first.vouches) assert.equal(answer.status, 200, answer.text);
          else assertRefused(answer, 403, "fresh_authentication_required");
        });
      }

      it("is refused after an implicit authentication (D-40, D-65)", async () => {
        const profileId = profileName();
        await beginProfile(phone, profileId);
        const attempt = { server: server(), phone, profileId, key: "" };
        const { access_token } = tokensOf(await implicit.logIn(attempt));
        assert.equal(await amrOf(access_token), implicit.tokenType);
        const answer = await register(access_token);
        assertRefused(answer, 403, "fresh_authentication_required");
      });

      it("is refused when the login is not recent, until the next one (D-40)", async () => {
        const hasty = await registerPhone(server(), "hasty");
        const profileId = profileName();
        const { access_token, refresh_token = "" } = await beginProfile(hasty, profileId);
        await sleep(2100);
        const late = await register(access_token);
        assertRefused(late, 403, "fresh_authentication_required");
        const again = tokensOf(await hasty.refresh(refresh_token, { profile_id: profileId }));
        assert.equal((await register(again.access_token)).status, 200);
      });
    });

    describe(`of deregistering ${row.id}`, () => {
      const deregister = (token: string | undefined) =>
        deregisterAuthenticator(server(), token, row.id);
      const assertGone = async (token: string): Promise<void> => {
        const answer = await deregister(token);
        assert.deepEqual([answer.status, answer.text], [204, ""]);
      };

      it("ends it, however often it is done (D-44)", async () => {
        const begun = await begin(row);
        await assertGone(begun.token);
        assert.equal((await listed(begun.token, row.id))?.registered, false);
        assertNoLogin(row, await row.logIn(begun));
        await assertGone(begun.token);
        const never = await beginProfile(phone, profileName());
        await assertGone(never.access_token);
      });

      it("asks for no recent login (D-44)", async () => {
        const hasty = await registerPhone(server(), "hasty");
        const { token } = await begin(row, hasty);
        await sleep(2100);
        await assertGone(token);
      });

      it("leaves the user's other authenticators (D-44)", async () => {
        const begun = await begin(row);
        for (const other of registrable) {
          if (other.id !== row.id) await other.register?.(server(), begun.token);
        }
        await assertGone(begun.token);
        const answer = await listAuthenticators(server(), begun.token);
        const left = rows.filter(({ id }) => listedIn(answer, id)?.registered);
        assert.deepEqual(
          left.map(({ id }) => id),
          rows.map(({ id }) => id).filter((id) => id !== row.id),
        );
      });

      it("leaves other profiles, users and installations alone (SEC-52)", async () => {
        const begun = await begin(row);
        const others = [
          await begin(row),
          await begin(row, phone, "bob"),
          await begin(row, await registerPhone(server()), "alice", begun.profileId),
        ];
        await assertGone(begun.token);
        for (const other of others) tokensOf(await row.logIn(other));
      });

      it("lets the user register again (D-44)", async () => {
        const begun = await begin(row);
        await assertGone(begun.token);
        const again = await register(begun.token);
        tokensOf(await row.logIn({ ...begun, key: row.keyOf(again.json) }));
      });

      for (const [which, tokenOf] of strangersTo()) {
        it(`refuses ${which} (D-40, SEC-52)`, async () => {
          assertRefused(await deregister(await tokenOf()), 401, "invalid_token");
        });
      }
    });
  }

  /** Access tokens that prove no user of a profile. */
  function strangersTo(): [string, () => Promise<string | undefined>][] {
    return [
      ["a call without an access token", async () => undefined],
      ["an unknown access token", async () => noKey()],
      ["a refresh token", async () => (await beginProfile(phone, profileName())).refresh_token],
      [
        "a revoked access token",
        async () => {
          const { access_token } = await beginProfile(phone, profileName());
          await phone.revoke(access_token);
          return access_token;
        },
      ],
      [
        "the access token of a profile that was registered again",
        async () => {
          const profileId = profileName();
          const { access_token } = await beginProfile(phone, profileId);
          await beginProfile(phone, profileId);
          return access_token;
        },
      ],
      [
        "an access token of a web application",
        async () => {
          const web = keyClient(server(), "web", usual.keys.web);
          return tokensOf(await web.complete("puppet", { data: letIn("alice") })).access_token;
        },
      ],
      [
        "an access token without a profile",
        async () =>
          tokensOf(
            await phone.complete("puppet", {
              data: letIn("alice"),
              grant_type: "urn:onewelcome:oauth2:grant_type:stateless_authentication",
            }),
          ).access_token,
      ],
      [
        "a client's own access token",
        async () =>
          tokensOf(await phone.token({ grant_type: "client_credentials", scope: "ping" }))
            .access_token,
      ],
    ];
  }

  describe("of the PIN", () => {
    it("refuse to register or deregister it, whatever the login (D-44)", async () => {
      const { access_token } = await beginProfile(phone, profileName());
      const answers = [
        await registerAuthenticator(server(), access_token, "pin"),
        await deregisterAuthenticator(server(), access_token, "pin"),
      ];
      for (const answer of answers) assertRefused(answer, 409, "authenticator_fixed");
    });
  });
});
