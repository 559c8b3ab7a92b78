// Credentials in the Authorization header: what is read, what is refused.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { readAuthorization } from "../../server/identity/basic.ts";
import { forge, refusalOf } from "./assertion_maker.ts";

const basic = (text: string | Uint8Array): string =>
  `Basic ${Buffer.from(text as string).toString("base64")}`;

// As application/x-www-form-urlencoded has it, which escapes more than encodeURIComponent.
const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

const read = (header: string): unknown => {
  const credentials = readAuthorization(header);
  return credentials?.scheme === "basic"
    ? [credentials.clientId, credentials.clientSecret]
    : credentials?.token;
};

const good: readonly (readonly [what: string, header: string, expected: unknown])[] = [
  ["plain Basic", basic("client:secret"), ["client", "secret"]],
  [
    "a scheme in small letters",
    basic("client:secret").replace("Basic", "basic"),
    ["client", "secret"],
  ],
  ["several spaces", basic("client:secret").replace(" ", "   "), ["client", "secret"]],
  ["an empty secret", basic("client:"), ["client", ""]],
  ["a colon in the secret", basic("client:a:b"), ["client", "a:b"]],
  ["an id with an escaped colon", basic("https%3A%2F%2Fa.example:s"), ["https://a.example", "s"]],
  ["escapes of characters that need none", basic("my%2Dclient:a%5Fb"), ["my-client", "a_b"]],
  ["a plus for a space", basic("client:a+b"), ["client", "a b"]],
  ["a percent sign that escapes nothing", basic("client:100%+x"), ["client", "100%+x"]],
  ["escapes that are not UTF-8", basic("client:%ff"), ["client", "%ff"]],
  ["UTF-8", basic("client:gehëim"), ["client", "gehëim"]],
  ["a bearer token", `Bearer ${"8A5A".repeat(16)}`, "8A5A".repeat(16)],
  ["a bearer assertion", `bearer ${forge()}`, undefined],
];

const bad: readonly (readonly [what: string, header: string, reason: string])[] = [
  ["nothing", "", "CLIENT_AUTHENTICATION_MISSING"],
  ["another scheme", 'Digest username="x", realm="y"', "CLIENT_AUTHENTICATION_MISSING"],
  ["DPoP", "DPoP abc", "CLIENT_AUTHENTICATION_MISSING"],
  ["a scheme of the prototype", "constructor abc", "CLIENT_AUTHENTICATION_MISSING"],
  ["a scheme alone", "Basic", "REQUEST_INVALID"],
  ["a scheme and a space", "Bearer ", "REQUEST_INVALID"],
  ["two values", "Bearer a b", "REQUEST_INVALID"],
  ["a comma", `${basic("a:b")}, ${basic("c:d")}`, "REQUEST_INVALID"],
  ["a tab", basic("a:b").replace(" ", "\t"), "CLIENT_AUTHENTICATION_MISSING"],
  ["a trailing space", `${basic("a:b")} `, "REQUEST_INVALID"],
  ["no padding", "Basic YTpiYw", "REQUEST_INVALID"],
  ["too much padding", "Basic YTpi=", "REQUEST_INVALID"],
  ["spare bits", "Basic YTpiYx==", "REQUEST_INVALID"],
  [
    "the alphabet of base64url",
    `Basic ${Buffer.from("a:\u00ff\u00ff").toString("base64url")}`,
    "REQUEST_INVALID",
  ],
  ["no colon", basic("client"), "REQUEST_INVALID"],
  ["no id", basic(":secret"), "REQUEST_INVALID"],
  ["bytes that are not UTF-8", basic(Buffer.from([0x61, 0x3a, 0xff])), "REQUEST_INVALID"],
  ["a NUL in the id", basic("a\u0000:b"), "REQUEST_INVALID"],
  ["a NUL in the id, escaped", basic("a%00:b"), "REQUEST_INVALID"],
  ["a line break in the secret, escaped", basic("a:b%0A"), "REQUEST_INVALID"],
  ["an id of 256 characters", basic(`${"a".repeat(256)}:b`), "REQUEST_INVALID"],
  ["a secret of 1025 characters", basic(`a:${"b".repeat(1025)}`), "REQUEST_INVALID"],
  ["a megabyte", `Bearer ${"a".repeat(1 << 20)}`, "REQUEST_INVALID"],
  ["a token of other characters", "Bearer tökén", "REQUEST_INVALID"],
];

describe("readAuthorization", () => {
  it("gives nothing for an absent header", () => {
    assert.equal(readAuthorization(undefined), undefined);
  });

  for (const [what, header, expected] of good) {
    it(`reads ${what}`, () => {
      assert.deepEqual(read(header), expected ?? header.slice("bearer ".length));
    });
  }

  for (const [what, header, reason] of bad) {
    it(`refuses ${what}`, () => {
      const refusal = refusalOf(() => readAuthorization(header));
      assert.equal(refusal?.reason, reason);
      assert.ok(!refusal.message.includes(header.slice(-10)) || header.length < 20);
    });
  }

  it("reads back any id and secret that were encoded as RFC 6749 has it", () => {
    const readable = fc
      .string({ unit: "grapheme", maxLength: 60 })
      .filter((text) => !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(readable, readable, (id, secret) => {
        fc.pre(id !== "");
        const header = basic(`${formEncoded(id)}:${formEncoded(secret)}`);
        assert.deepEqual(read(header), [id, secret]);
      }),
    );
  });

  it("throws nothing but a refusal for any header", () => {
    const schemes = fc.constantFrom("Basic ", "Bearer ", "basic ", "");
    fc.assert(
      fc.property(schemes, fc.string({ unit: "binary" }), (scheme, text) => {
        refusalOf(() => readAuthorization(scheme + text));
        refusalOf(() => readAuthorization(basic(text)));
      }),
    );
  });
});
