// The check of signatures against those who sign: the server, and the library of the standard's own makers.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import type { WebhookHeaders } from "../../../clients/portal/webhook_signature.ts";
import { webhookCheck } from "../../../clients/portal/webhook_signature.ts";
import { newSigningSecret, webhookSignature } from "../../../server/identity/webhook_signature.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const seconds = now / 1000;
const id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
const body = '{"callback_uri":"https://portal.example.com/cb","transaction_id":"1"}';
const secret = newSigningSecret();
const bytes = (text: string): Uint8Array => Buffer.from(text);

const signedBy = (
  secrets: readonly string[],
  message: { id: string; timestamp: number; body: string },
): WebhookHeaders => ({
  "webhook-id": message.id,
  "webhook-timestamp": String(message.timestamp),
  "webhook-signature": webhookSignature(secrets, message),
});
const usual = signedBy([secret], { id, timestamp: seconds, body });
const believed = { id, sentAt: new Date(now) };

const ids = fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/);
const bodies = fc.string({ unit: "binary", maxLength: 300 });
const secrets = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((key) => `whsec_${Buffer.from(key).toString("base64")}`);
const timestamps = fc.integer({ min: 0, max: 99_999_999_999 });

describe("webhookCheck", () => {
  it("believes what the server signs", () => {
    fc.assert(
      fc.property(ids, timestamps, bodies, secrets, (anyId, timestamp, text, key) => {
        const headers = signedBy([key], { id: anyId, timestamp, body: text });
        const sentAt = new Date(timestamp * 1000);
        const given = webhookCheck([key])(headers, bytes(text), timestamp * 1000);
        assert.deepEqual(given, { id: anyId, sentAt });
      }),
    );
  });

  it("believes what the official library signs", () => {
    fc.assert(
      fc.property(ids, timestamps, bodies, secrets, (anyId, timestamp, text, key) => {
        const at = new Date(timestamp * 1000);
        const headers = {
          "webhook-id": anyId,
          "webhook-timestamp": String(timestamp),
          "webhook-signature": new Webhook(key).sign(anyId, at, text),
        };
        const given = webhookCheck([key])(headers, bytes(text), timestamp * 1000);
        assert.deepEqual(given, { id: anyId, sentAt: at });
      }),
    );
  });

  it("agrees with the official library on changed messages, present and past", () => {
    const clock = Math.floor(Date.now() / 1000);
    const change = fc.constantFrom("none", "id", "timestamp", "body", "signature", "secret", "age");
    fc.assert(
      fc.property(ids, bodies, secrets, change, fc.nat(), (anyId, text, key, what, at) => {
        const flip = (given: string): string => {
          const place = given.length === 0 ? 0 : at % given.length;
          const other = given[place] === "0" ? "1" : "0";
          return given.slice(0, place) + other + given.slice(place + 1);
        };
        const timestamp = what === "age" ? clock - 1000 : clock;
        const honest = signedBy([key], { id: anyId, timestamp, body: text });
        const headers = { ...honest } as Record<string, string>;
        // A version that is not known proves nothing either.
        if (what === "signature")
          headers["webhook-signature"] = flip(String(honest["webhook-signature"]));
        if (what === "id") headers["webhook-id"] = flip(anyId);
        if (what === "timestamp") headers["webhook-timestamp"] = String(timestamp + 1);
        const sent = what === "body" ? flip(text) : text;
        const known = what === "secret" ? newSigningSecret() : key;
        const official = new Webhook(known);
        const ours = webhookCheck([known])(headers, bytes(sent), Date.now());
        const verify = () => official.verify(sent, headers, { jsonParse: false });
        if (what === "none") {
          assert.doesNotThrow(verify);
          assert.equal(typeof ours, "object");
        } else {
          assert.throws(verify);
          assert.equal(typeof ours, "string");
        }
      }),
    );
  });

  it("believes nothing of which a single bit of the signature differs", () => {
    const check = webhookCheck([secret]);
    const signature = Buffer.from(String(usual["webhook-signature"]).slice(3), "base64");
    for (let bit = 0; bit < signature.length * 8; bit += 1) {
      const changed = Buffer.from(signature);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const headers = { ...usual, "webhook-signature": `v1,${changed.toString("base64")}` };
      assert.equal(check(headers, bytes(body), now), "signature");
    }
  });

  it("takes any of its secrets and any signature of the message, wherever it stands", () => {
    const [old, next] = [newSigningSecret(), newSigningSecret()];
    const both = signedBy([old, next], { id, timestamp: seconds, body });
    for (const known of [[old], [next], [next, old], [newSigningSecret(), old]]) {
      assert.deepEqual(webhookCheck(known)(both, bytes(body), now), believed);
    }
    const ours = String(usual["webhook-signature"]);
    for (const signature of [
      `v1a,abc ${ours}`,
      `v1,AAAA ${ours}`,
      ` ${ours} `,
      `v2,x ${ours} v1,`,
    ]) {
      const headers = { ...usual, "webhook-signature": signature };
      assert.deepEqual(webhookCheck([secret])(headers, bytes(body), now), believed, signature);
    }
  });

  it("believes no other form of the right signature", () => {
    const ours = String(usual["webhook-signature"]);
    const value = ours.slice(3);
    for (const signature of [
      value,
      `v2,${value}`,
      `V1,${value}`,
      `v1, ${value}`,
      `v1,${value.replace(/=+$/, "")}`,
      `v1,${value}=`,
      `${ours},${ours}`,
      `v1,${Buffer.from(value, "base64").toString("hex")}`,
      "",
      "v1,",
    ]) {
      const headers = { ...usual, "webhook-signature": signature };
      assert.equal(webhookCheck([secret])(headers, bytes(body), now), "signature", signature);
    }
  });

  it("takes a clock that is up to five minutes off, either way", () => {
    const check = webhookCheck([secret]);
    const late = (ms: number) => check(usual, bytes(body), now + ms);
    for (const ms of [-300_000, -1, 0, 1, 300_000]) assert.deepEqual(late(ms), believed, `${ms}`);
    for (const ms of [-300_001, 300_001, 1e12, -1e12]) assert.equal(late(ms), "timestamp");
  });

  it("wants each header once, in its form", () => {
    const check = webhookCheck([secret]);
    const wrong: WebhookHeaders[] = [
      {},
      { ...usual, "webhook-id": undefined },
      { ...usual, "webhook-timestamp": undefined },
      { ...usual, "webhook-signature": undefined },
      { ...usual, "webhook-id": [id, id] },
      { ...usual, "webhook-signature": [String(usual["webhook-signature"])] },
      ...["", "a.b", "a b", "ä", "x".repeat(256)].map((other) => ({
        ...usual,
        "webhook-id": other,
      })),
      ...["", "-1", "1e9", " 1", "1 ", "0x1", `${seconds}.0`, "NaN", "1".repeat(13)].map(
        (other) => ({
          ...usual,
          "webhook-timestamp": other,
        }),
      ),
    ];
    for (const headers of wrong) {
      assert.equal(check(headers, bytes(body), now), "headers", JSON.stringify(headers));
    }
  });

  it("parts id, timestamp and body where the signer parted them", () => {
    // What the server signs for one message is what it would sign for others if an id could have dots.
    const moved = `${seconds}.${body}`;
    const headers = {
      ...usual,
      "webhook-id": `${id}.${seconds}`,
      "webhook-timestamp": `${seconds}`,
    };
    assert.equal(webhookCheck([secret])(headers, bytes(moved), now), "headers");
  });

  it("signs bytes, also those that are no text", () => {
    const check = webhookCheck([secret]);
    const broken = Buffer.from([0x7b, 0xff, 0x7d]);
    const headers = signedBy([secret], { id, timestamp: seconds, body: broken.toString() });
    assert.equal(check(headers, broken, now), "signature");
    assert.deepEqual(check(headers, bytes(broken.toString()), now), believed);
  });

  it("refuses secrets that are none, without showing them", () => {
    const short = randomBytes(23).toString("base64");
    const long = randomBytes(65).toString("base64");
    const unpadded = randomBytes(25).toString("base64").replace(/=+$/, "");
    for (const text of [
      "",
      "whsec_",
      short,
      `whsec_${short}`,
      `whsec_${long}`,
      `whsec_${unpadded}`,
    ]) {
      assert.throws(
        () => webhookCheck([secret, text]),
        (error) => {
          assert(error instanceof TypeError);
          const shown = text.slice("whsec_".length);
          return shown === "" || !`${error.stack}`.includes(shown);
        },
      );
    }
    assert.throws(() => webhookCheck([]), TypeError);
  });
});
