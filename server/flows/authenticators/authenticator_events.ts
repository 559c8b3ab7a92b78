// Which events the ends of a call of an authenticator are.
import type { Authenticator } from "../../authenticators/authenticator.ts";
import { outcomeOf } from "../../core/outcome.ts";
import type { EventType } from "../events/event_types.ts";
import type { Ends } from "../events/noted.ts";
import { isForResult } from "../run_script.ts";

/** What a call wants of an authenticator. */
export type Wish = "registration" | "authentication" | "deregistration";

/** Why a login is refused that is told to its caller as one that is not registered. */
export const unknownProfile = "the profile is unknown";

interface Answer {
  /** Of a script; undefined where none ran. */
  readonly status?: number;
}

// A row without a type leaves no event.
const done: Readonly<Record<Authenticator["type"], Partial<Record<Wish, EventType>>>> = {
  PIN: {},
  FINGERPRINT: {
    registration: "TOKEN_REQUEST_FINGER_PRINT_TOKEN_CREATED",
    deregistration: "TOKEN_REVOKE_PROFILE_FINGER_PRINT_TOKENS_SUCCESS",
  },
  CUSTOM: {
    registration: "CUSTOM_AUTHENTICATOR_REGISTRATION_SUCCESS",
    authentication: "CUSTOM_AUTHENTICATOR_AUTHENTICATION_SUCCESS",
    deregistration: "CUSTOM_AUTHENTICATOR_DEREGISTRATION_SUCCESS",
  },
};

const internal = "CUSTOM_AUTHENTICATOR_INTERNAL_SERVER_ERROR";

const failed: Readonly<Record<Wish, EventType>> = {
  registration: "CUSTOM_AUTHENTICATOR_REGISTRATION_FAILURE",
  authentication: "CUSTOM_AUTHENTICATOR_AUTHENTICATION_FAILURE",
  deregistration: internal,
};

const tokenless: Readonly<Record<Wish, EventType>> = {
  registration: "CUSTOM_AUTHENTICATOR_REGISTRATION_INVALID_ACCESS_TOKEN",
  authentication: "CUSTOM_AUTHENTICATOR_INVALID_CLIENT",
  deregistration: "CUSTOM_AUTHENTICATOR_DEREGISTRATION_INVALID_ACCESS_TOKEN",
};

/**
 * Gives the ends of a call by what it wants and the type of the authenticator. A client that did not prove
 * who it is was noted where it failed. Source: Access audit events.
 */
export const authenticatorEnds = (wish: Wish, type: Authenticator["type"]): Ends<Answer> => ({
  refused: {
    REQUEST_INVALID: "CUSTOM_AUTHENTICATOR_BAD_REQUEST",
    PROFILE_INVALID: "CUSTOM_AUTHENTICATOR_BAD_REQUEST",
    SCOPE_INVALID: "CUSTOM_AUTHENTICATOR_BAD_REQUEST",
    ACCESS_TOKEN_INVALID: tokenless[wish],
    VERSION_DISABLED: "CUSTOM_AUTHENTICATOR_INVALID_CLIENT",
    AUTHENTICATOR_NOT_FOUND: "CUSTOM_AUTHENTICATOR_DOES_NOT_EXIST",
    AUTHENTICATOR_FIXED: "CUSTOM_AUTHENTICATOR_INVALID_AUTHENTICATOR",
    AUTHENTICATOR_DISABLED: "CUSTOM_AUTHENTICATOR_DISABLED",
    FRESH_AUTHENTICATION_REQUIRED: "CUSTOM_AUTHENTICATOR_NOT_FRESH",
    ALREADY_REGISTERED: "CUSTOM_AUTHENTICATOR_USER_ALREADY_REGISTERED",
    NOT_REGISTERED: ({ cause }) =>
      cause === unknownProfile
        ? "CUSTOM_AUTHENTICATOR_UNKNOWN_USER"
        : "CUSTOM_AUTHENTICATOR_USER_NOT_REGISTERED",
    SCRIPT_FAILED: (refusal) =>
      isForResult(refusal) ? "CUSTOM_AUTHENTICATOR_RESPONSE_INVALID" : "CUSTOM_AUTHENTICATOR_ERROR",
    RATE_LIMITED: failed[wish],
    UNAVAILABLE: internal,
  },
  faulted: internal,
  answered: ({ status = 2000 }) =>
    outcomeOf(status) === "success" ? done[type][wish] : failed[wish],
});
