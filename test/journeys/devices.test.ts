// An app installation from its configuration to its end, and who else may end what is on it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { putSetup } from "../support/administrator.ts";
import type { Deviation } from "../support/assertions.ts";
import { assertionOf, newKey } from "../support/assertions.ts";
import type { KeyClient, Portal } from "../support/client.ts";
import { keyClient, portal, registerPhone, tokensOf } from "../support/client.ts";
import { devicesOf, loginsOf } from "../support/end_user.ts";
import { basic } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { letIn, secrets, usualSetup } from "../support/usual_setup.ts";
import type { Ask } from "./doors.ts";
import type { Way } from "./two_doors.ts";
import { ways } from "./two_doors.ts";

const noClient = "invalid_client";
const noToken = "invalid_token";

describe("app installations", function () {
  this.timeout(30_000);
  let usual: UsualSetup;
  let resource: Portal;
  let count = 0;
  const server = serverFor(async () => {
    usual = await usualSetup();
    return usual;
  });
  before(() => {
    resource = portal(server(), "portal", secrets.portal);
  });

  const bearer = async (phone: KeyClient, deviation?: Deviation): Promise<string> =>
    `Bearer ${await assertionOf(phone, deviation)}`;
  const login = async (phone: KeyClient, userId: string, given?: string) => {
    count += 1;
    const profile_id = given ?? `DEVI${String(count).padStart(2, "0")}`;
    const tokens = tokensOf(await phone.complete("puppet", { data: letIn(userId), profile_id }));
    return { ...tokens, profile_id, refresh_token: tokens.refresh_token ?? "" };
  };
  const isActive = async (token: string): Promise<boolean> =>
    (await resource.introspect(token)).json.active === true;

  for (const way of ways) {
    const ask = async (
      method: Ask["method"],
      authorization: string | undefined,
      message: Ask["message"] = {},
    ) =>
      way.ask(server(), {
        method,
        message,
        ...(authorization === undefined ? {} : { authorization }),
      });

    describe(`over ${way.name}`, () => {
      it("learn what their application is set up to (D-65)", async () => {
        const phone = await registerPhone(server());
        const { word, json } = await ask("getAppConfiguration", await bearer(phone));
        assert.equal(word, undefined);
        const { identity_providers, authenticators, pin_policy, ...rest } = json;
        assert.deepEqual(
          (identity_providers as { id: string }[]).map(({ id }) => id),
          ["puppet", "mirror", "steps", "other-steps", "mirror-steps", "silent"],
        );
        assert.deepEqual((identity_providers as unknown[])[2], {
          id: "steps",
          name: "steps",
          type: "CUSTOM_API_TWO_STEP",
        });
        assert.deepEqual(
          (authenticators as { id: string }[]).map(({ id }) => id),
          ["voice", "shown", "halves"],
        );
        // Over gRPC what is empty is absent, and generated clients give it back.
        const {
          sequences_allowed = false,
          blocked = [],
          ...policy
        } = pin_policy as Record<string, unknown>;
        assert.deepEqual(policy, { name: "default", length: 5, max_similar_digits: 3 });
        assert.deepEqual([sequences_allowed, blocked], [false, []]);
        const { mobile_authentication = false, ...told } = rest;
        assert.deepEqual(told, {
          application: "app",
          version_status: "LOGIN_REGISTRATION",
          max_pin_failures: 5,
        });
        assert.equal(mobile_authentication, true);
      });

      it("say what changed about them; the rest stays", async () => {
        const userId = `update ${way.name}`;
        const phone = await registerPhone(server(), "app", {
          device_name: "Ann's phone 📱",
          device_platform: "android",
          device_model: "Nexus",
        });
        const { access_token } = await login(phone, userId);
        const change = { softwareVersion: "1.1", deviceOsVersion: "8.0.0" };
        assert.equal((await ask("updateDevice", await bearer(phone), change)).word, undefined);
        const inBody = {
          deviceName: "Der Ännchen ihrs",
          clientAssertionType: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          clientAssertion: await assertionOf(phone),
        };
        assert.equal((await ask("updateDevice", undefined, inBody)).word, undefined);
        assert.equal((await ask("updateDevice", await bearer(phone))).word, undefined);
        const [device] = await devicesOf(server(), userId);
        assert(device);
        const { id, name, platform, model, osVersion } = device;
        assert.deepEqual(
          { id, name, platform, model, osVersion },
          {
            id: phone.clientId,
            name: "Der Ännchen ihrs",
            platform: "android",
            model: "Nexus",
            osVersion: "8.0.0",
          },
        );
        assert.equal((await resource.introspect(access_token)).json.app_version, "1.1");
        const both = { ...inBody, clientAssertion: await assertionOf(phone) };
        const twice = await ask("updateDevice", await bearer(phone), both);
        assert.equal(twice.word, "invalid_request");
      });

      it("refuse names with control characters and over-long ones (SEC-79)", async () => {
        const phone = await registerPhone(server());
        for (const change of [
          { deviceName: "a\u0000b" },
          { softwareVersion: "1\n2" },
          { deviceModel: "x".repeat(129) },
          { deviceOsVersion: "x".repeat(65) },
        ]) {
          const end = await ask("updateDevice", await bearer(phone), change);
          assert.equal(end.word, "invalid_request", JSON.stringify(change));
        }
      });

      it("end with all their profiles, after which nobody knows them (SEC-85)", async () => {
        const [ann, bob] = [`ann ends ${way.name}`, `bob ends ${way.name}`];
        const [phone, other] = [await registerPhone(server()), await registerPhone(server())];
        const gone = [await login(phone, ann), await login(phone, ann), await login(phone, bob)];
        const kept = await login(other, ann);
        const unused = await bearer(phone);
        assert.equal((await ask("deleteDevice", await bearer(phone))).word, undefined);
        for (const { access_token } of gone) assert.equal(await isActive(access_token), false);
        assert.equal(await isActive(kept.access_token), true);
        assert.deepEqual(
          (await devicesOf(server(), ann)).map(({ id }) => id),
          [other.clientId],
        );
        assert.deepEqual(await devicesOf(server(), bob), []);
        assert.deepEqual(await loginsOf(server(), bob), []);
        const attempts: [Ask["method"], Ask["message"]?][] = [
          ["getAppConfiguration"],
          ["updateDevice"],
          ["deleteDevice"],
          ["deleteProfile", { profileId: gone[0]?.profile_id }],
        ];
        for (const [method, message] of attempts) {
          const end = await ask(method, await bearer(phone), message);
          assert.equal(end.word, noClient, method);
        }
        assert.equal((await ask("deleteDevice", unused)).word, noClient);
        const again = await phone.complete("puppet", { data: letIn(ann), profile_id: "AGAIN1" });
        assert.deepEqual([again.status, again.json.error], [400, "invalid_client"]);
      });

      it("are ended once by many calls at once", async () => {
        const phone = await registerPhone(server());
        await login(phone, "many");
        const headers = await Promise.all(Array.from({ length: 6 }, () => bearer(phone)));
        const ends = await Promise.all(headers.map((header) => ask("deleteDevice", header)));
        assert.equal(ends.filter(({ word }) => word === undefined).length, 1);
        assert.equal(ends.filter(({ word }) => word === noClient).length, 5);
      });

      it("end any of their profiles, again and again alike", async () => {
        const userId = `profiles ${way.name}`;
        const phone = await registerPhone(server());
        const first = await login(phone, userId);
        const second = await login(phone, userId);
        const end = async (profileId: string) =>
          (await ask("deleteProfile", await bearer(phone), { profileId })).word;
        assert.equal(await end(first.profile_id), undefined);
        assert.equal(await isActive(first.access_token), false);
        assert.equal(await isActive(second.access_token), true);
        const { refresh_token, profile_id } = first;
        assert.equal((await phone.refresh(refresh_token, { profile_id })).status, 400);
        assert.equal(await end(first.profile_id), undefined);
        assert.equal(await end("NEVER1"), undefined);
        assert.equal(await end("x".repeat(256)), undefined);
        assert.equal(await end("x".repeat(257)), "invalid_request");
        assert.equal(await end("a\u0000b"), "invalid_request");
        assert.equal((await devicesOf(server(), userId)).length, 1);
        assert.equal(await end(second.profile_id), undefined);
        assert.deepEqual(await devicesOf(server(), userId), []);
        tokensOf(await phone.complete("puppet", { data: letIn("other"), profile_id }));
      });

      it("leave other installations' profiles of the same id alone (SEC-84)", async () => {
        const [phone, other] = [await registerPhone(server()), await registerPhone(server())];
        const foreign = await login(other, "ann", "SAMEID");
        const message = { profileId: "SAMEID" };
        assert.equal((await ask("deleteProfile", await bearer(phone), message)).word, undefined);
        assert.equal(await isActive(foreign.access_token), true);
      });

      it("let a user's access token end its own profile and no other (SEC-84)", async () => {
        const phone = await registerPhone(server());
        const other = await registerPhone(server());
        const own = await login(phone, "ann");
        const others = [
          await login(phone, "ann"),
          await login(phone, "bob"),
          await login(other, "ann"),
        ];
        const web = await keyClient(server(), "web", usual.keys.web).complete("puppet", {
          data: letIn("ann"),
        });
        const end = async (token: string, profileId: string) =>
          (await ask("deleteProfile", `Bearer ${token}`, { profileId })).word;
        for (const { profile_id } of [...others, { profile_id: "NEVER1" }]) {
          assert.equal(await end(own.access_token, profile_id), noToken);
        }
        for (const { access_token } of others) {
          assert.equal(await end(access_token, own.profile_id), noToken);
        }
        assert.equal(await end(tokensOf(web).access_token, own.profile_id), noToken);
        assert.equal(await end(own.refresh_token, own.profile_id), noToken);
        for (const { access_token } of [own, ...others]) {
          assert.equal(await isActive(access_token), true);
        }
        assert.equal(await end(own.access_token, own.profile_id), undefined);
        assert.equal(await isActive(own.access_token), false);
        for (const { access_token } of others) assert.equal(await isActive(access_token), true);
        assert.equal(await end(own.access_token, own.profile_id), noToken);
      });

      it("are not believed with anything but a fresh assertion of their own (SEC-14)", async () => {
        const phone = await registerPhone(server());
        const { access_token, profile_id } = await login(phone, "ann");
        const machine = keyClient(server(), "machine", usual.keys.machine);
        const used = await bearer(phone);
        assert.equal((await ask("getAppConfiguration", used)).word, undefined);
        const wrong: [string, string | undefined][] = [
          ["nothing", undefined],
          ["a used assertion", used],
          ["another key", await bearer(phone, { key: await newKey() })],
          ["an expired assertion", await bearer(phone, { claims: { exp: 1_600_000_000 } })],
          ["another audience", await bearer(phone, { claims: { aud: "https://example.com" } })],
          ["an unknown client", await bearer({ ...phone, clientId: randomUUID() })],
          ["an API client", await bearer(machine)],
          ["a web application", await bearer(keyClient(server(), "web", usual.keys.web))],
          ["a secret", basic("portal", secrets.portal)],
          ["another scheme", "Digest abc"],
        ];
        for (const method of ["getAppConfiguration", "updateDevice", "deleteDevice"] as const) {
          for (const [which, authorization] of wrong) {
            assert.equal((await ask(method, authorization)).word, noClient, `${method} ${which}`);
          }
          assert.equal((await ask(method, `Bearer ${access_token}`)).word, noClient, method);
        }
        for (const [which, authorization] of wrong) {
          const end = await ask("deleteProfile", authorization, { profileId: profile_id });
          assert.equal(end.word, noClient, which);
        }
        for (const authorization of ["Bearer", "Basic !!", "Bearer a b"]) {
          const end = await ask("deleteProfile", authorization, { profileId: profile_id });
          assert.equal(end.word, "invalid_request", authorization);
        }
        assert.equal(await isActive(access_token), true);
      });
    });
  }
});

