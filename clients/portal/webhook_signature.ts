// Whether a message came from the server: its signature after Standard Webhooks, as a receiver checks it.
import { createHmac, timingSafeEqual } from "node:crypto";

const prefix = "whsec_";
const fewestBytes = 24;
const mostBytes = 64;
const toleranceSeconds = 300;

// Without a dot, which parts what is signed: so no two messages are signed alike.
const idForm = /^[A-Za-z0-9_-]{1,255}$/;
const timestampForm = /^\d{1,12}$/;
const version = "v1,";

/** Headers of a message, by lower-case name. */
export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What is known of a message that the server sent. */
export interface SignedWebhook {
  /** The same at every try to deliver it. */
  readonly id: string;
  /** When this try was made. */
  readonly sentAt: Date;
}

/** Why a message is not believed. */
export type WebhookProblem = "headers" | "timestamp" | "signature";

/** A check of messages. `now`: milliseconds since the epoch. */
export type WebhookCheck = (
  headers: WebhookHeaders,
  body: Uint8Array,
  now: number,
) => SignedWebhook | WebhookProblem;

/** Gives the key of a secret, or throws a TypeError which does not show it. */
function keyOf(secret: string): Buffer {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : "";
  const key = Buffer.from(text, "base64");
  const isExact = key.toString("base64") === text;
  if (isExact && key.length >= fewestBytes && key.length <= mostBytes) return key;
  throw new TypeError("A signing secret is whsec_ and 24 to 64 bytes in base64.");
}

/**
 * Gives the check of messages signed with any of these secrets; while a secret is changed, both are given. The check
 * gives what is known of a message: its headers are there once each, its timestamp is at most 5 minutes off, and one of
 * its signatures is that of id, timestamp and body; else it gives which of these is wrong. It compares in constant
 * time. Throws a TypeError when a text is no signing secret, or there is none.
 * Source: Standard Webhooks 1.0, verifying signatures; D-56.
 */
export function webhookCheck(secrets: readonly string[]): WebhookCheck {
  const keys = secrets.map(keyOf);
  if (keys.length === 0) throw new TypeError("There is no signing secret.");
  return (headers, body, now) => {
    const id = headers["webhook-id"];
    const timestamp = headers["webhook-timestamp"];
    const signatures = headers["webhook-signature"];
    const isWhole = typeof id === "string" && idForm.test(id) && typeof signatures === "string";
    if (!isWhole || typeof timestamp !== "string" || !timestampForm.test(timestamp))
      return "headers";
    const sentAt = Number(timestamp) * 1000;
    if (Math.abs(now - sentAt) > toleranceSeconds * 1000) return "timestamp";
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
    const isSigned = keys.some((key) => isAmong(signatures, expected(key, signed)));
    return isSigned ? { id, sentAt: new Date(sentAt) } : "signature";
  };
}

const expected = (key: Buffer, signed: Buffer): Buffer =>
  Buffer.from(version + createHmac("sha256", key).update(signed).digest("base64"));

const isAmong = (signatures: string, wanted: Buffer): boolean =>
  signatures
    .split(" ")
    .map((given) => Buffer.from(given))
    .some((given) => given.length === wanted.length && timingSafeEqual(given, wanted));
