// What the laws of tokens and logins issue: families and tokens, and instants to look at them.
import type { Milliseconds } from "../../../server/core/clock.ts";
import { milliseconds } from "../../../server/core/clock.ts";
import { randomId } from "../../../server/core/id.ts";
import type { NewAccessToken, NewTokenFamily } from "../../../server/store/token_family.ts";

/** When everything begins. */
export const start = milliseconds(1_800_000_000_000);

/** Gives the instant that is so many seconds after the start. */
export const at = (seconds: number): Milliseconds => milliseconds(start + seconds * 1000);

/** Lives in seconds. */
export const accessLife = 600;
export const refreshLife = 86_400;

/** Gives a family of a user without a profile. */
export const newFamily = (changes: Partial<NewTokenFamily> = {}): NewTokenFamily => ({
  id: randomId(),
  clientId: "client",
  userId: "user",
  profileId: null,
  identityProvider: "qr",
  tokenType: "DEFAULT",
  scope: "read write",
  amr: ["QR", "otp"],
  userDetails: { name: "Ann", nested: [1, null] },
  authTime: start,
  createdAt: start,
  ...changes,
});

/** Gives an access token. */
export const newAccess = (hash: string, issuedAt: Milliseconds = start): NewAccessToken => ({
  hash,
  scope: "read",
  issuedAt,
  expiresAt: milliseconds(issuedAt + accessLife * 1000),
});
