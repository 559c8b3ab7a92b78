// Versions of an app: what each status allows, and how a set-up that makes no sense is refused.
import assert from "node:assert/strict";
import { exportedSetup, putSetup } from "../support/administrator.ts";
import { assertionOf, newKey } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, registerPhone, tokensOf } from "../support/client.ts";
import { postJson } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, usualSetup } from "../support/usual_setup.ts";
import type { End } from "./two_doors.ts";
import { ways } from "./two_doors.ts";

const disabled = "application_version_disabled";

describe("versions of an app", function () {
  this.timeout(30_000);
  const server = serverFor(usualSetup);
  let count = 0;
  const newProfile = (): string => {
    count += 1;
    return `VERS${String(count).padStart(2, "0")}`;
  };

  const register = async (software_version?: string, device_platform?: string) =>
    postJson(`${server().http}/oauth/register`, {
      software_id: "released",
      software_version,
      device_platform,
      jwks: { keys: [(await newKey()).publicJwk] },
    });
  const newPhone = () => registerPhone(server(), "released", { software_version: "3.0" });
  const asking = (phone: KeyClient, way = ways[0]) => {
    assert(way);
    const bearer = async () => `Bearer ${await assertionOf(phone)}`;
    return {
      configuration: async (): Promise<End> =>
        way.ask(server(), {
          method: "getAppConfiguration",
          message: {},
          authorization: await bearer(),
        }),
      become: async (softwareVersion: string): Promise<End> =>
        way.ask(server(), {
          method: "updateDevice",
          message: { softwareVersion },
          authorization: await bearer(),
        }),
    };
  };
  const login = async (phone: KeyClient) => {
    const profile_id = newProfile();
    const tokens = tokensOf(await phone.complete("puppet", { data: letIn("ann"), profile_id }));
    return { ...tokens, profile_id, refresh_token: tokens.refresh_token ?? "" };
  };

  describe("registering an installation", () => {
    const rows: [string, string | undefined, string | undefined, boolean][] = [
      ["one that may do everything", "3.0", undefined, true],
      ["one that may do everything on its platform", "3.0", "android", true],
      ["one that is disabled on its platform", "3.0", "ios", false],
      ["one that may only log in", "2.0", undefined, false],
      ["one that is disabled", "1.0", "android", false],
      ["one that is not listed", "9.0", undefined, false],
      ["none", undefined, undefined, false],
    ];
    for (const [which, version, platform, isTaken] of rows) {
      it(`${isTaken ? "takes" : "refuses"} a version: ${which}`, async () => {
        const answer = await register(version, platform);
        if (isTaken) assert.equal(answer.status, 201, answer.text);
        else assertRefused(answer, 403, disabled);
      });
    }
  });

  const statuses: [string, string, boolean, boolean][] = [
    ["3.0", "LOGIN_REGISTRATION", true, true],
    ["2.0", "LOGIN_ONLY", true, false],
    ["1.0", "DISABLED", false, false],
    ["9.9", "DISABLED", false, false],
  ];
  for (const way of ways) {
    for (const [version, status, logsIn, registers] of statuses) {
      it(`that become ${version} are told ${status} over ${way.name}, and kept to it`, async () => {
        const phone = await newPhone();
        const { refresh_token, access_token, profile_id } = await login(phone);
        const { configuration, become } = asking(phone, way);
        assert.equal((await become(version)).word, undefined);
        assert.equal((await configuration()).json.version_status, status);

        const registrations = [
          await phone.init("steps", { data: say(2000) }),
          await phone.complete("puppet", { data: letIn("bob"), profile_id: newProfile() }),
        ];
        for (const answer of registrations) {
          if (registers) assert.equal(answer.status, 200, answer.text);
          else assertRefused(answer, 403, disabled);
        }
        const refreshed = await phone.refresh(refresh_token, { profile_id });
        if (logsIn) tokensOf(refreshed);
        else assertRefused(refreshed, 403, disabled);
        assert.equal((await phone.revoke(access_token, { profile_id })).status, 200);
        const authorization = `Bearer ${await assertionOf(phone)}`;
        const ended = await way.ask(server(), {
          method: "deleteProfile",
          message: { profileId: profile_id },
          authorization,
        });
        assert.equal(ended.word, undefined);
      });
    }
  }

  it("that are refused lose neither login nor transaction, and go on after an update", async () => {
    const phone = await newPhone();
    const { become } = asking(phone);
    const { refresh_token, profile_id } = await login(phone);
    const { json } = await phone.init("steps", { data: say(2000) });
    const step = { transaction_id: json.transaction_id, data: letIn("ann"), profile_id };
    await become("1.0");
    assertRefused(await phone.refresh(refresh_token, { profile_id }), 403, disabled);
    assertRefused(await phone.complete("steps", step), 403, disabled);
    await become("3.0");
    tokensOf(await phone.refresh(refresh_token, { profile_id }));
    tokensOf(await phone.complete("steps", step));
  });

  it("are told of a missing identity provider before their version (D-10)", async () => {
    const phone = await newPhone();
    await asking(phone).become("1.0");
    const body = { data: letIn("ann"), profile_id: newProfile() };
    assertRefused(await phone.complete("nowhere", body), 404, "invalid_idp_identifier");
    assertRefused(await phone.complete("off", body), 403, "idp_disabled");
  });

  it("change with the set-up, which keeps what it was given", async () => {
    const phone = await newPhone();
    const { applications } = await exportedSetup(server());
    const released = (applications as Record<string, unknown>[]).find(
      ({ id }) => id === "released",
    );
    assert(released);
    const versions = [
      { version: "3.0", platform: "web" },
      { version: "3.0", status: "DISABLED" },
    ];
    const change = { applications: [{ ...released, versions }] };
    assert.equal((await putSetup(server(), change)).status, 200);
    const refused = await phone.init("steps", { data: say(2000) });
    assertRefused(refused, 403, disabled);
    assert.equal((await asking(phone).configuration()).json.version_status, "DISABLED");
    const exported = (await exportedSetup(server())).applications as Record<string, unknown>[];
    assert.deepEqual(exported.find(({ id }) => id === "released")?.versions, versions);
    assert.equal((await putSetup(server(), { applications: [released] })).status, 200);
    assert.equal((await phone.init("steps", { data: say(2000) })).status, 200);
  });
});

