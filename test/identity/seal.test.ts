// Sealed secrets: opened by the right key for the right record, and by nothing else.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { masterKey } from "../../server/identity/master_key.ts";
import { sealer } from "../../server/identity/seal.ts";

const old = masterKey(randomBytes(32));
const fresh = masterKey(randomBytes(32));
const box = sealer([old]);

describe("sealer", () => {
  it("opens what it sealed, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.string({ unit: "grapheme" }),
        (identity, secret) => {
          assert.equal(box.open(identity, box.seal(identity, secret)), secret);
        },
      ),
    );
  });

  it("opens a long text as well as a short one (D-54)", () => {
    const secret = "0123456789abcdef".repeat(1 << 19);
    assert.ok(box.open("a/1", box.seal("a/1", secret)) === secret);
  });

  it("SEC-19 hides the secret and never seals alike twice", () => {
    const sealed = Array.from({ length: 100 }, () => box.seal("a/1", "plain words"));
    assert.equal(new Set(sealed).size, 100);
    assert.ok(sealed.every((text) => /^[\w.-]+$/.test(text) && !text.includes("plain")));
    assert.ok(sealed.every((text) => !Buffer.from(text, "base64url").includes("plain")));
  });

  it("SEC-19 fails to open two records that were swapped", () => {
    const [first, second] = [box.seal("property/a", "1"), box.seal("property/b", "2")];
    assert.throws(() => box.open("property/a", second), /property\/a cannot be opened/);
    assert.throws(() => box.open("property/b", first), /property\/b cannot be opened/);
  });

  it("SEC-19 fails when any one character was changed", () => {
    const sealed = box.seal("a/1", "a secret of some length");
    for (let at = 0; at < sealed.length; at++) {
      // A last character may have spare bits, so take one that differs in the first bit.
      const other = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef".includes(sealed[at] ?? "") ? "9" : "A";
      const damaged = sealed.slice(0, at) + other + sealed.slice(at + 1);
      assert.throws(() => box.open("a/1", damaged), `character ${at}`);
    }
  });

  it("fails with a clear message under a key that is not known", () => {
    const sealed = sealer([fresh]).seal("a/1", "x");
    assert.throws(
      () => box.open("a/1", sealed),
      new RegExp(`master key ${fresh.id}, which is not`),
    );
  });

  it("fails on another key that claims the same id", () => {
    const twin = { ...masterKey(randomBytes(32)), id: old.id };
    assert.throws(() => sealer([twin]).open("a/1", box.seal("a/1", "x")), /cannot be opened/);
  });

  for (const text of [
    "",
    "plain",
    "s1...",
    "s2.AAAAAAAA.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
  ]) {
    it(`fails on ${JSON.stringify(text)}, which is no sealed text`, () => {
      assert.throws(() => box.open("a/1", text), /form/);
    });
  }

  it("SEC-19 opens under an old key and tells what is to be sealed again", () => {
    const both = sealer([fresh, old]);
    const sealed = box.seal("a/1", "kept");
    assert.equal(both.isCurrent(sealed), false);
    const again = both.seal("a/1", both.open("a/1", sealed));
    assert.equal(both.isCurrent(again), true);
    assert.equal(sealer([fresh]).open("a/1", again), "kept");
    assert.throws(() => box.open("a/1", again));
  });
});
