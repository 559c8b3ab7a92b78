// Which public keys a client may register, and how they are imported and kept.

import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  clientKeyCache,
  importKeys,
  type Jwk,
  jwksText,
  noKeys,
  readJwks,
} from "../../server/identity/client_keys.ts";
import { refusalOf } from "./assertion_maker.ts";

const exported = (key: KeyObject): Record<string, unknown> => ({
  ...key.export({ format: "jwk" }),
});
const newKey = (kid: string): Jwk => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...exported(publicKey), kid } as unknown as Jwk;
};

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key: Record<string, unknown> = { ...exported(pair.publicKey), kid: "k1" };
const p384 = exported(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey);
const rsa = exported(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey);
const ed25519 = exported(generateKeyPairSync("ed25519").publicKey);
const zero = "A".repeat(43);
// The prime of the field, one more than the greatest coordinate.
const prime = Buffer.from(
  "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
  "hex",
).toString("base64url");

const accepted: Readonly<Record<string, unknown>> = {
  "a plain public key": key,
  "alg ES256": { ...key, alg: "ES256" },
  "use sig": { ...key, use: "sig" },
  "key_ops with verify": { ...key, key_ops: ["verify"] },
  "members that mean nothing here": { ...key, ext: true, iat: 1, x5t: "x" },
  "a member __proto__": JSON.parse(`{"__proto__":{"d":"x"},${JSON.stringify(key).slice(1)}`),
};

const refused: readonly (readonly [what: string, key: unknown, field: RegExp])[] = [
  ["no object", "key", /keys\[0\]$/],
  ["null", null, /keys\[0\]$/],
  ["an array", [key], /keys\[0\]$/],
  ["an empty object", {}, /kty/],
  ["a private key", { ...exported(pair.privateKey), kid: "k1" }, /\.d$/],
  ["a private member that is null", { ...key, d: null }, /\.d$/],
  ["a symmetric key", { kty: "oct", k: "AAAA", kid: "k1" }, /\.k$/],
  ["a secret beside a public key", { ...key, k: "AAAA" }, /\.k$/],
  ["RSA", { ...rsa, kid: "k1" }, /kty/],
  ["Ed25519", { ...ed25519, kid: "k1" }, /kty/],
  ["P-384", { ...p384, kid: "k1" }, /crv/],
  ["P-384 that calls itself P-256", { ...p384, crv: "P-256", kid: "k1" }, /\.x/],
  ["secp256k1", { ...key, crv: "secp256k1" }, /crv/],
  ["kty in small letters", { ...key, kty: "ec" }, /kty/],
  ["no kid", { ...key, kid: undefined }, /kid/],
  ["an empty kid", { ...key, kid: "" }, /kid/],
  ["a kid that is a number", { ...key, kid: 1 }, /kid/],
  ["a kid of 256 characters", { ...key, kid: "k".repeat(256) }, /kid/],
  ["a kid with a control character", { ...key, kid: "k\u0000" }, /kid/],
  ["alg ES384", { ...key, alg: "ES384" }, /alg/],
  ["alg null", { ...key, alg: null }, /alg/],
  ["use enc", { ...key, use: "enc" }, /use/],
  ["key_ops without verify", { ...key, key_ops: ["sign"] }, /key_ops/],
  ["key_ops that is a string", { ...key, key_ops: "verify" }, /key_ops/],
  ["no x", { ...key, x: undefined }, /\.x/],
  ["a short y", { ...key, y: String(key.y).slice(1) }, /\.y/],
  ["a long x", { ...key, x: `${key.x}A` }, /\.x/],
  ["padding", { ...key, x: `${key.x}=` }, /\.x/],
  ["an x that is not canonical", { ...key, x: `${"A".repeat(42)}B` }, /\.x/],
  ["coordinates that are numbers", { ...key, x: 1, y: 1 }, /\.x/],
  ["a point off the curve", { ...key, x: key.y, y: key.x }, /\.x/],
  ["the point of zeros", { ...key, x: zero, y: zero }, /\.x/],
  ["coordinates beyond the field", { ...key, x: prime, y: prime }, /\.x/],
];

const reject = (value: unknown): { field?: string; detail?: string } => {
  const refusal = refusalOf(() => readJwks(value));
  assert.equal(refusal?.reason, "CLIENT_METADATA_INVALID");
  return refusal.facts;
};

describe("readJwks", () => {
  for (const [what, value] of Object.entries(accepted)) {
    it(`SEC-16 accepts ${what} and keeps what matters`, () => {
      assert.deepEqual(readJwks({ keys: [value] }), [key]);
    });
  }

  for (const [what, value, field] of refused) {
    it(`SEC-16 refuses ${what} and names the member`, () => {
      const facts = reject({ keys: [value] });
      assert.match(String(facts.field), field);
      assert.ok(facts.detail?.startsWith(String(facts.field)));
    });
  }

  for (const value of [undefined, null, "", [], [key], {}, { keys: key }, { keys: null }]) {
    it(`refuses ${JSON.stringify(value)?.slice(0, 20)} for a set`, () => {
      assert.equal(reject(value).field, "jwks.keys");
    });
  }

  it("refuses an empty set and one of 21 keys, and accepts 20", () => {
    const many = Array.from({ length: 21 }, (_, index) => newKey(`k${index}`));
    assert.equal(reject({ keys: [] }).field, "jwks.keys");
    assert.equal(reject({ keys: many }).field, "jwks.keys");
    assert.equal(readJwks({ keys: many.slice(1) }).length, 20);
  });

  it("SEC-16 refuses two keys of one kid, equal or not", () => {
    assert.equal(reject({ keys: [key, newKey("k1")] }).field, "jwks.keys[1].kid");
    assert.equal(reject({ keys: [key, key] }).field, "jwks.keys[1].kid");
  });

  it("never shows a private member in the facts", () => {
    const jwk = { ...exported(pair.privateKey), kid: "k1" } as Record<string, string>;
    assert.ok(!JSON.stringify(reject({ keys: [jwk] })).includes(String(jwk.d)));
  });
});

describe("importKeys", () => {
  it("gives the same public keys by kid", () => {
    const imported = importKeys(readJwks({ keys: [key, newKey("k2")] }));
    assert.deepEqual([...imported.keys()], ["k1", "k2"]);
    assert.ok(imported.get("k1")?.equals(pair.publicKey));
  });

  it("SEC-02 finds nothing under the names of a prototype", () => {
    const imported = importKeys([key as unknown as Jwk]);
    assert.equal(imported.get("__proto__"), undefined);
    assert.equal(imported.get("constructor"), undefined);
    assert.equal(noKeys.size, 0);
  });

  it("fails on a stored set with two equal kids", () => {
    assert.throws(() => importKeys([newKey("a"), newKey("a")]), /share a kid/);
  });
});

describe("clientKeyCache", () => {
  it("imports a set once and forgets the one used longest ago", () => {
    const keysOf = clientKeyCache(2);
    const texts = ["a", "b", "c"].map((kid) => jwksText([newKey(kid)])) as [string, string, string];
    const first = keysOf(texts[0]);
    assert.ok(first.has("a"));
    assert.equal(keysOf(texts[0]), first);
    keysOf(texts[1]);
    keysOf(texts[2]);
    assert.notEqual(keysOf(texts[0]), first);
  });
});
