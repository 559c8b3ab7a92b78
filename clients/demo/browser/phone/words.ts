// What the phone tells its user about an error: what happened, and what to do about it.
import type { SdkErrorName } from "../../../sdk/error.ts";
import { SdkError } from "../../../sdk/error.ts";

const again = "Try again in a moment.";
const newCode = "Ask the portal for a new code and scan that one.";
const anew = "Register this phone again at the portal.";

const sentences: Partial<Record<SdkErrorName, string>> = {
  NETWORK_CONNECTIVITY_PROBLEM: `This phone has no connection. ${again}`,
  SERVER_NOT_REACHABLE: `The token server cannot be reached. Is the demo still running? ${again}`,
  DEVICE_DEREGISTERED: `The server does not know this phone any more. ${anew}`,
  USER_DEREGISTERED: `This user was removed from the phone. ${anew}`,
  OUTDATED_APP: "This app is too old. Load the page again.",
  ACTION_ALREADY_IN_PROGRESS: "Something is under way already. Finish or cancel that first.",
  DEVICE_REGISTRATION_ERROR: `The server did not take this phone. ${again}`,
  INVALID_PIN: "This PIN is wrong.",
  USER_NOT_AUTHENTICATED: "Log in first.",
  PIN_BLACKLISTED: "Everybody tries this PIN first. Choose another one.",
  PIN_IS_A_SEQUENCE: "Do not use a sequence such as 12345. Choose another one.",
  PIN_USES_SIMILAR_DIGITS: "Do not repeat a digit so often. Choose another one.",
  WRONG_PIN_LENGTH: "The PIN does not have the right number of digits. Type it again.",
  ENROLLMENT_NOT_AVAILABLE: "Confirmations are not available in this app.",
  USER_ALREADY_ENROLLED:
    "Confirmations are on at another phone. Remove that one at the portal first.",
  USER_DISENROLLED: "Confirmations were turned off for this phone. Turn them on again.",
  MOBILE_AUTHENTICATION_NOT_ENROLLED: "Turn on confirmations first, then scan the code again.",
  AUTHENTICATOR_DEREGISTERED: "This way to log in was removed. Log in with the PIN.",
  CUSTOM_AUTHENTICATOR_FAILURE: "The card was not accepted. Log in with the PIN.",
  DATA_STORAGE_NOT_AVAILABLE:
    "The browser lets nothing be kept here. Allow storage for this site, then load the page again.",
  DATA_STORAGE_UNRECOVERABLE:
    "What was kept on this phone cannot be read any more. Forget everything, and register again.",
  DEREGISTERED_ONLY_LOCALLY:
    "Removed here, but the server could not be told. Remove this phone at the portal as well.",
  ALREADY_HANDLED: `This was answered already. ${newCode}`,
  BIOMETRIC_FAILURE: "That was not your finger. Try again, or use the PIN.",
  INVALID_DATETIME: "The clock of this device is wrong. Set it, then try again.",
  CUSTOM_AUTHENTICATION_DISABLED: "This way to log in is switched off. Log in with the PIN.",
  MOBILE_AUTHENTICATION_REQUEST_NOT_FOUND: `This code is too old, or was used already. ${newCode}`,
  NOT_HANDLEABLE: `This code is not for this phone. ${newCode}`,
  CUSTOM_REGISTRATION_EXPIRED: "That took too long. Begin again.",
  CUSTOM_REGISTRATION_FAILURE: `This code is too old, or was used already. ${newCode}`,
};

/** Gives the sentences for an error; undefined when the user cancelled, which needs none. */
export function wordsFor(error: unknown): string | undefined {
  if (!(error instanceof SdkError)) return "That did not work. Load the page again.";
  if (error.reason === "ACTION_CANCELED") return undefined;
  return sentences[error.reason] ?? `That did not work (${error.code}). ${again}`;
}

/** Gives what to say about a wrong PIN. */
export function wrongPinWords(error: SdkError | undefined): string | undefined {
  const { remainingAttempts } = error ?? {};
  if (remainingAttempts === undefined) return error && wordsFor(error);
  if (remainingAttempts === 1)
    return "This PIN is wrong. One try is left, then this user is removed.";
  return `This PIN is wrong. ${remainingAttempts} tries are left.`;
}
