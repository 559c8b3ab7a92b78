// The rules of client authentication by assertion, each with what it accepts and what it refuses.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateKeyPairSync, sign } from "node:crypto";
import { SignJWT } from "jose";
import { seconds } from "../../server/core/clock.ts";
import { dummyVerify, readAssertion, verifyAssertion } from "../../server/identity/assertion.ts";
import { noKeys } from "../../server/identity/client_keys.ts";
import {
  believe,
  clientId,
  encode,
  type Forgery,
  forge,
  goodClaims,
  goodHeader,
  issuer,
  keys,
  now,
  nowSeconds,
  pair,
  refusalOf,
  rules,
} from "./assertion_maker.ts";

type Case = readonly [what: string, forgery: Forgery | string, why: RegExp];

const claimsBesides = (members: string): Forgery => ({
  claimsText: `${JSON.stringify(goodClaims).slice(0, -1)},${members}}`,
});

const expWritten = (digits: string): Forgery => ({
  claimsText: JSON.stringify({ ...goodClaims, exp: 0 }).replace('"exp":0', `"exp":${digits}`),
});

const good: readonly (readonly [what: string, forgery: Forgery])[] = [
  ["D-01 a plain ES256 assertion", {}],
  ["D-02 an audience in an array of one", { claims: { aud: [issuer] } }],
  ["D-03 an exp passed by less than the leeway", { claims: { exp: nowSeconds - 9 } }],
  ["D-03 an exp an hour ahead", { claims: { exp: nowSeconds + 3600 } }],
  ["D-03 an exp with a fraction", { claims: { exp: nowSeconds + 0.5 } }],
  ["D-03 an exp written with an exponent", expWritten("18.0000001e8")],
  [
    "D-03 iat and nbf 60 s in the future",
    { claims: { iat: nowSeconds + 60, nbf: nowSeconds + 60 } },
  ],
  ["D-03 no iat", { claims: { iat: undefined } }],
  ["D-04 a jti of one character", { claims: { jti: "x" } }],
  ["D-04 a jti of 128 characters", { claims: { jti: "x".repeat(128) } }],
  ["D-04 a jti of 128 characters beyond the basic plane", { claims: { jti: "𐍈".repeat(128) } }],
  ["D-05 no typ", { header: { typ: undefined } }],
  ["D-05 typ application/JWT", { header: { typ: "application/JWT" } }],
  ["D-05 typ client-authentication+jwt", { header: { typ: "client-authentication+jwt" } }],
  [
    "D-05 typ application/client-authentication+jwt",
    { header: { typ: "application/client-authentication+jwt" } },
  ],
  ["D-05 white space in the JSON", { claimsText: JSON.stringify(goodClaims, null, 2) }],
  ["D-05 escapes in the JSON", { headerText: '{"\\u0061lg":"ES256","kid":"\\u006b1"}' }],
  [
    "D-05 claims of others, nested to the bound",
    claimsBesides(`"x":${"[".repeat(15)}${"]".repeat(15)}`),
  ],
  ["SEC-83 a claim named __proto__", claimsBesides('"__proto__":{"jti":"two"},"constructor":1')],
];

