// What a portal shows and ends of users' devices and logins: everything of one user, nothing of any
// other.
import assert from "node:assert/strict";
import { services } from "../../proto/contract.ts";
import { asAdmin, putSetup, setupUrl } from "../support/administrator.ts";
import { assertionOf } from "../support/assertions.ts";
import type { KeyClient, Portal } from "../support/client.ts";
import { assertRefused, keyClient, portal, registerPhone, tokensOf } from "../support/client.ts";
import { asHelpdesk, devicesOf, endLogin, loginsOf } from "../support/end_user.ts";
import { basic, send } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";
import type { Ask } from "./doors.ts";
import { ways } from "./two_doors.ts";

const second = {
  id: "second",
  name: "Second App",
  identity_providers: ["puppet"],
  scopes: ["read", "write"],
  default_scopes: ["read"],
};

const methods = services.find(({ name }) => name === "EndUserService")?.methods ?? [];

describe("the end-user API", function () {
  this.timeout(30_000);
  let usual: UsualSetup;
  let resource: Portal;
  let web: KeyClient;
  let count = 0;
  const server = serverFor(async () => {
    usual = await usualSetup();
    const { setup } = usual;
    return { ...usual, setup: { ...setup, applications: [...setup.applications, second] } };
  });
  before(() => {
    resource = portal(server(), "portal", secrets.portal);
    web = keyClient(server(), "web", usual.keys.web);
  });

  const unique = (name: string): string => {
    count += 1;
    return `${name}-${count}`;
  };
  const newProfile = (): string => {
    count += 1;
    return `EU${String(count).padStart(4, "0")}`;
  };
  const login = async (client: KeyClient, userId: string, more: object = {}) => {
    const body = { data: letIn(userId), profile_id: newProfile(), ...more };
    const tokens = tokensOf(await client.complete("puppet", body));
    return { ...tokens, profile_id: body.profile_id };
  };
  const isActive = async (token: string): Promise<boolean> =>
    (await resource.introspect(token)).json.active === true;
  const bothOf = async (userId: string) => ({
    devices: await devicesOf(server(), userId),
    logins: await loginsOf(server(), userId),
  });
  const none = { devices: [], logins: [] };

  for (const way of ways) {
    const ask = (method: Ask["method"], message: Ask["message"], header = asHelpdesk) =>
      way.ask(server(), { method, message, authorization: header.authorization });

    describe(`over ${way.name}`, () => {
      it("lists the devices that a user registered with, newest first", async () => {
        const userId = unique("ann");
        const old = await registerPhone(server(), "second", {
          device_name: "Ann's phone 📱",
          device_platform: "ios",
          device_model: "X",
          device_os_version: "17",
        });
        const young = await registerPhone(server());
        await login(young, userId);
        await login(old, userId);
        await login(old, userId);
        await login(web, userId);
        const { json } = await ask("listDevices", { userId });
        const [first, other, ...more] = json.devices as Record<string, unknown>[];
        assert.deepEqual(more, []);
        assert(first && other);
        assert.deepEqual([first.id, first.application], [young.clientId, "app"]);
        const { createdAt, lastLogin, mobileAuthenticationEnabled = false, ...told } = other;
        const { pushAuthenticationEnabled = false, ...rest } = told;
        assert.deepEqual(rest, {
          id: old.clientId,
          name: "Ann's phone 📱",
          application: "Second App",
          model: "X",
          platform: "ios",
          osVersion: "17",
          tokenTypes: ["DEFAULT"],
        });
        assert.deepEqual([mobileAuthenticationEnabled, pushAuthenticationEnabled], [false, false]);
        for (const time of [createdAt, lastLogin]) {
          assert.ok(Number.isInteger(time) && Math.abs(Number(time) - Date.now()) < 60_000);
        }
      });

      it("lists the logins of a user, those of web applications too, newest first", async () => {
        const userId = unique("ann");
        const phone = await registerPhone(server(), "second", { device_name: "mine" });
        await login(phone, userId, { scope: ["write", "read"] });
        await login(web, userId);
        await login(await registerPhone(server(), "strict"), userId, { scope: ["read"] });
        const { json } = await ask("listTokens", { userId });
        const tokens = json.tokens as Record<string, unknown>[];
        const shown = tokens.map(({ id, created_at, expired = false, ...rest }) => {
          assert.match(String(id), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
          assert.ok(Math.abs(Number(created_at) - Date.now()) < 60_000);
          assert.equal(expired, false);
          return { refresh_token_issued: false, ...rest };
        });
        const usual = { type: "DEFAULT", scopes: ["read"] };
        assert.deepEqual(shown, [
          { ...usual, client_name: "strict", refresh_token_issued: false },
          { ...usual, client_name: "web", refresh_token_issued: true },
          {
            ...usual,
            client_name: "Second App",
            device_name: "mine",
            scopes: ["write", "read"],
            refresh_token_issued: true,
          },
        ]);
        assert.equal((await devicesOf(server(), userId)).length, 2);
      });

      it("shows the newest access token of a login, one entry however often it goes on", async () => {
        const userId = unique("ann");
        const phone = await registerPhone(server());
        const { profile_id, refresh_token = "" } = await login(phone, userId, {
          scope: ["read", "write"],
        });
        const [before] = await loginsOf(server(), userId);
        tokensOf(await phone.refresh(refresh_token, { profile_id, scope: "write" }));
        const [now, ...others] = await loginsOf(server(), userId);
        assert.deepEqual(others, []);
        assert.equal(now?.id, before?.id);
        assert.deepEqual([before?.scopes, now?.scopes], [["read", "write"], ["write"]]);
        assert.ok(Number(now?.created_at) >= Number(before?.created_at));
      });

      it("ends a login with all its tokens, and only of its own user", async () => {
        const [ann, bob] = [unique("ann"), unique("bob")];
        const phone = await registerPhone(server());
        const own = await login(phone, ann);
        const kept = [await login(phone, ann), await login(phone, bob)];
        const own_id = (await loginsOf(server(), ann)).at(-1)?.id;
        const attempts = [
          { userId: bob, tokenId: own_id },
          { userId: ann.toUpperCase(), tokenId: own_id },
          { userId: ann, tokenId: "nothing/at%2Fall ÄÖ😀" },
        ];
        for (const message of attempts) {
          assert.equal((await ask("deleteToken", message)).word, undefined);
        }
        assert.equal(await isActive(own.access_token), true);
        assert.equal((await ask("deleteToken", { userId: ann, tokenId: own_id })).word, undefined);
        assert.equal((await ask("deleteToken", { userId: ann, tokenId: own_id })).word, undefined);
        assert.equal(await isActive(own.access_token), false);
        const { refresh_token = "", profile_id } = own;
        assert.equal((await phone.refresh(refresh_token, { profile_id })).status, 400);
        for (const { access_token } of kept) assert.equal(await isActive(access_token), true);
        assert.equal((await devicesOf(server(), ann)).length, 1);
      });

      it("takes a user off a device with every profile; others stay on it", async () => {
        const [ann, bob] = [unique("ann"), unique("bob")];
        const [phone, other] = [await registerPhone(server()), await registerPhone(server())];
        const gone = [await login(phone, ann), await login(phone, ann)];
        const kept = [await login(other, ann), await login(phone, bob), await login(web, ann)];
        const before = await bothOf(bob);
        const remove = () => ask("deleteUserDevice", { userId: ann, deviceId: phone.clientId });
        assert.equal((await remove()).word, undefined);
        assert.equal((await remove()).word, undefined);
        for (const { access_token } of gone) assert.equal(await isActive(access_token), false);
        for (const { access_token } of kept) assert.equal(await isActive(access_token), true);
        assert.deepEqual(await bothOf(bob), before);
        assert.deepEqual(
          (await devicesOf(server(), ann)).map(({ id }) => id),
          [other.clientId],
        );
        // The app is still installed: the user may register again.
        await login(phone, ann);
        assert.equal((await devicesOf(server(), ann)).length, 2);
      });

      it("takes a user off some devices, off all, and off those that are not there", async () => {
        const ann = unique("ann");
        const phones = [
          await registerPhone(server()),
          await registerPhone(server(), "second"),
          await registerPhone(server()),
        ] as const;
        const [one, two, three] = phones;
        const logins = [];
        for (const phone of phones) logins.push(await login(phone, ann));
        const website = await login(web, ann);
        const selected = [two.clientId, "unknown ÄÖ😀/%2F", one.clientId, "web"];
        const some = await ask("deleteSelectedDevices", { userId: ann, delete: selected });
        assert.equal(some.word, undefined);
        const left = async () => (await devicesOf(server(), ann)).map(({ id }) => id);
        assert.deepEqual(await left(), [three.clientId]);
        assert.deepEqual(
          await Promise.all(logins.map(({ access_token }) => isActive(access_token))),
          [false, false, true],
        );
        assert.equal((await ask("deleteUserDevices", { userId: ann })).word, undefined);
        assert.equal((await ask("deleteUserDevices", { userId: ann })).word, undefined);
        assert.deepEqual(await left(), []);
        assert.equal(await isActive(logins[2]?.access_token ?? ""), false);
        assert.equal(await isActive(website.access_token), true);
        assert.equal((await ask("listDevices", { userId: ann })).word, "not_found");
      });

      it("answers alike for what it disables in vain, and leaves the login alone", async () => {
        const ann = unique("ann");
        const phone = await registerPhone(server());
        await login(phone, ann);
        const before = await bothOf(ann);
        for (const method of [
          "disableFingerprint",
          "disableMobileAuthentication",
          "disablePushAuthentication",
        ] as const) {
          for (const deviceId of [phone.clientId, "nothing", web.clientId]) {
            assert.equal((await ask(method, { userId: ann, deviceId })).word, undefined);
          }
        }
        assert.deepEqual(await bothOf(ann), before);
      });

      it("takes users by their very bytes, whatever these are", async () => {
        const base = unique("u");
        const ids = [
          base,
          base.toUpperCase(),
          `${base} `,
          ` ${base}`,
          `${base}/devices`,
          `${base}%2Fdevices`,
          `${base}?x=1#y`,
          `${base}+b&c=d;e`,
          `ÄÖß ${base}`,
          `ÄÖß ${base}`.normalize("NFD"),
          `😀${base}👩‍👩‍👧`,
          `../${base}/..`,
          `"${base}'\\--`,
          "x".repeat(256 - base.length) + base,
          "😀".repeat(200) + base,
        ];
        const phone = await registerPhone(server());
        const logins = new Map<string, string>();
        for (const userId of ids) logins.set(userId, (await login(phone, userId)).access_token);
        for (const userId of ids) {
          const devices = (await ask("listDevices", { userId })).json.devices as object[];
          assert.equal(devices.length, 1, userId);
          const tokens = (await ask("listTokens", { userId })).json.tokens as object[];
          assert.equal(tokens.length, 1, userId);
        }
        for (const [index, userId] of ids.entries()) {
          const end = await ask("deleteUserDevice", { userId, deviceId: phone.clientId });
          assert.equal(end.word, undefined, userId);
          for (const [at, other] of ids.entries()) {
            assert.equal(await isActive(logins.get(other) ?? ""), at > index, `${userId} ${other}`);
          }
        }
      });

      const strangers: [string, () => Promise<string | undefined>, string][] = [
        ["nothing", async () => undefined, "unauthorized"],
        ["a wrong secret", async () => basic("helpdesk", "another-secret"), "unauthorized"],
        ["an unknown client", async () => basic("nobody", secrets.helpdesk), "unauthorized"],
        [
          "a client that is no API client",
          async () => basic("web-v1", secrets["web-v1"]),
          "unauthorized",
        ],
        [
          "a web application's assertion",
          async () => `Bearer ${await assertionOf(web)}`,
          "unauthorized",
        ],
        ["an access token", async () => `Bearer ${"A".repeat(64)}`, "unauthorized"],
        ["another scheme", async () => "Digest abc", "unauthorized"],
        ["no permission", async () => basic("viewer", secrets.viewer), "insufficient_permissions"],
        [
          "no permission, by an assertion",
          async () =>
            `Bearer ${await assertionOf(keyClient(server(), "machine", usual.keys.machine))}`,
          "insufficient_permissions",
        ],
        ["a header that is none", async () => "Basic !!", "invalid_request"],
      ];
      for (const { localName } of methods) {
        it(`keeps ${localName} from everybody else (SEC-14)`, async () => {
          const ann = unique("ann");
          const phone = await registerPhone(server());
          await login(phone, ann);
          const before = await bothOf(ann);
          const message = {
            userId: ann,
            deviceId: phone.clientId,
            tokenId: before.logins[0]?.id,
            delete: [phone.clientId],
          };
          for (const [which, make, word] of strangers) {
            const authorization = await make();
            const end = await way.ask(server(), {
              method: localName as Ask["method"],
              message,
              ...(authorization === undefined ? {} : { authorization }),
            });
            assert.equal(end.word, word, which);
          }
          assert.deepEqual(await bothOf(ann), before);
        });
      }

      it("refuses ids that can be nobody's, for every method (SEC-79)", async () => {
        const ids = ["a\u0000b", "a\nb", "\u007f", "x".repeat(257), "😀".repeat(257)];
        const fine = { userId: "ann", deviceId: "d", tokenId: "t", delete: ["d"] };
        for (const { localName, input } of methods) {
          for (const { localName: field } of input.fields) {
            for (const id of ids) {
              const message = { ...fine, [field]: field === "delete" ? [id] : id };
              const end = await ask(localName as Ask["method"], message);
              assert.equal(end.word, "invalid_request", `${localName} ${field}`);
            }
          }
        }
      });

      it("refuses lists of devices that are empty, too long, or name one twice", async () => {
        const ann = unique("ann");
        const phone = await registerPhone(server());
        await login(phone, ann);
        const { clientId } = phone;
        const long = Array.from({ length: 1001 }, (_, index) => `d${index}`);
        for (const list of [[], [""], [clientId, ""], [clientId, clientId], [clientId, ...long]]) {
          const end = await ask("deleteSelectedDevices", { userId: ann, delete: list });
          assert.equal(end.word, "invalid_request", `${list.length} devices`);
        }
        assert.equal((await devicesOf(server(), ann)).length, 1);
        const most = [...long.slice(0, 999), clientId];
        const end = await ask("deleteSelectedDevices", { userId: ann, delete: most });
        assert.equal(end.word, undefined);
        assert.deepEqual(await bothOf(ann), none);
      });
    });
  }

  describe("with ids of another user, client or application (SEC-84)", () => {
    /** Two users on two clients of two applications, each with two profiles, and a web login each. */
    const populated = async () => {
      const users = [unique("ann"), unique("bob")] as const;
      const phones = [
        await registerPhone(server()),
        await registerPhone(server()),
        await registerPhone(server(), "second"),
        await registerPhone(server(), "second"),
      ];
      const alone = await registerPhone(server());
      const tokens: { userId: string; clientId: string; token: string }[] = [];
      const enter = async (client: KeyClient, userId: string) => {
        const { access_token: token } = await login(client, userId);
        tokens.push({ userId, clientId: client.clientId, token });
      };
      for (const userId of users) {
        for (const phone of [...phones, ...phones, web]) await enter(phone, userId);
      }
      await enter(alone, users[1]);
      return { ann: users[0], bob: users[1], phones, alone, tokens };
    };
    type Populated = Awaited<ReturnType<typeof populated>>;

    const snapshot = async ({ ann, bob, tokens }: Populated) => ({
      ann: await bothOf(ann),
      bob: await bothOf(bob),
      live: await Promise.all(
        tokens.map(async ({ token }) => JSON.stringify((await resource.introspect(token)).json)),
      ),
    });
    type Call = (all: Populated, logins: readonly string[]) => Ask;
    const api = (method: Ask["method"], message: Ask["message"]): Ask => ({
      method,
      message,
      ...asHelpdesk,
    });

    // Of Ann with what is Bob's: nothing changes at all.
    const vain: [string, Call][] = [
      ["deleteToken", ({ ann }, [id]) => api("deleteToken", { userId: ann, tokenId: id })],
      [
        "deleteUserDevice",
        ({ ann, alone }) => api("deleteUserDevice", { userId: ann, deviceId: alone.clientId }),
      ],
      [
        "deleteUserDevice of a web application",
        ({ ann }) => api("deleteUserDevice", { userId: ann, deviceId: "web" }),
      ],
      [
        "deleteSelectedDevices",
        ({ ann, alone }) =>
          api("deleteSelectedDevices", { userId: ann, delete: [alone.clientId, "web", "none"] }),
      ],
      [
        "disableFingerprint",
        ({ ann, alone }) => api("disableFingerprint", { userId: ann, deviceId: alone.clientId }),
      ],
      [
        "disableMobileAuthentication",
        ({ ann, alone }) =>
          api("disableMobileAuthentication", { userId: ann, deviceId: alone.clientId }),
      ],
      [
        "disablePushAuthentication",
        ({ ann, alone }) =>
          api("disablePushAuthentication", { userId: ann, deviceId: alone.clientId }),
      ],
      [
        "deleteUserDevices of a user with a like id",
        ({ ann }) => api("deleteUserDevices", { userId: `${ann} ` }),
      ],
    ];
    it("changes nothing at all", async () => {
      const all = await populated();
      const before = await snapshot(all);
      assert.equal(before.ann.devices.length, 4);
      assert.equal(before.bob.logins.length, 10);
      const bobs = before.bob.logins.map(({ id }) => id);
      for (const way of ways) {
        for (const [which, call] of vain) {
          assert.equal((await way.ask(server(), call(all, bobs))).word, undefined, which);
          assert.deepEqual(await snapshot(all), before, which);
        }
      }
    });

    // Of Ann with what is hers as well as Bob's: Bob keeps all, Ann the rest.
    const taken: [string, Call, (all: Populated, clientId: string) => boolean][] = [
      [
        "deleteUserDevice",
        ({ ann, phones }) =>
          api("deleteUserDevice", { userId: ann, deviceId: phones[0]?.clientId }),
        ({ phones }, clientId) => clientId === phones[0]?.clientId,
      ],
      [
        "deleteSelectedDevices",
        ({ ann, phones, alone }) =>
          api("deleteSelectedDevices", {
            userId: ann,
            delete: [phones[1]?.clientId, alone.clientId, phones[2]?.clientId],
          }),
        ({ phones }, clientId) => [phones[1]?.clientId, phones[2]?.clientId].includes(clientId),
      ],
      [
        "deleteUserDevices",
        ({ ann }) => api("deleteUserDevices", { userId: ann }),
        (_, clientId) => clientId !== "web",
      ],
    ];
    for (const [which, call, isTaken] of taken) {
      it(`takes from one user alone by ${which}`, async () => {
        const all = await populated();
        const before = await snapshot(all);
        const [way] = ways;
        assert.equal((await way?.ask(server(), call(all, [])))?.word, undefined);
        const now = await snapshot(all);
        assert.deepEqual(now.bob, before.bob);
        assert.deepEqual(
          now.ann.devices,
          before.ann.devices.filter(({ id }) => !isTaken(all, id)),
        );
        for (const [index, { userId, clientId }] of all.tokens.entries()) {
          const isGone = userId === all.ann && isTaken(all, clientId);
          const expected = isGone ? JSON.stringify({ active: false }) : before.live[index];
          assert.equal(now.live[index], expected);
        }
        const kept = all.tokens.filter(
          ({ userId, clientId }) => userId === all.ann && !isTaken(all, clientId),
        );
        // Registering a second profile ended no login of the first.
        assert.equal(now.ann.logins.length, kept.length);
      });
    }

    it("ends one login and leaves all others", async () => {
      const all = await populated();
      const before = await snapshot(all);
      const [first] = before.ann.logins;
      assert.equal((await endLogin(server(), all.ann, first?.id ?? "")).status, 204);
      const now = await snapshot(all);
      assert.deepEqual(now.bob, before.bob);
      assert.deepEqual(now.ann.logins, before.ann.logins.slice(1));
      assert.deepEqual(now.ann.devices, before.ann.devices);
    });
  });

  it("shows names as they are set up now, and ids once what has them is removed", async () => {
    const userId = unique("ann");
    const third = { ...second, id: "third", name: "Third App" };
    assert.equal((await putSetup(server(), { applications: [third] })).status, 200);
    const phone = await registerPhone(server(), "third");
    const { access_token } = await login(phone, userId);
    const named = async () => {
      const { devices, logins } = await bothOf(userId);
      return [devices[0]?.application, logins[0]?.client_name];
    };
    assert.deepEqual(await named(), ["Third App", "Third App"]);
    const renamed = { ...third, name: "Renamed 📱" };
    assert.equal((await putSetup(server(), { applications: [renamed] })).status, 200);
    assert.deepEqual(await named(), ["Renamed 📱", "Renamed 📱"]);
    const removed = await send(`${setupUrl(server())}/applications/third`, {
      method: "DELETE",
      headers: asAdmin,
    });
    assert.equal(removed.status, 204, removed.text);
    assert.deepEqual(await named(), ["third", "third"]);
    const [way] = ways;
    const message = { userId, deviceId: phone.clientId };
    await way?.ask(server(), { method: "deleteUserDevice", message, ...asHelpdesk });
    assert.deepEqual(await bothOf(userId), none);
    assert.equal(await isActive(access_token), false);
  });

  it("answers 204 without a body, never to be stored, to calls without one", async () => {
    const at = (path: string): string => `${server().http}/oauth/api/v4/users/nobody/${path}`;
    const answers = [
      await endLogin(server(), "nobody", "nothing"),
      await send(at("devices/nothing/disableFingerprint"), { headers: asHelpdesk }),
      await send(at("devices"), { method: "DELETE", headers: asHelpdesk }),
    ];
    for (const { status, text, headers } of answers) {
      assert.deepEqual([status, text], [204, ""]);
      assert.equal(headers["cache-control"], "no-store");
    }
  });

  const strange = ['{"delete":["\\ud800"]}', '{"delete":[7]}', '{"delete":"d"}', "{}", "[]", "{"];
  for (const body of strange) {
    it(`refuses ${body} as a selection of devices (SEC-79)`, async () => {
      const headers = { "content-type": "application/json", ...asHelpdesk };
      const url = `${server().http}/oauth/api/v4/users/nobody/devices`;
      assertRefused(await send(url, { headers, body }), 400, "invalid_request");
    });
  }
});
