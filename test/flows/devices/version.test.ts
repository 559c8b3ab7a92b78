// What an installed version may do, by the list of its application.
import assert from "node:assert/strict";
import { Application, ApplicationVersion } from "../../../gen/gatewright/v1/setup.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import type { Client } from "../../../server/flows/client.ts";
import type { Installed } from "../../../server/flows/devices/version.ts";
import { demandVersion, mayDo, standingOf } from "../../../server/flows/devices/version.ts";

const all = "LOGIN_REGISTRATION";
type Entry = [version: string, platform: string | undefined, status: string];

const applicationOf = (entries: readonly Entry[]): Application =>
  Application.fromPartial({
    id: "app",
    versions: entries.map(([version, platform, status]) =>
      ApplicationVersion.fromPartial({ version, platform, status }),
    ),
  });

const everywhere: Entry[] = [
  ["1", undefined, "DISABLED"],
  ["2", undefined, "LOGIN_ONLY"],
  ["3", undefined, all],
];
const onAndroid: Entry[] = [
  ["1", "android", "LOGIN_ONLY"],
  ["2", "android", all],
];
const mixed: Entry[] = [["4", undefined, all], ["4", "ios", "DISABLED"], ...onAndroid];

const rows: [string, Entry[], Installed, string, boolean?][] = [
  ["no list", [], { version: "9", platform: "ios" }, all],
  ["no list and nothing said", [], { version: undefined, platform: undefined }, all],
  ["a list for every platform", everywhere, { version: "1", platform: "ios" }, "DISABLED"],
  ["the same, another version", everywhere, { version: "2", platform: "web" }, "LOGIN_ONLY"],
  ["the same, no platform said", everywhere, { version: "3", platform: undefined }, all],
  ["a version left out", everywhere, { version: "4", platform: "ios" }, "DISABLED", true],
  ["no version said", everywhere, { version: undefined, platform: "ios" }, "DISABLED", true],
  ["an empty version said", everywhere, { version: "", platform: "ios" }, "DISABLED", true],
  ["a version that begins alike", everywhere, { version: "3.0", platform: "" }, "DISABLED", true],
  ["a list for the platform", onAndroid, { version: "1", platform: "android" }, "LOGIN_ONLY"],
  ["a list for another platform", onAndroid, { version: "1", platform: "ios" }, all],
  ["a list for a platform, none said", onAndroid, { version: "7", platform: undefined }, all],
  ["left out on the platform", onAndroid, { version: "3", platform: "android" }, "DISABLED", true],
  ["an exact entry that wins", mixed, { version: "4", platform: "ios" }, "DISABLED"],
  ["the entry for every platform", mixed, { version: "4", platform: "android" }, all],
  ["both lists count", mixed, { version: "1", platform: "android" }, "LOGIN_ONLY"],
  ["another's platform's entry", mixed, { version: "1", platform: "ios" }, "DISABLED", true],
];

describe("the standing of an installed version", () => {
  for (const [which, entries, installed, status, isUnknown = false] of rows) {
    it(`is ${status} with ${which}`, () => {
      const application = applicationOf(entries);
      assert.deepEqual(standingOf(application, installed), { status, isUnknown });
      const reversed = applicationOf(entries.toReversed());
      assert.deepEqual(standingOf(reversed, installed), { status, isUnknown });
    });
  }

  it("allows login but no registration when it is LOGIN_ONLY", () => {
    assert.deepEqual(
      [mayDo("LOGIN_ONLY", "login"), mayDo("LOGIN_ONLY", "registration")],
      [true, false],
    );
    assert.deepEqual(
      [mayDo("DISABLED", "login"), mayDo("DISABLED", "registration")],
      [false, false],
    );
  });

  it("is demanded of app installations alone", () => {
    const client = (kind: Client["kind"], version: string): Client => ({
      id: "c",
      kind,
      name: "c",
      application: applicationOf(everywhere),
      apiScopes: [],
      refreshTokens: true,
      version,
      platform: undefined,
    });
    const isRefused = (of: Client, what: "login" | "registration"): boolean => {
      try {
        demandVersion(of, what);
        return false;
      } catch (error) {
        assert.ok(error instanceof Refusal && error.reason === "VERSION_DISABLED");
        return true;
      }
    };
    const refused = (version: string) => [
      isRefused(client("dynamic", version), "login"),
      isRefused(client("dynamic", version), "registration"),
    ];
    assert.deepEqual(["1", "2", "3", "4"].map(refused), [
      [true, true],
      [false, true],
      [false, false],
      [true, true],
    ]);
    assert.equal(isRefused(client("static", "1"), "login"), false);
    assert.equal(isRefused({ ...client("api", "1"), application: undefined }, "login"), false);
  });
});
