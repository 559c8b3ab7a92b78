// Reading JSON from strangers: what is refused, where, and that nothing else is.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonFlaw } from "../../proto/strict_json.ts";
import { JsonFault, readJson } from "../../proto/strict_json.ts";

const refusals: readonly (readonly [text: string, flaw: JsonFlaw, position: number])[] = [
  ["", "syntax", 0],
  ["\ufeff{}", "syntax", 0],
  ["{,}", "syntax", 1],
  ["[1,]", "syntax", 3],
  ["[1 2]", "syntax", 3],
  ['{"a" 1}', "syntax", 5],
  ["1 2", "syntax", 2],
  ["01", "syntax", 1],
  ["nul", "syntax", 0],
  ["NaN", "syntax", 0],
  ["'a'", "syntax", 0],
  ['["a\tb"]', "syntax", 1],
  ['["\\x"]', "syntax", 1],
  ['{"a":1', "syntax", 6],
  ['["a', "syntax", 1],
  ["// no\n{}", "syntax", 0],
  ['{"a":1,"a":1}', "duplicate", 7],
  ['{"a":1,"\\u0061":2}', "duplicate", 7],
  ['{"x":[{"b":1,"c":2,"b":3}]}', "duplicate", 19],
  ['{"__proto__":1,"__proto__":2}', "duplicate", 15],
  ["[1e999]", "number", 1],
  ['["\\ud800"]', "surrogate", 1],
  ['{"\\udc00":1}', "surrogate", 1],
  ["[".repeat(17), "depth", 16],
  [`${"[".repeat(17)}${"]".repeat(17)}`, "depth", 16],
];

const fault = (text: Uint8Array | string): JsonFault => {
  try {
    readJson(text);
  } catch (error) {
    assert.ok(error instanceof JsonFault);
    return error;
  }
  return assert.fail(`${text} was read`);
};

describe("readJson", () => {
  for (const [text, flaw, position] of refusals) {
    it(`refuses ${JSON.stringify(text).slice(0, 40)} for its ${flaw}`, () => {
      for (const source of [text, Buffer.from(text)]) {
        const { flaw: found, position: at } = fault(source);
        assert.deepEqual([found, at], [flaw, position]);
      }
    });
  }

  it("refuses bytes that are not UTF-8, and text with half a surrogate pair", () => {
    const bytes = [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
    ];
    for (const source of [...bytes.map((b) => Buffer.from(b)), '"\ud800"']) {
      assert.equal(fault(source).flaw, "encoding");
    }
  });

  it("keeps __proto__ as an ordinary member (SEC-83)", () => {
    const value = readJson('{"__proto__":{"admin":true},"a":1}') as Record<string, unknown>;
    assert.deepEqual(Object.keys(value), ["__proto__", "a"]);
    assert.equal(value.admin, undefined);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  });

  it("takes quotes, colons, braces and backslashes inside strings as text", () => {
    for (const text of ['{"a\\\\":":"}', '["\\"{:[",":",{"b:":"]}"}]', '{"\\"":1,"\\\\\\"":2}']) {
      assert.deepEqual(readJson(text), JSON.parse(text));
    }
  });

  it("takes the depth that it is given", () => {
    assert.deepEqual(readJson("[[]]", { maxDepth: 2 }), [[]]);
    assert.throws(() => readJson("[[]]", { maxDepth: 1 }), { flaw: "depth" });
  });

  it("quotes nothing of the text in its message", () => {
    assert.ok(!fault('{"secret": tiger}').message.includes("tiger"));
  });

  it("reads every value that JSON can write, as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.boolean(), (text, asBytes) => {
        // The generator writes -0, which has no own spelling in JSON.
        const value = readJson(asBytes ? Buffer.from(text) : text);
        assert.deepEqual(value, JSON.parse(text));
      }),
    );
  });

  it("refuses a text of which one character was dropped or doubled, or reads it as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.boolean(), (text, seed, doubled) => {
        const at = seed % text.length;
        const broken = text.slice(0, at + (doubled ? 1 : 0)) + text.slice(at + (doubled ? 0 : 1));
        try {
          assert.deepEqual(readJson(broken), JSON.parse(broken));
        } catch (error) {
          assert.ok(error instanceof JsonFault);
          if (error.flaw === "syntax") assert.throws(() => JSON.parse(broken));
        }
      }),
    );
  });
});
