// The table of authenticators by itself: who may be had where, and steps that a row does not have.
import assert from "node:assert/strict";
import { CustomAuthenticator } from "../../gen/gatewright/v1/setup.ts";
import type { Place } from "../../server/authenticators/authenticator.ts";
import { stepOf } from "../../server/authenticators/authenticator.ts";
import { rowOf, usableIds, vouches } from "../../server/authenticators/table.ts";
import { Refusal } from "../../server/core/refusal.ts";

const place = (change: Partial<Place> = {}): Place => ({
  application: {
    refreshTokens: true,
    customAuthenticators: ["voice", "muted", "gone", "voice", "pin"],
  },
  authenticators: new Map(
    [
      { id: "voice", name: "Voice", enabled: true },
      { id: "muted", enabled: false },
      { id: "unlisted", enabled: true },
    ].map((made) => [made.id, CustomAuthenticator.fromPartial(made)]),
  ),
  hasCustom: true,
  ...change,
});

describe("the table of authenticators", () => {
  const usable: [string, Place, string[]][] = [
    ["all of them", place(), ["pin", "fingerprint", "voice"]],
    ["without the feature", place({ hasCustom: false }), ["pin", "fingerprint"]],
    [
      "without refresh tokens",
      place({ application: { refreshTokens: false, customAuthenticators: [] } }),
      ["pin"],
    ],
    ["when nothing is set up", place({ authenticators: new Map() }), ["pin", "fingerprint"]],
  ];
  for (const [which, where, ids] of usable) {
    it(`gives those that may be had: ${which}`, () => {
      assert.deepEqual(usableIds(where), ids);
    });
  }

  it("names what there is, by its own name or its id", () => {
    const names = ["pin", "fingerprint", "voice", "muted", "nothing"].map((id) =>
      rowOf(id).nameOf(place(), id),
    );
    assert.deepEqual(names, ["PIN", "Fingerprint", "Voice", "muted", undefined]);
  });

  it("keeps the names of its own rows, whatever is set up under them (D-43)", () => {
    const authenticators = new Map(
      ["pin", "fingerprint"].map((id) => [id, CustomAuthenticator.fromPartial({ id })]),
    );
    for (const [id, type] of [
      ["pin", "PIN"],
      ["fingerprint", "FINGERPRINT"],
    ] as const) {
      assert.equal(rowOf(id).type, type);
      assert.notEqual(rowOf(id).nameOf(place({ authenticators }), id), id);
    }
  });

  it("lets logins of registration, PIN and fingerprint vouch, and no others (D-40)", () => {
    const types = [
      "DEFAULT",
      "FINGER_PRINT",
      "CUSTOM_AUTHENTICATOR",
      "IMPLICIT_AUTHENTICATION",
      "STATELESS_AUTHENTICATION",
      "CLIENT",
    ];
    assert.deepEqual(types.filter(vouches), ["DEFAULT", "FINGER_PRINT"]);
  });

  const absent = [
    ["pin", "register", "AUTHENTICATOR_FIXED"],
    ["pin", "deregister", "AUTHENTICATOR_FIXED"],
    ["pin", "authenticate", "REQUEST_INVALID"],
    ["fingerprint", "authenticate", "REQUEST_INVALID"],
  ] as const;
  for (const [id, step, reason] of absent) {
    it(`refuses to ${step} with ${id} as ${reason}`, () => {
      assert.throws(
        () => stepOf<() => void>(rowOf(id)[step] as never),
        (error) => error instanceof Refusal && error.reason === reason,
      );
    });
  }
});
