// Signatures of messages to other servers, as Standard Webhooks has them.
import { createHmac, randomBytes } from "node:crypto";

/** What is signed of a message. */
export interface SignedMessage {
  /** The same at every try; without a dot, which parts what is signed. */
  readonly id: string;
  /** When this try was made, in whole seconds since the epoch. */
  readonly timestamp: number;
  readonly body: string;
}

const prefix = "whsec_";
const secretBytes = 32;
const fewestBytes = 24;
const mostBytes = 64;

/** Gives the bytes of a secret; undefined for a text that is none. */
function keyOf(secret: string): Buffer | undefined {
  if (!secret.startsWith(prefix)) return undefined;
  const text = secret.slice(prefix.length);
  const key = Buffer.from(text, "base64");
  const isExact = key.toString("base64") === text;
  return isExact && key.length >= fewestBytes && key.length <= mostBytes ? key : undefined;
}

/**
 * Makes a signing secret: `whsec_` and 32 random bytes in base64. Source: Standard Webhooks 1.0, SEC-62.
 */
export const newSigningSecret = (): string => prefix + randomBytes(secretBytes).toString("base64");

/**
 * Tells whether a text is a signing secret: `whsec_` and 24 to 64 bytes in base64, padded as receivers'
 * libraries demand it. Source: Standard Webhooks 1.0, SEC-62.
 */
export const isSigningSecret = (text: string): boolean => keyOf(text) !== undefined;

/**
 * Gives the value of `webhook-signature`: for each secret `v1,` and the HMAC-SHA-256 of id, timestamp and
 * body in base64, with a space between, so that receivers of either secret find theirs. A text that is no
 * signing secret is a fault: it was checked when it was set up. Source: Standard Webhooks 1.0, SEC-62.
 */
export function webhookSignature(
  secrets: readonly string[],
  { id, timestamp, body }: SignedMessage,
): string {
  const signed = secrets.map((secret) => {
    const key = keyOf(secret);
    if (!key) throw new Error("a signing secret has not the form of one");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return signed.join(" ");
}