describe("the configuration of apps", function () {
  this.timeout(30_000);
  const server = serverFor(usualSetup);

  const configurationOf = async (phone: KeyClient, way = ways[0] as Way) =>
    (
      await way.ask(server(), {
        method: "getAppConfiguration",
        message: {},
        authorization: `Bearer ${await assertionOf(phone)}`,
      })
    ).json;

  it("are told the PIN policy of their application, or the operator's default", async () => {
    const setup = (more: object, policies: object[]) =>
      putSetup(server(), { applications: [{ id: "pins", ...more }], pin_policies: policies });
    const byDefault = { id: "default", length: 6, blocked: ["123456"] };
    const strict = { id: "strict", length: 8, max_similar_digits: 2, sequences_allowed: true };
    assert.equal((await setup({ max_pin_attempts: 0 }, [])).status, 200);
    const phone = await registerPhone(server(), "pins");
    const { pin_policy: none, max_pin_failures } = await configurationOf(phone);
    assert.deepEqual([(none as { name: string }).name, max_pin_failures], ["default", 0]);
    await setup({ mobile_authentication: true }, [byDefault, strict]);
    const first = await configurationOf(phone);
    assert.deepEqual(first.pin_policy, {
      name: "default",
      length: 6,
      max_similar_digits: 3,
      sequences_allowed: false,
      blocked: ["123456"],
    });
    assert.equal(first.mobile_authentication, true);
    await setup({ pin_policy: "strict" }, [byDefault, strict]);
    assert.deepEqual((await configurationOf(phone)).pin_policy, {
      name: "strict",
      length: 8,
      max_similar_digits: 2,
      sequences_allowed: true,
      blocked: [],
    });
  });

  it("are offered no custom authenticators while these are switched off", async () => {
    const phone = await registerPhone(server());
    const switched = (custom_authenticators: boolean) =>
      putSetup(server(), { features: { custom_authenticators } });
    assert.equal((await switched(false)).status, 200);
    assert.deepEqual((await configurationOf(phone)).authenticators, []);
    assert.equal((await switched(true)).status, 200);
    assert.notDeepEqual((await configurationOf(phone)).authenticators, []);
  });
});
