// What the strict reading of JSON comes to in the hands of a reader that refuses; its own rules are
// shown beside the contract's reader.
import assert from "node:assert/strict";
import { readJson, readJsonObject } from "../../server/identity/strict_json.ts";

class Refused extends Error {}

const refuse = (why: string): never => {
  throw new Refused(why);
};

describe("readJson", () => {
  for (const text of ["", "{", '{"a":1,"a":1}', "[".repeat(17) + "]".repeat(17), "1e400"]) {
    it(`refuses ${text.slice(0, 20)} in the caller's way`, () => {
      assert.throws(() => readJson(Buffer.from(text), refuse), Refused);
    });
  }
});

describe("readJsonObject", () => {
  it("gives an object", () => {
    assert.deepEqual(readJsonObject(Buffer.from('{"a":[1]}'), refuse), { a: [1] });
  });

  for (const text of ["[]", "null", "1", '"{}"', "true"]) {
    it(`refuses ${text}`, () => {
      assert.throws(() => readJsonObject(Buffer.from(text), refuse), Refused);
    });
  }
});
