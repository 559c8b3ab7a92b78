// The tokens for web hooks, verified by the library that their makers use.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { milliseconds, seconds } from "../../server/core/clock.ts";
import { signIdToken } from "../../server/identity/id_token.ts";
import { masterKey } from "../../server/identity/master_key.ts";
import { sealer } from "../../server/identity/seal.ts";
import { generateSigningKey, openKeyRing } from "../../server/identity/signing_keys.ts";
import { webHookTokens } from "../../server/identity/web_hook_token.ts";

const box = sealer([masterKey(randomBytes(32))]);
const now = milliseconds(1_800_000_000_000);
const request = {
  issuer: "https://token-server.example.com/oauth",
  url: "https://hooks.example.com/base",
  type: "CUSTOMIZE_TOKEN",
  now,
};
const minute = 60_000;
const at = (later: number) => ({ ...request, now: milliseconds(now + later) });

describe("webHookTokens", () => {
  const ringOf = async () => openKeyRing([await generateSigningKey(box, now)], box);

  it("gives what jose verifies against the published keys, with the documented claims", async () => {
    const ring = await ringOf();
    const token = webHookTokens()(ring.signingKey(now), request);
    const keys = createLocalJWKSet({
      keys: ring.jwks(now).keys.map((jwk) => ({ ...jwk, kty: "EC" })),
    });
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: request.issuer,
      audience: request.url,
      subject: "onewelcomeAccessWebHookClient",
      typ: "JWT",
      algorithms: ["ES256"],
      currentDate: new Date(now),
    });
    assert.deepEqual(Object.keys(protectedHeader).sort(), ["alg", "kid", "typ"]);
    const { jti, ...claims } = payload;
    assert.match(String(jti), /^[0-9a-f-]{36}$/);
    assert.deepEqual(claims, {
      iss: request.issuer,
      sub: "onewelcomeAccessWebHookClient",
      cid: "onewelcomeAccessWebHookClient",
      aud: request.url,
      scope: "onewelcome_webhooks onewelcome_webhook_customize_token",
      iat: 1_800_000_000,
      exp: 1_800_000_900,
    });
  });

  it("serves a hook again until a minute before the end, and not before it was made", async () => {
    const key = (await ringOf()).signingKey(now);
    const give = webHookTokens();
    const token = give(key, request);
    assert.equal(give(key, at(14 * minute - 1)), token);
    const next = give(key, at(14 * minute));
    assert.notEqual(next, token);
    assert.notEqual(decodeJwt(next).jti, decodeJwt(token).jti);
    assert.notEqual(give(key, request), next);
  });

  it("gives every hook, type and key a token of its own", async () => {
    const [first, second] = await Promise.all([ringOf(), ringOf()]);
    const give = webHookTokens();
    const key = first.signingKey(now);
    const tokens = [
      give(key, request),
      give(key, { ...request, url: "https://other.example.com" }),
      give(key, { ...request, type: "USER_DETAILS_CUSTOMIZATION" }),
      give(second.signingKey(now), request),
    ];
    assert.equal(new Set(tokens).size, 4);
    const { scope } = decodeJwt(tokens[2] ?? "");
    assert.equal(scope, "onewelcome_webhooks onewelcome_webhook_user_details_customization");
  });

  it("remembers no more than a thousand (SEC-76)", async () => {
    const key = (await ringOf()).signingKey(now);
    const give = webHookTokens();
    const token = give(key, request);
    for (let hook = 0; hook < 1_000; hook++) {
      give(key, { ...request, url: `https://hooks.example.com/${hook}` });
    }
    assert.notEqual(give(key, request), token);
  });

  it("is no ID token of anybody: its audience is the hook", async () => {
    const key = (await ringOf()).signingKey(now);
    const idToken = signIdToken(key, {
      issuer: request.issuer,
      subject: "alice",
      audience: "app",
      issuedAt: seconds(1),
      expiresAt: seconds(2),
      authenticatedAt: seconds(1),
    });
    assert.notEqual(decodeJwt(idToken).aud, decodeJwt(webHookTokens()(key, request)).aud);
  });
});
