// The doors to which OAuth clients come, a row each: what they have to show, and how they are sent away.
import type { ClientKind } from "./client.ts";
import type { EventType } from "./events/event_types.ts";

type AuthenticationRefusal =
  | "CLIENT_AUTHENTICATION_MISSING"
  | "CLIENT_AUTHENTICATION_FAILED"
  | "CLIENT_CREDENTIALS_REJECTED"
  | "API_CREDENTIALS_REJECTED"
  | "ADMIN_CREDENTIALS_REJECTED";

/** A door: what credentials it takes, from whom, and how it says no. */
export interface Door {
  readonly takes: readonly ("assertion" | "secret")[];
  readonly kinds: readonly ClientKind[];
  readonly missing: AuthenticationRefusal;
  readonly failed: AuthenticationRefusal;
  /** Whether an assertion may come as `Authorization: Bearer` (D-65). */
  readonly bearer?: true;
  /** What it is when a client does not get in. */
  readonly event: EventType;
}

/** The doors. Source: D-01, D-06, D-07, D-08, D-40, D-50, D-65; RFC 6749 section 5.2. */
export const doors = {
  registration: {
    takes: ["assertion"],
    kinds: ["dynamic", "static"],
    missing: "CLIENT_AUTHENTICATION_MISSING",
    failed: "CLIENT_AUTHENTICATION_FAILED",
    event: "CLIENT_VALIDATION_INVALID_CLIENT",
  },
  registrationV1: {
    takes: ["secret"],
    kinds: ["static"],
    missing: "CLIENT_AUTHENTICATION_MISSING",
    failed: "CLIENT_AUTHENTICATION_FAILED",
    event: "CLIENT_VALIDATION_INVALID_CLIENT",
  },
  backchannel: {
    takes: ["assertion", "secret"],
    kinds: ["api"],
    missing: "CLIENT_AUTHENTICATION_MISSING",
    failed: "CLIENT_AUTHENTICATION_FAILED",
    event: "API_AUTHENTICATION_FAILED",
  },
  oauth: {
    takes: ["assertion", "secret"],
    kinds: ["dynamic", "static", "api"],
    missing: "CLIENT_CREDENTIALS_REJECTED",
    failed: "CLIENT_CREDENTIALS_REJECTED",
    event: "TOKEN_REQUEST_INVALID_CLIENT_CREDENTIALS",
  },
  revocation: {
    takes: ["assertion", "secret"],
    kinds: ["dynamic", "static", "api"],
    missing: "CLIENT_CREDENTIALS_REJECTED",
    failed: "CLIENT_CREDENTIALS_REJECTED",
    event: "TOKEN_REVOKE_CLIENT_INVALID",
  },
  introspection: {
    takes: ["assertion", "secret"],
    kinds: ["api"],
    missing: "CLIENT_CREDENTIALS_REJECTED",
    failed: "CLIENT_CREDENTIALS_REJECTED",
    event: "TOKEN_INTROSPECTION_FAILED",
  },
  login: {
    takes: ["assertion"],
    kinds: ["dynamic"],
    missing: "CLIENT_AUTHENTICATION_MISSING",
    failed: "CLIENT_CREDENTIALS_REJECTED",
    event: "CUSTOM_AUTHENTICATOR_INVALID_CLIENT",
  },
  device: {
    takes: ["assertion"],
    kinds: ["dynamic"],
    missing: "CLIENT_CREDENTIALS_REJECTED",
    failed: "CLIENT_CREDENTIALS_REJECTED",
    bearer: true,
    event: "CLIENT_VALIDATION_INVALID_CLIENT",
  },
  api: {
    takes: ["assertion", "secret"],
    kinds: ["api"],
    missing: "API_CREDENTIALS_REJECTED",
    failed: "API_CREDENTIALS_REJECTED",
    bearer: true,
    event: "API_AUTHENTICATION_FAILED",
  },
  mobileAuthentication: {
    takes: ["assertion", "secret"],
    kinds: ["api"],
    missing: "CLIENT_CREDENTIALS_REJECTED",
    failed: "CLIENT_CREDENTIALS_REJECTED",
    bearer: true,
    event: "API_AUTHENTICATION_FAILED",
  },
  administration: {
    takes: ["secret"],
    kinds: ["api"],
    missing: "ADMIN_CREDENTIALS_REJECTED",
    failed: "ADMIN_CREDENTIALS_REJECTED",
    event: "ADMIN_AUTHENTICATION_FAILURE",
  },
} as const satisfies Record<string, Door>;