const bad: readonly Case[] = [
  [
    "D-01 RS256, as the sample of the documents has it",
    { headerText: '{"alg":"RS256","kid":"22"}' },
    /alg/,
  ],
  ["D-01 alg none", { header: { alg: "none" } }, /alg/],
  ["D-01 alg HS256", { header: { alg: "HS256" } }, /alg/],
  ["D-01 alg in other letters", { header: { alg: "es256" } }, /alg/],
  ["D-01 alg in an array", { header: { alg: ["ES256"] } }, /alg/],
  ["D-01 no alg", { header: { alg: undefined } }, /alg/],
  ["D-01 no kid", { header: { kid: undefined } }, /kid/],
  ["D-01 an empty kid", { header: { kid: "" } }, /kid/],
  ["D-01 a kid that is a number", { header: { kid: 1 } }, /kid/],
  ["D-01 a kid of 256 characters", { header: { kid: "k".repeat(256) } }, /kid is longer/],
  ["D-01 an unknown kid, though the client has one key", { header: { kid: "k2" } }, /kid "k2"/],
  ["SEC-02 kid __proto__", { header: { kid: "__proto__" } }, /no key/],
  ["SEC-02 kid constructor", { header: { kid: "constructor" } }, /no key/],
  ["D-01 iss unlike sub", { claims: { sub: "another" } }, /sub/],
  ["D-01 no sub", { claims: { sub: undefined } }, /sub/],
  ["D-01 no iss", { claims: { iss: undefined } }, /iss/],
  ["D-01 iss and sub numbers", { claims: { iss: 1, sub: 1 } }, /iss/],
  ["D-01 iss and sub empty", { claims: { iss: "", sub: "" } }, /iss/],
  ["D-01 iss and sub with a NUL", { claims: { iss: "a\u0000", sub: "a\u0000" } }, /client id/],
  [
    "D-01 iss and sub of 256 characters",
    { claims: { iss: "a".repeat(256), sub: "a".repeat(256) } },
    /id/,
  ],
  ["D-02 the token endpoint as audience", { claims: { aud: `${issuer}/token` } }, /aud/],
  ["D-02 the base address as audience", { claims: { aud: issuer.replace("/oauth", "") } }, /aud/],
  ["D-02 the issuer with a slash", { claims: { aud: `${issuer}/` } }, /aud/],
  ["D-02 the issuer in other letters", { claims: { aud: issuer.toUpperCase() } }, /aud/],
  ["D-02 two audiences", { claims: { aud: [issuer, "https://other.example"] } }, /aud/],
  ["D-02 the issuer twice", { claims: { aud: [issuer, issuer] } }, /aud/],
  ["D-02 an empty array", { claims: { aud: [] } }, /aud/],
  ["D-02 an array in an array", { claims: { aud: [[issuer]] } }, /aud/],
  ["D-02 an object", { claims: { aud: { 0: issuer } } }, /aud/],
  ["D-02 no audience", { claims: { aud: undefined } }, /aud/],
  ["D-03 no exp", { claims: { exp: undefined } }, /exp/],
  ["D-03 an exp passed by the leeway", { claims: { exp: nowSeconds - 10 } }, /exp passed 10 s/],
  ["D-03 an exp over an hour ahead", { claims: { exp: nowSeconds + 3601 } }, /exp is 3601 s ahead/],
  ["D-03 exp as a numeric string", { claims: { exp: `${nowSeconds + 60}` } }, /exp/],
  ["D-03 exp null", { claims: { exp: null } }, /exp/],
  ["D-03 exp true", { claims: { exp: true } }, /exp/],
  ["D-03 exp 1e308", expWritten("1e308"), /ahead/],
  ["D-03 exp 1e400", expWritten("1e400"), /out of range/],
  ["D-03 exp in milliseconds", { claims: { exp: now + 60_000 } }, /exp/],
  ["D-03 a negative exp", { claims: { exp: -1 } }, /exp/],
  ["D-03 an iat over 60 s in the future", { claims: { iat: nowSeconds + 61 } }, /iat/],
  ["D-03 an nbf over 60 s in the future", { claims: { nbf: nowSeconds + 61 } }, /nbf/],
  ["D-03 iat as a numeric string", { claims: { iat: `${nowSeconds}` } }, /iat/],
  ["D-03 nbf null", { claims: { nbf: null } }, /nbf/],
  ["D-04 no jti", { claims: { jti: undefined } }, /jti/],
  ["D-04 an empty jti", { claims: { jti: "" } }, /jti/],
  ["D-04 a jti that is a number", { claims: { jti: 1 } }, /jti/],
  ["D-04 a jti of 129 characters", { claims: { jti: "x".repeat(129) } }, /jti/],
  [
    "D-04 a jti of 129 characters beyond the basic plane",
    { claims: { jti: "𐍈".repeat(129) } },
    /jti/,
  ],
  ["D-04 a jti of 5000 characters", { claims: { jti: "x".repeat(5000) } }, /jti/],
  ["D-05 typ at+jwt", { header: { typ: "at+jwt" } }, /typ/],
  ["D-05 typ in small letters", { header: { typ: "jwt" } }, /typ/],
  ["D-05 typ null", { header: { typ: null } }, /typ/],
  ["D-05 typ empty", { header: { typ: "" } }, /typ/],
  ...[
    "jwk",
    "jku",
    "x5u",
    "x5c",
    "x5t",
    "crit",
    "b64",
    "zip",
    "cty",
    "enc",
    "epk",
    "__proto__",
    "",
  ].map(
    (name): Case => [
      `D-05 SEC-11 a header member ${JSON.stringify(name)}`,
      { headerText: `{"alg":"ES256","kid":"k1",${JSON.stringify(name)}:{}}` },
      /header member/,
    ],
  ),
  [
    "D-05 a member twice in the header",
    { headerText: '{"alg":"RS256","kid":"k1","alg":"ES256"}' },
    /twice/,
  ],
  ["D-05 a member twice in the claims", claimsBesides('"jti":"two"'), /twice/],
  ["D-05 a member twice, once escaped", claimsBesides('"\\u006ati":"two"'), /twice/],
  ["D-05 a member twice deep down", claimsBesides('"x":[{"y":{"z":1,"z":1}}]'), /twice/],
  ["D-05 __proto__ twice", claimsBesides('"__proto__":1,"__proto__":2'), /twice/],
  ["D-05 nesting of 17", claimsBesides(`"x":${"[".repeat(16)}${"]".repeat(16)}`), /deep/],
  ["D-05 nesting of 2000", claimsBesides(`"x":${"[".repeat(2000)}${"]".repeat(2000)}`), /deep/],
  ["D-05 an array for a header", { headerText: "[]" }, /object/],
  ["D-05 null for claims", { claimsText: "null" }, /object/],
  ["D-05 text that is not JSON", { claimsText: "{'iss':1}" }, /not JSON/],
  ["D-05 a byte order mark", { headerText: `\ufeff${JSON.stringify(goodHeader)}` }, /not JSON/],
  ["D-05 bytes that are not UTF-8", { claimsText: Buffer.from([0x7b, 0xff, 0x7d]) }, /Unicode/],
  [
    "D-05 an encoded surrogate",
    { claimsText: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) },
    /Unicode/,
  ],
  ["D-05 a lone surrogate escaped", claimsBesides('"x":"\\ud800"'), /surrogate/],
  ["D-05 a trailing NUL", { claimsText: `${JSON.stringify(goodClaims)}\u0000` }, /not JSON/],
  ["D-05 over 8 KiB", claimsBesides(`"x":"${"y".repeat(6200)}"`), /8 KiB/],
  ["D-05 nothing", "", /three parts/],
  ["D-05 one part", "abcd", /three parts/],
  ["D-05 two parts", forge().split(".").slice(0, 2).join("."), /three parts/],
  ["D-05 four parts", `${forge()}.AA`, /86/],
  ["D-05 five parts, as an encrypted token", `a.b.c.d.${"A".repeat(86)}`, /86|canonical/],
  ["D-05 an empty header", `.${forge().split(".").slice(1).join(".")}`, /three parts/],
  ["D-05 an empty payload", forge().replace(/\.[^.]+\./, ".."), /three parts/],
  ["D-05 no signature", forge().replace(/[^.]+$/, ""), /86/],
  ["D-05 padding", forge().replace(/\.([^.]+)\./, ".$1=."), /canonical/],
  ["D-05 a line break in the payload", forge().replace(/\.(....)/, ".$1\n"), /canonical/],
  ["D-05 the JSON serialisation", JSON.stringify({ payload: "", signatures: [] }), /three parts/],
  ["a megabyte of dots", ".".repeat(1 << 20), /8 KiB/],
  [
    "another key's signature",
    { key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey },
    /sig/,
  ],
];

