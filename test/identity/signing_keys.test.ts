// Signing keys: made, sealed, opened, published, and rotated over years by a clock moved by hand.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { calculateJwkThumbprint } from "jose";
import { type Milliseconds, milliseconds } from "../../server/core/clock.ts";
import { masterKey } from "../../server/identity/master_key.ts";
import { sealer } from "../../server/identity/seal.ts";
import {
  generateSigningKey,
  nextRotation,
  openKeyRing,
  publishedRows,
  type RotationPolicy,
  type SigningKeyTimes,
  signingRow,
} from "../../server/identity/signing_keys.ts";

const box = sealer([masterKey(randomBytes(32))]);
const hour = 3_600_000;
const start = milliseconds(1_800_000_000_000);
const at = (hours: number): Milliseconds => milliseconds(start + hours * hour);

const policy: RotationPolicy = {
  period: milliseconds(720 * hour),
  announcement: milliseconds(24 * hour),
  retention: milliseconds(2 * hour),
};

const row = (
  kid: string,
  activeFrom: Milliseconds,
  retiredAt?: Milliseconds,
  expiresAt?: Milliseconds,
): SigningKeyTimes => ({ kid, activeFrom, retiredAt, expiresAt });

/** Carries out what a rotation says, as the store would. */
const carryOut = (rows: readonly SigningKeyTimes[], now: Milliseconds): SigningKeyTimes[] => {
  const { create, retire, remove } = nextRotation(rows, now, policy);
  const kept = rows
    .map((old) => retire.find(({ kid }) => kid === old.kid) ?? old)
    .filter(({ kid }) => !remove.includes(kid));
  return create === undefined ? kept : [...kept, row(`key ${create}`, create)];
};

