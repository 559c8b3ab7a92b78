// The ephemeral store: its laws on every engine, and its keys.
import assert from "node:assert/strict";
import { keyOf } from "../../server/store/ephemeral.ts";
import { storeRows } from "../support/stores.ts";
import { ephemeralLaws } from "./laws/ephemeral_laws.ts";

for (const row of storeRows()) ephemeralLaws(row);

describe("a key for a text from outside", () => {
  it("has one length and alphabet, and differs for whatever differs", () => {
    const texts = [
      [""],
      ["a"],
      ["A"],
      ["a", ""],
      ["", "a"],
      ["a", "b"],
      ["ab"],
      ["\ud800"],
      ["\ud801"],
    ];
    const keys = texts.map((parts) => keyOf(...parts));
    assert.equal(new Set(keys).size, texts.length);
    for (const key of keys) assert.match(key, /^[\w-]{43}$/);
  });
});