const written = (forgery: Forgery | string): string =>
  typeof forgery === "string" ? forgery : forge(forgery);

describe("readAssertion and verifyAssertion", () => {
  for (const [what, forgery] of good) {
    it(`accept ${what}`, () => {
      assert.equal(believe(forge(forgery)).clientId, clientId);
    });
  }

  for (const [what, forgery, why] of bad) {
    it(`refuse ${what}`, () => {
      const refusal = refusalOf(() => believe(written(forgery)));
      assert.equal(refusal?.reason, "CLIENT_AUTHENTICATION_FAILED");
      assert.match(String(refusal?.cause), why);
    });
  }

  it("D-06 tell the caller the same whatever was wrong", () => {
    const told = bad.map(([, forgery]) => refusalOf(() => believe(written(forgery))));
    assert.equal(new Set(told.map((refusal) => refusal?.message)).size, 1);
    assert.deepEqual(
      new Set(told.map((refusal) => JSON.stringify(refusal?.facts))),
      new Set(["{}"]),
    );
  });

  it("D-06 give an unknown client the answer of a known one, after the same checks", () => {
    const claimed = readAssertion(forge());
    const unknown = refusalOf(() => verifyAssertion(claimed, noKeys, rules));
    const foreign = refusalOf(() =>
      verifyAssertion(readAssertion(forge({ header: { kid: "k9" } })), keys, rules),
    );
    assert.equal(unknown?.message, foreign?.message);
    const late = refusalOf(() =>
      verifyAssertion(readAssertion(forge({ claims: { exp: 1 } })), noKeys, rules),
    );
    assert.match(String(late?.cause), /exp passed/);
  });

  it("SEC-14 believe nothing by a dummy verification", () => {
    assert.equal(dummyVerify(readAssertion(forge())), undefined);
  });

  it("D-04 give the instant from which the assertion is refused", () => {
    const assertion = forge();
    const { expiresAt, jti } = believe(assertion);
    assert.equal(jti, "one");
    assert.equal(expiresAt, (nowSeconds + 70) * 1000);
    assert.doesNotThrow(() => believe(assertion, { now: (expiresAt - 1) as typeof now }));
    assert.equal(
      refusalOf(() => believe(assertion, { now: expiresAt }))?.reason,
      "CLIENT_AUTHENTICATION_FAILED",
    );
  });

  it("D-03 keep to a shorter lifetime where one is set", () => {
    const maxLifetime = seconds(300);
    assert.doesNotThrow(() =>
      believe(forge({ claims: { exp: nowSeconds + 300 } }), { maxLifetime }),
    );
    const longer = forge({ claims: { exp: nowSeconds + 301 } });
    assert.match(String(refusalOf(() => believe(longer, { maxLifetime }))?.cause), /at most 300/);
  });

  it("accept what jose signs", async () => {
    const assertion = await new SignJWT({ jti: "j" })
      .setProtectedHeader({ alg: "ES256", kid: "k1" })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + 60)
      .sign(pair.privateKey);
    assert.equal(believe(assertion).jti, "j");
  });

  it("never repeat the assertion in the reason", () => {
    for (const [, forgery] of bad) {
      const assertion = written(forgery);
      if (assertion.length < 100) continue;
      const { cause } = refusalOf(() => believe(assertion)) as { cause?: unknown };
      assert.ok(!String(cause).includes(assertion.slice(-60)));
      assert.ok(String(cause).length < 400);
    }
  });
});