describe("generateSigningKey", () => {
  it("D-61 names a key by its thumbprint and publishes nothing private", async () => {
    const made = await generateSigningKey(box, start);
    const jwk = JSON.parse(made.publicJwk);
    assert.equal(made.kid, await calculateJwkThumbprint(jwk));
    assert.deepEqual(Object.keys(jwk).sort(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    assert.deepEqual([jwk.alg, jwk.crv, jwk.use, jwk.kid], ["ES256", "P-256", "sig", made.kid]);
  });

  it("SEC-19 seals the private half for its own row", async () => {
    const [one, two] = [await generateSigningKey(box, start), await generateSigningKey(box, start)];
    assert.ok(JSON.parse(box.open(`signing_key/${one.kid}`, one.sealedPrivateJwk)).d);
    const swapped = { ...one, sealedPrivateJwk: two.sealedPrivateJwk };
    await assert.rejects(openKeyRing([swapped], box), /cannot be opened/);
  });

  it("is opened only as the key of its row", async () => {
    const [one, two] = [await generateSigningKey(box, start), await generateSigningKey(box, start)];
    const jwk = box.open(`signing_key/${two.kid}`, two.sealedPrivateJwk);
    const forged = { ...one, sealedPrivateJwk: box.seal(`signing_key/${one.kid}`, jwk) };
    await assert.rejects(openKeyRing([forged], box), /not the one of its row/);
  });
});

describe("openKeyRing", () => {
  it("signs with the active key and publishes those before and after it", async () => {
    const old = {
      ...(await generateSigningKey(box, at(-100))),
      retiredAt: at(0),
      expiresAt: at(2),
    };
    const current = await generateSigningKey(box, at(0));
    const next = await generateSigningKey(box, at(10));
    const ring = await openKeyRing([old, next, current], box);
    const kids = (now: Milliseconds) => ring.jwks(now).keys.map(({ kid }) => kid);
    assert.equal(ring.signingKey(at(1)).kid, current.kid);
    assert.deepEqual(new Set(kids(at(1))), new Set([old.kid, current.kid, next.kid]));
    assert.equal(ring.signingKey(at(10)).kid, next.kid);
    assert.deepEqual(new Set(kids(at(10))), new Set([current.kid, next.kid]));
    assert.ok(ring.jwks(at(1)).keys.every((jwk) => !("d" in jwk)));
  });

  it("never signs with a retired key, not even where the clock lags behind", async () => {
    const good = await generateSigningKey(box, at(-100));
    const withdrawn = {
      ...(await generateSigningKey(box, at(0))),
      retiredAt: at(10),
      expiresAt: at(12),
    };
    const ring = await openKeyRing([good, withdrawn], box);
    assert.equal(ring.signingKey(at(9)).kid, good.kid);
  });

  it("fails to sign when no key is active", async () => {
    const ring = await openKeyRing([await generateSigningKey(box, at(1))], box);
    assert.throws(() => ring.signingKey(at(0)), /no active signing key/);
    assert.equal(signingRow([], start), undefined);
  });
});

describe("signingRow and publishedRows", () => {
  const rows = [
    row("old", at(-10), at(0), at(2)),
    row("b", at(0)),
    row("a", at(0)),
    row("next", at(5)),
  ];

  it("choose the latest active key, and of equals the same in any order", () => {
    assert.equal(signingRow(rows, at(-1))?.kid, "old");
    assert.equal(signingRow(rows, at(0))?.kid, "b");
    assert.equal(signingRow([...rows].reverse(), at(0))?.kid, "b");
    assert.equal(signingRow(rows, at(5))?.kid, "next");
    assert.equal(signingRow(rows, at(-11)), undefined);
  });

  it("SEC-18 publish a key before it signs and until it expires", () => {
    const kids = (now: Milliseconds) => publishedRows(rows, now).map(({ kid }) => kid);
    assert.deepEqual(kids(at(1)), ["old", "b", "a", "next"]);
    assert.deepEqual(kids(at(2)), ["b", "a", "next"]);
  });
});

describe("nextRotation", () => {
  it("makes a first key that signs at once", () => {
    assert.deepEqual(nextRotation([], start, policy), { create: start, retire: [], remove: [] });
  });

  it("does nothing while a key is young, and again once the next is announced", () => {
    const rows = [row("a", at(0))];
    const nothing = { create: undefined, retire: [], remove: [] };
    assert.deepEqual(nextRotation(rows, at(695), policy), nothing);
    const announced = carryOut(rows, at(696));
    assert.equal(announced[1]?.activeFrom, at(720));
    assert.deepEqual(nextRotation(announced, at(697), policy), nothing);
  });

  it("announces the next key as long also when it is made late", () => {
    assert.equal(nextRotation([row("a", at(0))], at(1000), policy).create, at(1024));
  });

  it("retires the key that another took over from as of that moment, and removes it later", () => {
    const rows = [row("a", at(0)), row("b", at(720))];
    assert.deepEqual(nextRotation(rows, at(721), policy).retire, [
      row("a", at(0), at(720), at(722)),
    ]);
    const retired = carryOut(rows, at(721));
    assert.deepEqual(nextRotation(retired, at(721.5), policy).remove, []);
    assert.deepEqual(nextRotation(retired, at(722), policy).remove, ["a"]);
  });

  it("makes a key at once when all are retired", () => {
    const rows = [row("a", at(0), at(1), at(3)), row("b", at(9))];
    assert.equal(nextRotation(rows, at(2), policy).create, at(2));
  });

  it("SEC-18 always has a signer that was announced, and publishes what signed lately", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 50, maxLength: 150 }),
        (steps) => {
          let rows = carryOut([], start);
          let now: Milliseconds = start;
          const published = new Map(rows.map(({ kid }) => [kid, start as number]));
          let lastSigned = new Map<string, number>();
          for (const step of steps) {
            now = milliseconds(now + step * hour);
            rows = carryOut(rows, now);
            assert.deepEqual(carryOut(rows, now), rows);
            const signer = signingRow(rows, now);
            assert.ok(signer !== undefined);
            for (const { kid } of publishedRows(rows, now)) {
              if (!published.has(kid)) published.set(kid, now);
            }
            const since = published.get(signer.kid) ?? now;
            assert.ok(
              signer.activeFrom === start || signer.activeFrom - since >= policy.announcement,
            );
            const kids = new Set(publishedRows(rows, now).map(({ kid }) => kid));
            lastSigned = new Map(
              [...lastSigned].filter(([, when]) => now - when < policy.retention),
            );
            for (const kid of lastSigned.keys()) assert.ok(kids.has(kid));
            lastSigned.set(signer.kid, now);
            assert.ok(rows.length <= 3);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
