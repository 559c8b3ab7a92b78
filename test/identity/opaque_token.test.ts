// The form of opaque tokens, their hashes and their successors.

import assert from "node:assert/strict";
import { createHash, createHmac, createSecretKey } from "node:crypto";
import {
  hashToken,
  isTokenForm,
  successorOf,
  tokenSource,
} from "../../server/identity/opaque_token.ts";

const key = createSecretKey(Buffer.alloc(32, 7));

describe("tokenSource", () => {
  it("D-61 makes tokens of 64 upper-case hexadecimal characters", () => {
    const next = tokenSource();
    for (let count = 0; count < 600; count++) assert.match(next(), /^[0-9A-F]{64}$/);
  });

  it("SEC-21 never makes one twice, across refills and sources", () => {
    const sources = [tokenSource(), tokenSource()];
    const made = new Set<string>();
    for (let count = 0; count < 20_000; count++) made.add(sources[count % 2]?.() ?? "");
    assert.equal(made.size, 20_000);
  });

  it("uses every bit", () => {
    const next = tokenSource();
    let [ones, zeros] = [0n, 0n];
    for (let count = 0; count < 200; count++) {
      const bits = BigInt(`0x${next()}`);
      ones |= bits;
      zeros |= ~bits & ((1n << 256n) - 1n);
    }
    assert.equal(ones, (1n << 256n) - 1n);
    assert.equal(zeros, ones);
  });
});

describe("isTokenForm", () => {
  it("D-61 accepts 64 upper-case hexadecimal characters and nothing else", () => {
    const token = tokenSource()();
    assert.ok(isTokenForm(token));
    const others = [
      "",
      token.slice(1),
      `${token}0`,
      `${token}\n`,
      ` ${token}`,
      `a${token.slice(1)}`,
      `G${token.slice(1)}`,
      "٣".repeat(64),
    ];
    for (const other of others) assert.ok(!isTokenForm(other));
  });
});

describe("hashToken", () => {
  it("D-61 is the SHA-256 of the characters, in base64url", () => {
    const token = tokenSource()();
    assert.equal(hashToken(token), createHash("sha256").update(token).digest("base64url"));
    assert.equal(hashToken(token).length, 43);
  });
});

describe("successorOf", () => {
  it("D-62 is one token for one key and token, and of the same form", () => {
    const token = tokenSource()();
    const successor = successorOf(key, token);
    assert.ok(isTokenForm(successor));
    assert.equal(successorOf(key, token), successor);
    const expected = createHmac("sha256", Buffer.alloc(32, 7)).update(token).digest("hex");
    assert.equal(successor, expected.toUpperCase());
  });

  it("D-62 differs for another key, another token, and at each step of a family", () => {
    const token = tokenSource()();
    const other = createSecretKey(Buffer.alloc(32, 8));
    const family = [token];
    for (let step = 0; step < 50; step++) family.push(successorOf(key, family.at(-1) ?? ""));
    family.push(successorOf(other, token), successorOf(key, tokenSource()()));
    assert.equal(new Set(family).size, family.length);
  });
});
