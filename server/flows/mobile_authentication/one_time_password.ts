// The one-time password of a transaction, as the portal shows it to the phone, and the name under which the
// message of the transaction is sealed.
import { randomId } from "../../core/id.ts";
import { hashToken } from "../../identity/opaque_token.ts";

/** Gives a new one-time password: 128 random bits as 22 characters of base64url. Source: D-51, SEC-42. */
export const newOneTimePassword = (): string => randomId();

/** Gives what is stored of a one-time password: its SHA-256 as 43 characters of base64url. Source: D-51. */
export const hashOneTimePassword = hashToken;

/** Gives the text that a portal gets: base64 of UTF-8 JSON with the transaction and the password. Source: D-51. */
export const oneTimePasswordText = (transactionId: string, otp: string): string =>
  Buffer.from(JSON.stringify({ transaction_id: transactionId, otp })).toString("base64");

/** Gives the identity under which what a phone is to show is sealed. */
export const sealedMessageOf = (transactionId: string): string =>
  `mobile_transaction_message/${transactionId}`;