describe("the signature of an assertion", () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const text = forge();
  const signed = text.slice(0, text.lastIndexOf("."));
  const right = Buffer.from(text.slice(signed.length + 1), "base64url");
  const [r, s] = [right.subarray(0, 32), right.subarray(32)];
  const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  const bytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
  const zero = Buffer.alloc(32);
  const der = sign("sha256", Buffer.from(signed), pair.privateKey);

  const wrong: Readonly<Record<string, Uint8Array>> = {
    "all zero": Buffer.alloc(64),
    "r zero": Buffer.concat([zero, s]),
    "s zero": Buffer.concat([r, zero]),
    "r one, s one": Buffer.concat([bytes(1n), bytes(1n)]),
    "r the order": Buffer.concat([bytes(order), s]),
    "s the order": Buffer.concat([r, bytes(order)]),
    "both the order": Buffer.concat([bytes(order), bytes(order)]),
    "r beyond the order": Buffer.concat([bytes(order + (number(r) % (1n << 200n))), s]),
    "s with the order added, cut": Buffer.concat([r, bytes((number(s) + order) % (1n << 256n))]),
    "all ones": Buffer.alloc(64, 0xff),
    "halves swapped": Buffer.concat([s, r]),
    "bytes reversed": Buffer.from(right).reverse(),
    DER: der,
    "DER cut to 64 bytes": der.subarray(0, 64),
    "one byte short": right.subarray(1),
    "one byte long": Buffer.concat([Buffer.alloc(1), right]),
    "r and s padded to 33 bytes": Buffer.concat([Buffer.alloc(1), r, Buffer.alloc(1), s]),
    empty: Buffer.alloc(0),
  };

  for (const [what, signature] of Object.entries(wrong)) {
    it(`SEC-13 is refused when ${what}`, () => {
      const refusal = refusalOf(() => believe(`${signed}.${encode(signature)}`));
      assert.equal(refusal?.reason, "CLIENT_AUTHENTICATION_FAILED");
    });
  }

  it("SEC-07 may be mirrored, which is why replay goes by jti and never by text", () => {
    const mirrored = Buffer.concat([r, bytes(order - number(s))]);
    assert.equal(believe(`${signed}.${encode(mirrored)}`).jti, believe(text).jti);
  });

  it("is over the text that was sent, not over what it means", () => {
    const [, claims, signature] = text.split(".");
    const spaced = encode(JSON.stringify(goodHeader, null, 1));
    assert.ok(refusalOf(() => believe(`${spaced}.${claims}.${signature}`)));
  });
});
