// The master key and what is derived from it.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readSettings } from "../../proto/settings.ts";
import {
  derive,
  masterKey,
  type Purpose,
  readMasterKey,
} from "../../server/identity/master_key.ts";

const purposes: readonly Purpose[] = [
  "sealing",
  "refresh_successor",
  "secret_pepper",
  "audit_chain",
];

describe("derive", () => {
  it("SEC-20 gives each purpose of each master key a key of its own, the same each time", () => {
    const masters = [masterKey(randomBytes(32)), masterKey(randomBytes(32))];
    const keys = masters.flatMap((master) =>
      purposes.map((purpose) => derive(master, purpose).export().toString("hex")),
    );
    assert.equal(new Set(keys).size, keys.length);
    const again = masters.flatMap((master) =>
      purposes.map((purpose) => derive(master, purpose).export().toString("hex")),
    );
    assert.deepEqual(again, keys);
  });

  it("keeps its known answers, since stored secrets hang on them", () => {
    const master = masterKey(Buffer.alloc(32, 1));
    assert.equal(master.id, "ptEVWwE_");
    assert.equal(
      derive(master, "sealing").export().toString("base64url"),
      "ryj8OY35YBvzOrVhOCdHAOq0pMLaB00jdTzMGlKK7Do",
    );
  });
});

describe("readMasterKey", () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));
  const base64 = bytes.toString("base64");
  const isSetting = (text: string): boolean => {
    try {
      return readSettings({ GATEWRIGHT_SECRET: text }).secret === text;
    } catch {
      return false;
    }
  };

  // The second has bits beyond the 32 bytes, which nobody reads.
  for (const text of [base64, `${base64.slice(0, 42)}B=`]) {
    it(`reads ${text}, as the setting does`, () => {
      assert.equal(readMasterKey(text).id, masterKey(Buffer.from(text, "base64")).id);
      assert.ok(isSetting(text));
    });
  }

  for (const text of [
    "",
    "secret",
    bytes.toString("hex"),
    bytes.toString("base64url"),
    base64.slice(0, -1),
    base64.replaceAll("+", "-").replaceAll("/", "_"),
    `${base64}A`,
    `${base64}\n`,
    ` ${base64}`,
  ]) {
    it(`fails on ${JSON.stringify(text)} without repeating it, as the setting does`, () => {
      assert.ok(text === "" || !isSetting(text));
      assert.throws(
        () => readMasterKey(text),
        (error: Error) =>
          /openssl rand/.test(error.message) && (text === "" || !error.message.includes(text)),
      );
    });
  }
});
