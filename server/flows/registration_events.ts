// Which events the ends of a custom registration are.
import { outcomeOf } from "../core/outcome.ts";
import type { EventType } from "./events/event_types.ts";
import type { Ends } from "./events/noted.ts";

interface Answer {
  readonly status: number;
}

// A transaction of another client or identity provider cannot be told from an unknown one, so tampering
// shows as an invalid one.
const refused: Ends<Answer>["refused"] = {
  REQUEST_INVALID: "CUSTOM_REGISTRATION_BAD_REQUEST",
  PROFILE_INVALID: "CUSTOM_REGISTRATION_BAD_REQUEST",
  IDP_NOT_FOUND: "CUSTOM_REGISTRATION_INVALID_IDENTITY_PROVIDER",
  IDP_DISABLED: "CUSTOM_REGISTRATION_DISABLED_IDENTITY_PROVIDER",
  SCOPE_INVALID: "CUSTOM_REGISTRATION_INVALID_SCOPE",
  GRANT_TYPE_NOT_ALLOWED: "CUSTOM_REGISTRATION_INVALID_GRANT_TYPE",
  TRANSACTION_INVALID: "CUSTOM_REGISTRATION_INVALID_TRANSACTION",
  SCRIPT_FAILED: "CUSTOM_REGISTRATION_SCRIPT_ERROR",
};

/** Gives the ends of a step by what it is when its script said yes, and when it said no. */
const endsOf = (success: EventType, failure: EventType): Ends<Answer> => ({
  refused,
  answered: ({ status }) => (outcomeOf(status) === "success" ? success : failure),
});

/** The ends of each step. Source: Access audit events. */
export const registrationEnds = {
  init: endsOf("CUSTOM_REGISTRATION_INIT_SUCCESS", "CUSTOM_REGISTRATION_INIT_FAILURE"),
  complete: endsOf("CUSTOM_REGISTRATION_COMPLETE_SUCCESS", "CUSTOM_REGISTRATION_COMPLETE_FAILURE"),
  statelessComplete: endsOf(
    "CUSTOM_REGISTRATION_STATELESS_COMPLETE_SUCCESS",
    "CUSTOM_REGISTRATION_STATELESS_COMPLETE_FAILURE",
  ),
  backchannel: endsOf(
    "CUSTOM_REGISTRATION_BACKCHANNEL_SUCCESS",
    "CUSTOM_REGISTRATION_BACKCHANNEL_FAILURE",
  ),
} as const;
