// What each refusal of the server, and each way of not reaching it, is to an app.
import type { CodeName, ReasonName } from "../call_error.ts";
import { CallError, codeNames } from "../call_error.ts";
import type { CustomInfo, SdkErrorName } from "./error.ts";
import { SdkError } from "./error.ts";

/** What some reasons are to one call, where that differs from the table. */
export type Names = Readonly<Partial<Record<ReasonName, SdkErrorName>>>;

/**
 * What a reason of the contract is to an app, whichever call was refused with it. It has every reason with which a
 * method that the SDK calls may refuse. Source: the vendor's error tables; D-42, D-66.
 */
export const refusals: Names = {
  UNSPECIFIED: "GENERAL_ERROR",
  REQUEST_INVALID: "INVALID_REQUEST",
  CLIENT_AUTHENTICATION_MISSING: "GENERAL_ERROR",
  // Whether it is so is judged once more, with the clock in mind, before anything is forgotten.
  CLIENT_AUTHENTICATION_FAILED: "DEVICE_DEREGISTERED",
  CLIENT_CREDENTIALS_REJECTED: "DEVICE_DEREGISTERED",
  CLIENT_METADATA_INVALID: "DEVICE_REGISTRATION_ERROR",
  VERSION_DISABLED: "OUTDATED_APP",
  IDP_NOT_FOUND: "INVALID_IDENTITY_PROVIDER",
  IDP_DISABLED: "INVALID_IDENTITY_PROVIDER",
  TRANSACTION_INVALID: "CUSTOM_REGISTRATION_EXPIRED",
  SCOPE_INVALID: "INVALID_REQUEST",
  PROFILE_INVALID: "GENERAL_ERROR",
  GRANT_TYPE_NOT_ALLOWED: "CONFIGURATION_ERROR",
  GRANT_TYPE_UNSUPPORTED: "CONFIGURATION_ERROR",
  // There is nothing left that a PIN could unlock: the login was ended, or its token was used by somebody else.
  GRANT_INVALID: "USER_DEREGISTERED",
  PIN_WRONG: "INVALID_PIN",
  PROFILE_REVOKED: "USER_DEREGISTERED",
  ACCESS_TOKEN_INVALID: "USER_NOT_AUTHENTICATED",
  SCRIPT_FAILED: "GENERAL_ERROR",
  UNAVAILABLE: "SERVER_NOT_REACHABLE",
  RATE_LIMITED: "SERVER_NOT_REACHABLE",
  AUTHENTICATOR_NOT_FOUND: "INVALID_AUTHENTICATOR",
  AUTHENTICATOR_DISABLED: "CUSTOM_AUTHENTICATION_DISABLED",
  AUTHENTICATOR_FIXED: "PIN_CANNOT_BE_DEREGISTERED",
  FRESH_AUTHENTICATION_REQUIRED: "USER_NOT_AUTHENTICATED",
  ALREADY_REGISTERED: "AUTHENTICATOR_ALREADY_REGISTERED",
  NOT_REGISTERED: "AUTHENTICATOR_NOT_REGISTERED",
  MOBILE_AUTHENTICATION_NOT_OFFERED: "ENROLLMENT_NOT_AVAILABLE",
  KEY_INVALID: "GENERAL_ERROR",
  ENROLLED_ELSEWHERE: "USER_ALREADY_ENROLLED",
  NOT_ENROLLED: "MOBILE_AUTHENTICATION_NOT_ENROLLED",
  DISENROLLED: "USER_DISENROLLED",
  NOT_HANDLEABLE: "NOT_HANDLEABLE",
  MOBILE_TRANSACTION_NOT_FOUND: "MOBILE_AUTHENTICATION_REQUEST_NOT_FOUND",
  MOBILE_TRANSACTION_EXPIRED: "MOBILE_AUTHENTICATION_REQUEST_NOT_FOUND",
  MOBILE_TRANSACTION_FETCHED: "ALREADY_HANDLED",
  MOBILE_TRANSACTION_ANSWERED: "ALREADY_HANDLED",
  ANSWER_INVALID: "NOT_HANDLEABLE",
};

