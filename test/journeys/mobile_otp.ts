// One-time passwords as somebody would guess them.
import { randomBytes, randomUUID } from "node:crypto";

/** Gives a text of the right form with a password that no portal ever showed. */
export const newOtp = (transaction_id: string = randomUUID()): string =>
  Buffer.from(
    JSON.stringify({ transaction_id, otp: randomBytes(16).toString("base64url") }),
  ).toString("base64");
