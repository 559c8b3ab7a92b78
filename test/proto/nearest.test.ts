// What a mistyped name was meant to be.
import assert from "node:assert/strict";
import { nearest } from "../../proto/nearest.ts";

describe("nearest", () => {
  const names = ["id", "name", "value", "default_scopes", "identity_providers", "rotate-keys"];

  it("finds the name that was meant", () => {
    const meant = {
      val: "value",
      defaultScopes: "default_scopes",
      "identity-providers": "identity_providers",
      identityProvider: "identity_providers",
      rotatekeys: "rotate-keys",
      nmae: "name",
    };
    for (const [wrong, right] of Object.entries(meant)) assert.equal(nearest(wrong, names), right);
  });

  it("guesses nothing where nothing is near, and does not work hard for it", () => {
    for (const wrong of ["", "zzz", "script", "x".repeat(1_000_000)]) {
      assert.equal(nearest(wrong, names), undefined);
    }
    assert.equal(nearest("a", []), undefined);
  });
});
