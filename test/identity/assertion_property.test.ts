// Properties of the assertion parser, tried on generated assertions and on damaged ones.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { readAssertion } from "../../server/identity/assertion.ts";
import {
  believe,
  clientId,
  encode,
  forge,
  issuer,
  nowSeconds,
  refusalOf,
} from "./assertion_maker.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const wellFormed = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });

describe("readAssertion, for any text", () => {
  it("throws nothing but the refusal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        assert.equal(refusalOf(() => readAssertion(text))?.reason, "CLIENT_AUTHENTICATION_FAILED");
      }),
    );
  });

  it("throws nothing but the refusal for three parts of any JSON or bytes", () => {
    const part = fc.oneof(
      fc.json().map((json) => encode(json)),
      fc.uint8Array({ maxLength: 60 }).map(encode),
    );
    fc.assert(
      fc.property(part, part, fc.uint8Array({ minLength: 64, maxLength: 64 }), (a, b, c) => {
        refusalOf(() => readAssertion(`${a}.${b}.${encode(c)}`));
      }),
    );
  });

  it("throws nothing but the refusal for any values of the claims", () => {
    const claims = fc.record(
      {
        iss: fc.jsonValue(),
        sub: fc.jsonValue(),
        aud: fc.jsonValue(),
        exp: fc.jsonValue(),
        jti: fc.jsonValue(),
        iat: fc.jsonValue(),
        nbf: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(claims, (over) => {
        refusalOf(() => believe(forge({ claims: over as Record<string, unknown> })));
      }),
    );
  });
});

describe("a good assertion", () => {
  it("is read as it was written, whatever other claims it has", () => {
    const others = fc.dictionary(
      fc.string({ unit: "grapheme" }).map((name) => `x-${name}`),
      fc.jsonValue({ maxDepth: 5 }),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(wellFormed, others, fc.integer({ min: 0, max: 3600 }), (jti, more, life) => {
        const exp = nowSeconds + life;
        const assertion = forge({ claims: { ...more, jti, exp } });
        fc.pre(assertion.length <= 8192 && [...jti].length <= 128);
        const claimed = readAssertion(assertion);
        assert.equal(claimed.jti, jti);
        assert.equal(claimed.clientId, clientId);
        assert.equal(claimed.audience, issuer);
        assert.equal(claimed.expiresAt, exp);
        assert.deepEqual(believe(assertion), { clientId, jti, expiresAt: (exp + 10) * 1000 });
      }),
    );
  });

  it("is refused when any one character is another", () => {
    const assertion = forge();
    fc.assert(
      fc.property(
        fc.nat({ max: assertion.length - 1 }),
        fc.constantFrom(..."=.+/ \n\u0000é𐍈", ...alphabet),
        (place, character) => {
          fc.pre(assertion[place] !== character);
          const damaged = assertion.slice(0, place) + character + assertion.slice(place + 1);
          assert.equal(refusalOf(() => believe(damaged))?.reason, "CLIENT_AUTHENTICATION_FAILED");
        },
      ),
      { numRuns: 600 },
    );
  });

  it("is refused when a character is added or taken away anywhere", () => {
    const assertion = forge();
    fc.assert(
      fc.property(
        fc.nat({ max: assertion.length }),
        fc.constantFrom(...alphabet, "=", ".", " "),
        (at, added) => {
          const [before, rest] = [assertion.slice(0, at), assertion.slice(at)];
          assert.ok(refusalOf(() => believe(`${before}${added}${rest}`)));
          if (rest !== "") assert.ok(refusalOf(() => believe(`${before}${rest.slice(1)}`)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("has no other spelling of its bytes: of 64 last characters of a part one is read", () => {
    const assertion = forge();
    const dots = [...assertion.matchAll(/\.|$/g)].map(({ index }) => index - 1);
    assert.equal(dots.length, 3);
    for (const place of dots) {
      const bytes = (text: string): string =>
        text
          .split(".")
          .map((part) => Buffer.from(part, "base64url").toString("hex"))
          .join();
      const spellings = [...alphabet]
        .map((last) => assertion.slice(0, place) + last + assertion.slice(place + 1))
        .filter((text) => bytes(text) === bytes(assertion));
      const read = spellings.filter((text) => refusalOf(() => believe(text)) === undefined);
      assert.deepEqual(read, [assertion]);
    }
  });
});
