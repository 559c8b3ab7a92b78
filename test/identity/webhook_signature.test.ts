// Signatures of callbacks: the known answer of Standard Webhooks, and what its own library makes of ours.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import {
  isSigningSecret,
  newSigningSecret,
  webhookSignature,
} from "../../server/identity/webhook_signature.ts";

const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;

describe("a webhook signature", () => {
  it("is the one of the published example", () => {
    const signature = webhookSignature(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1_614_265_330,
      body: '{"test": 2432232314}',
    });
    assert.equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("is believed by the official library under each of its secrets and under no other", () => {
    const body = JSON.stringify({ callback_uri: "https://portal.example/é", transaction_id: "1" });
    const timestamp = Math.floor(Date.now() / 1000);
    const secrets = [newSigningSecret(), newSigningSecret()];
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(timestamp),
      "webhook-signature": webhookSignature(secrets, { id: "msg_1", timestamp, body }),
    };
    for (const secret of secrets) {
      assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
      assert.throws(() => new Webhook(secret).verify(`${body} `, headers), /No matching/);
      const other = { ...headers, "webhook-id": "msg_2" };
      assert.throws(() => new Webhook(secret).verify(body, other), /No matching/);
    }
    assert.throws(() => new Webhook(newSigningSecret()).verify(body, headers), /No matching/);
  });

  it("is the one that the official library makes, whatever is signed", () => {
    const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 });
    const timestamp = fc.integer({ min: 0, max: 4_000_000_000 });
    // The library signs text that is well formed, as all text on the wire is.
    const body = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(bytes, timestamp, body, (key, at, text) => {
        const secret = `whsec_${Buffer.from(key).toString("base64")}`;
        const ours = webhookSignature([secret], { id: "msg_1", timestamp: at, body: text });
        assert.equal(ours, new Webhook(secret).sign("msg_1", new Date(at * 1000), text));
      }),
    );
  });

  it("is not made with a text that is no secret", () => {
    const message = { id: "msg_1", timestamp: 1, body: "" };
    assert.throws(() => webhookSignature(["secret"], message), /form/);
  });
});

describe("a signing secret", () => {
  it("is new each time, and is one", () => {
    const made = Array.from({ length: 100 }, newSigningSecret);
    assert.equal(new Set(made).size, 100);
    assert.deepEqual(
      made.filter((secret) => !isSigningSecret(secret)),
      [],
    );
  });

  it("has 24 to 64 bytes", () => {
    const sizes = [0, 1, 23, 24, 25, 32, 63, 64, 65, 128];
    assert.deepEqual(
      sizes.filter((size) => isSigningSecret(secretOf(size))),
      [24, 25, 32, 63, 64],
    );
  });

  const wrong: Readonly<Record<string, string>> = {
    "without its prefix": secretOf(32).slice("whsec_".length),
    "of another prefix": secretOf(32).replace("whsec", "whpk"),
    "without padding": secretOf(32).replace(/=+$/, ""),
    "in base64url": `whsec_${Buffer.alloc(33, 0xfb).toString("base64url")}`,
    "with a blank": secretOf(32).replace("BwcH", "Bwc H"),
    "with a line feed at its end": `${secretOf(24)}\n`,
    "with bits that do not count": secretOf(25).replace(/w==$/, "x=="),
    "of another alphabet": `whsec_${"ß".repeat(32)}`,
    "with nothing behind its prefix": "whsec_",
    "that is empty": "",
  };
  for (const [what, text] of Object.entries(wrong)) {
    it(`is not a text ${what}`, () => assert.equal(isSigningSecret(text), false));
  }
});
