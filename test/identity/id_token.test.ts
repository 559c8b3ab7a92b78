// ID tokens, validated by the library that relying parties use.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { milliseconds, seconds } from "../../server/core/clock.ts";
import {
  type IdTokenClaims,
  registeredClaims,
  signIdToken,
} from "../../server/identity/id_token.ts";
import { masterKey } from "../../server/identity/master_key.ts";
import { sealer } from "../../server/identity/seal.ts";
import { generateSigningKey, openKeyRing } from "../../server/identity/signing_keys.ts";

const box = sealer([masterKey(randomBytes(32))]);
const now = milliseconds(1_800_000_000_000);
const issued = seconds(1_800_000_000);
const currentDate = new Date(now + 1000);

const claims: IdTokenClaims = {
  issuer: "https://token-server.example.com/oauth",
  subject: "user-1",
  audience: "client-1",
  issuedAt: issued,
  expiresAt: seconds(issued + 3600),
  authenticatedAt: seconds(issued - 5),
};

const expected = { issuer: claims.issuer, audience: claims.audience, currentDate };

describe("signIdToken", () => {
  it("D-61 signs what jose verifies against the published keys", async () => {
    const row = await generateSigningKey(box, now);
    const ring = await openKeyRing([row], box);
    const token = signIdToken(ring.signingKey(now), claims);
    const keys = createLocalJWKSet({
      keys: ring.jwks(now).keys.map((jwk) => ({ ...jwk, kty: "EC" })),
    });
    const { payload, protectedHeader } = await jwtVerify(token, keys, { ...expected, typ: "JWT" });
    assert.deepEqual(protectedHeader, { alg: "ES256", kid: row.kid, typ: "JWT" });
    assert.deepEqual(payload, {
      iss: claims.issuer,
      sub: "user-1",
      aud: "client-1",
      exp: issued + 3600,
      iat: issued,
      auth_time: issued - 5,
    });
  });

  it("SEC-18 signs tokens that stay verifiable across a rotation", async () => {
    const first = await generateSigningKey(box, now);
    const token = signIdToken((await openKeyRing([first], box)).signingKey(now), claims);
    const later = milliseconds(now + 1000);
    const retired = { ...first, retiredAt: later, expiresAt: milliseconds(now + 3_600_000) };
    const ring = await openKeyRing([retired, await generateSigningKey(box, later)], box);
    const next = signIdToken(ring.signingKey(later), claims);
    const keys = createLocalJWKSet({
      keys: ring.jwks(later).keys.map((jwk) => ({ ...jwk, kty: "EC" })),
    });
    await jwtVerify(token, keys, expected);
    await jwtVerify(next, keys, expected);
    assert.notEqual(decodeProtectedHeader(token).kid, decodeProtectedHeader(next).kid);
  });

  it("carries amr, and ties the access token by half its hash", async () => {
    const ring = await openKeyRing([await generateSigningKey(box, now)], box);
    const accessToken = "8A5A".repeat(16);
    const token = signIdToken(ring.signingKey(now), { ...claims, amr: ["pin", "qr"], accessToken });
    const digest = createHash("sha256").update(accessToken).digest();
    const payload = decodeJwt(token);
    assert.deepEqual(payload.amr, ["pin", "qr"]);
    assert.equal(payload.at_hash, digest.subarray(0, 16).toString("base64url"));
  });

  it("D-19 writes attributes under their names but never over a registered claim", async () => {
    const ring = await openKeyRing([await generateSigningKey(box, now)], box);
    const registered = Object.fromEntries([...registeredClaims].map((name) => [name, "forged"]));
    const attributes = JSON.parse(
      '{"email":"a@example.com","address":{"country":"NL"},"groups":[1,null],"näme":"é",' +
        '"__proto__":{"sub":"x"}}',
    );
    const token = signIdToken(ring.signingKey(now), {
      ...claims,
      attributes: { ...registered, ...attributes, nothing: undefined },
    });
    const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    assert.equal(payload.sub, "user-1");
    assert.equal(payload.aud, "client-1");
    assert.equal(payload.iss, claims.issuer);
    assert.ok(!Object.values(payload).includes("forged"));
    assert.equal(payload.email, "a@example.com");
    assert.deepEqual(payload.address, { country: "NL" });
    assert.deepEqual(payload.groups, [1, null]);
    assert.equal(payload.näme, "é");
    assert.ok(!("nothing" in payload));
  });
});