/** What a code is to an app when no reason came with it: something that is no Gatewright answered, or nothing. */
const wireCodes: Readonly<Record<CodeName, SdkErrorName>> = {
  ok: "GENERAL_ERROR",
  canceled: "ACTION_CANCELED",
  unknown: "GENERAL_ERROR",
  invalid_argument: "INVALID_REQUEST",
  deadline_exceeded: "SERVER_NOT_REACHABLE",
  not_found: "GENERAL_ERROR",
  already_exists: "GENERAL_ERROR",
  permission_denied: "GENERAL_ERROR",
  resource_exhausted: "INVALID_REQUEST",
  failed_precondition: "GENERAL_ERROR",
  aborted: "GENERAL_ERROR",
  out_of_range: "GENERAL_ERROR",
  unimplemented: "CONFIGURATION_ERROR",
  internal: "GENERAL_ERROR",
  unavailable: "SERVER_NOT_REACHABLE",
  data_loss: "GENERAL_ERROR",
  unauthenticated: "GENERAL_ERROR",
};

/** What an error says where the server's sentence is not for whoever reads it: it knows tokens, and no PIN. */
const sentences: Readonly<Partial<Record<SdkErrorName, string>>> = {
  INVALID_PIN: "The PIN is wrong.",
};

const isOffline = (): boolean =>
  (globalThis.navigator as { readonly onLine?: boolean } | undefined)?.onLine === false;

function nameOf(error: CallError, names: Names): SdkErrorName {
  const { reason, code, retryable } = error;
  if (reason !== undefined) return names[reason] ?? refusals[reason] ?? "GENERAL_ERROR";
  if (retryable && isOffline()) return "NETWORK_CONNECTIVITY_PROBLEM";
  return wireCodes[codeNames[code] ?? "unknown"];
}

/**
 * Gives the error of the SDK for whatever was thrown; one of its own is given back. `names` go before the table.
 * NETWORK_CONNECTIVITY_PROBLEM stands for a server that was not reached while the platform says that it is offline.
 */
export function sdkErrorOf(error: unknown, names: Names = {}): SdkError {
  if (error instanceof SdkError) return error;
  if (!(error instanceof CallError)) {
    return new SdkError("GENERAL_ERROR", "Something unexpected went wrong.", { cause: error });
  }
  const { remaining_attempts: remaining } = error.facts;
  const name = nameOf(error, names);
  return new SdkError(name, sentences[name] ?? error.message, {
    cause: error,
    remainingAttempts: remaining === undefined ? undefined : Number(remaining),
  });
}

/** Gives the reason with which the server refused; undefined when it did not, or gave none. */
export const reasonOf = (error: SdkError): ReasonName | undefined =>
  error.cause instanceof CallError ? error.cause.reason : undefined;

const undecided: ReadonlySet<ReasonName | undefined> = new Set([
  undefined,
  "UNSPECIFIED",
  "UNAVAILABLE",
]);

/** Whether nobody can know what became of a call: its answer did not come, or said that something broke. */
export const isLost = (error: SdkError): boolean =>
  error.cause instanceof CallError && undecided.has(error.cause.reason);

/** Whether the server was not reached, or is not serving. */
export const isUnreached = ({ reason }: SdkError): boolean =>
  reason === "NETWORK_CONNECTIVITY_PROBLEM" || reason === "SERVER_NOT_REACHABLE";

/** Gives the error of a step whose script said no, with what it said. */
export const scriptError = (
  reason: "CUSTOM_REGISTRATION_FAILURE" | "CUSTOM_AUTHENTICATOR_FAILURE",
  info: CustomInfo,
): SdkError => new SdkError(reason, `The script answered with status ${info.status}.`, { info });
