// The rules for PINs: the documented examples, and properties over all PINs and policies.
import assert from "node:assert/strict";
import fc from "fast-check";
import { brokenPinRule } from "../../../clients/sdk/pin_policy.ts";
import type { PinPolicy } from "../../../clients/sdk/types.ts";

const strict: PinPolicy = {
  length: 5,
  maxSimilarDigits: 2,
  sequencesAllowed: false,
  blocked: ["90210", "00700"],
};
const free: PinPolicy = { length: 5, maxSimilarDigits: 0, sequencesAllowed: true, blocked: [] };
const codeOf = (pin: string, policy: PinPolicy): number | undefined =>
  brokenPinRule(pin, policy)?.code;

const examples: readonly (readonly [string, number | undefined])[] = [
  ["", 9014],
  ["1357", 9014],
  ["135790", 9014],
  ["1234a", 9014],
  ["1234\n", 9014],
  [" 12345", 9014],
  ["+1234", 9014],
  ["1e100", 9014],
  // Digits, but not of those on the keys.
  ["１２３４５", 9014],
  ["٠١٢٣٤", 9014],
  ["90210", 9011],
  ["00700", 9011],
  ["12345", 9012],
  ["13579", 9012],
  ["97531", 9012],
  ["02468", 9012],
  ["98765", 9012],
  ["12346", undefined],
  ["54329", undefined],
  ["78901", undefined],
  ["11123", 9013],
  ["21113", 9013],
  ["23111", 9013],
  ["00000", 9013],
  ["11223", undefined],
  // The same digit often, but never more than twice side by side.
  ["10101", undefined],
];

const digits = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(""));
const lengths = fc.integer({ min: 5, max: 32 });
const pins = lengths.chain(digits);
const policies = fc.record({
  length: lengths,
  maxSimilarDigits: fc.integer({ min: 0, max: 32 }),
  sequencesAllowed: fc.boolean(),
  blocked: fc.array(pins, { maxLength: 3 }),
});
const evenly = fc
  .tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(-2, -1, 1, 2), fc.constantFrom(5, 6, 7, 8))
  .map(([first, step, length]) => Array.from({ length }, (_, at) => first + at * step))
  .filter((all) => all.every((digit) => digit >= 0 && digit <= 9))
  .map((all) => all.join(""));

describe("brokenPinRule", () => {
  for (const [pin, code] of examples) {
    it(`gives ${code} for ${JSON.stringify(pin)}`, () => assert.equal(codeOf(pin, strict), code));
  }

  it("asks in a fixed order: length, blocked, sequence, similar digits", () => {
    const all = { length: 5, maxSimilarDigits: 1, sequencesAllowed: false };
    assert.equal(codeOf("1234", { ...all, blocked: ["1234"] }), 9014);
    assert.equal(codeOf("12345", { ...all, blocked: ["12345"] }), 9011);
    assert.equal(codeOf("12345", { ...all, blocked: [] }), 9012);
    assert.equal(codeOf("11345", { ...all, blocked: [] }), 9013);
  });

  it("has the PIN in no message", () => {
    fc.assert(
      fc.property(pins, policies, (pin, policy) => {
        const error = brokenPinRule(pin, policy);
        assert(!`${error?.message} ${error?.cause}`.includes(pin));
      }),
    );
  });

  it("lets every PIN of the right length pass where nothing is ruled", () => {
    fc.assert(
      fc.property(pins, (pin) => {
        assert.equal(brokenPinRule(pin, { ...free, length: pin.length }), undefined);
      }),
    );
  });

  it("wants exactly as many digits as the policy says, whatever else it says", () => {
    fc.assert(
      fc.property(pins, policies, (pin, policy) => {
        assert.equal(codeOf(pin, policy) === 9014, pin.length !== policy.length);
      }),
    );
  });

  it("finds every sequence unless they are allowed", () => {
    fc.assert(
      fc.property(evenly, (pin) => {
        assert.equal(codeOf(pin, { ...free, length: pin.length, sequencesAllowed: false }), 9012);
        assert.equal(codeOf(pin, { ...free, length: pin.length }), undefined);
      }),
    );
  });

  it("finds no sequence where one digit was changed", () => {
    fc.assert(
      fc.property(evenly, fc.nat(), fc.integer({ min: 1, max: 9 }), (pin, at, by) => {
        const changed = [...pin];
        const place = at % pin.length;
        changed[place] = String((Number(changed[place]) + by) % 10);
        const policy = { ...free, length: pin.length, sequencesAllowed: false };
        assert.equal(codeOf(changed.join(""), policy), undefined);
      }),
    );
  });

  it("counts digits side by side: as many as allowed, one more is too many", () => {
    const runs = fc.tuple(digits(3), fc.integer({ min: 1, max: 9 }), digits(3), fc.nat(9));
    fc.assert(
      fc.property(runs, ([before, count, after, digit]) => {
        fc.pre(!before.endsWith(`${digit}`) && !after.startsWith(`${digit}`));
        const pin = `${before}${String(digit).repeat(count)}${after}`;
        const policy = { ...free, length: pin.length };
        // The digits around have runs of three at most.
        fc.pre(count > 3);
        assert.equal(codeOf(pin, { ...policy, maxSimilarDigits: count }), undefined);
        assert.equal(codeOf(pin, { ...policy, maxSimilarDigits: count - 1 }), 9013);
      }),
    );
  });

  it("refuses blocked PINs and only those", () => {
    fc.assert(
      fc.property(pins, fc.array(pins, { maxLength: 5 }), (pin, others) => {
        const policy = { ...free, length: pin.length };
        const blocked = others.filter((other) => other !== pin);
        assert.equal(codeOf(pin, { ...policy, blocked }), undefined);
        assert.equal(codeOf(pin, { ...policy, blocked: [...blocked, pin] }), 9011);
      }),
    );
  });
});