describe("a set-up of versions and PINs that makes no sense", function () {
  this.timeout(30_000);
  const server = serverFor(usualSetup);
  const application = (more: object) => ({ applications: [{ id: "x", ...more }] });
  const policy = (more: object) => ({ pin_policies: [{ id: "p", ...more }] });
  const v = (version: string, platform?: string) => ({ version, platform, status: "DISABLED" });

  const rows: [string, object, string | undefined][] = [
    [
      "a version twice on a platform",
      application({ versions: [v("1", "ios"), v("2", "ios"), v("1", "ios")] }),
      "applications x: versions: 1 on ios is listed more than once",
    ],
    [
      "a version twice on every platform",
      application({ versions: [v("1"), v("1", "ios"), v("1")] }),
      "applications x: versions: 1 on every platform is listed more than once",
    ],
    [
      "a version once on every platform and once on one",
      application({ versions: [v("1"), v("1", "ios"), v("1", "android")] }),
      undefined,
    ],
    [
      "an implicit scope that is not among scopes",
      application({ scopes: ["a"], implicit_scopes: ["a", "b"] }),
      "applications x: implicit_scopes: b is not among scopes",
    ],
    [
      "a blocked PIN that is too long for the usual length",
      policy({ blocked: ["12345", "123456"] }),
      "pin_policies p: blocked: 123456 does not have 5 digits",
    ],
    [
      "a blocked PIN that is too short for its length",
      policy({ length: 6, blocked: ["12345"] }),
      "pin_policies p: blocked: 12345 does not have 6 digits",
    ],
    [
      "a blocked PIN twice",
      policy({ blocked: ["12345", "11111", "12345"] }),
      "pin_policies p: blocked: 12345 is listed more than once",
    ],
    ["blocked PINs of its length", policy({ length: 6, blocked: ["123456"] }), undefined],
  ];
  for (const [which, setup, problem] of rows) {
    it(`is ${problem === undefined ? "not" : "refused for"} ${which}`, async () => {
      const answer = await putSetup(server(), setup);
      if (problem === undefined) assert.equal(answer.status, 200, answer.text);
      else assert.ok(JSON.stringify(answer.json.problems).includes(problem), answer.text);
    });
  }
});
