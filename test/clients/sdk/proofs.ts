// What shows that the SDK does what the documents say: a test for each verb and each error, or why there is none.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { SdkErrorName } from "../../../clients/sdk/error.ts";
import type { UserClient } from "../../../clients/sdk/types.ts";

/** A file beside this one and a part of a title in it; or why there is nothing to show. */
export type Row = readonly [file: string, title: string] | string;

/** Every error of the SDK: the test that provokes it, or why nothing can. */
export const errorRows: Readonly<Record<SdkErrorName, Row>> = {
  NETWORK_CONNECTIVITY_PROBLEM: ["lost", "is told apart from a device that is offline"],
  SERVER_NOT_REACHABLE: ["lost", "once the time of a call is over"],
  DEVICE_DEREGISTERED: ["start", "that the server forgot forgets everything"],
  USER_DEREGISTERED: ["login", "forgets the user after the last try"],
  OUTDATED_APP: ["start", "is outdated with a version that is disabled"],
  OUTDATED_OS: "The server has no rules for versions of operating systems.",
  ACTION_CANCELED: ["actions", "is cancelled by its signal"],
  ACTION_ALREADY_IN_PROGRESS: ["actions", "of a kind runs once at a time"],
  DEVICE_REGISTRATION_ERROR: ["start", "for an application that takes no installations"],
  INVALID_PIN: ["change_pin", "does not undo that of somebody else"],
  USER_NOT_AUTHENTICATED: ["authenticators", "need a user who is logged in"],
  PIN_BLACKLISTED: ["start", "is told which rule a PIN breaks"],
  PIN_IS_A_SEQUENCE: ["start", "is told which rule a PIN breaks"],
  PIN_USES_SIMILAR_DIGITS: ["start", "is told which rule a PIN breaks"],
  WRONG_PIN_LENGTH: ["start", "is told which rule a PIN breaks"],
  INVALID_AUTHENTICATOR: ["authenticators", "have to exist here"],
  DEVICE_ALREADY_ENROLLED:
    "It is about device tokens of push messages; an enrolment again goes well.",
  ENROLLMENT_NOT_AVAILABLE: ["mobile_auth", "is offered where the application has it"],
  USER_ALREADY_ENROLLED: ["mobile_auth", "is offered where the application has it"],
  USER_DISENROLLED: ["mobile_auth", "makes another one after it was ended"],
  MOBILE_AUTHENTICATION_NOT_ENROLLED: ["mobile_auth", "needs an enrolment"],
  AUTHENTICATOR_DEREGISTERED: ["login", "ends for good once the server does not take its token"],
  DATA_STORAGE_NOT_AVAILABLE: ["kept", "is not lost when the storage is full"],
  DATA_STORAGE_UNRECOVERABLE: ["kept", "leaves the other users usable"],
  NOT_AUTHENTICATED_IMPLICITLY: "It is about calls of resources, which an app makes by itself.",
  CUSTOM_AUTHENTICATOR_FAILURE: ["login", "ends at 5xxx, which ends the registration with it"],
  DEREGISTERED_ONLY_LOCALLY: ["leaving", "for good is gone here when the server is not reached"],
  ALREADY_HANDLED: ["mobile_auth", "handles each of them once"],
  BIOMETRIC_FAILURE: ["login", "fails when it was not the user"],
  INVALID_DATETIME: ["start", "loses nothing by it"],
  STATELESS_USER_NOT_ALLOWED: ["registration", "lets the user do nothing that needs a profile"],
  STATELESS_REGISTRATION_INVALID: [
    "registration",
    "is refused where the application does not have it",
  ],
  GENERAL_ERROR: ["registration", "ends when its script cannot run"],
  CONFIGURATION_ERROR: ["start", "has to name an issuer that is one"],
  INVALID_STATE: ["actions", "is cancelled by a reset and by the end of the client"],
  AUTHENTICATOR_ALREADY_REGISTERED: ["authenticators", "are registered once"],
  AUTHENTICATOR_NOT_SUPPORTED: ["login", "is not possible where the device cannot ask"],
  AUTHENTICATOR_NOT_REGISTERED: ["authenticators", "are registered once"],
  PIN_CANNOT_BE_DEREGISTERED: ["authenticators", "are registered once"],
  LOCAL_LOGOUT: ["leaving", "is logged out here when the server is not reached"],
  DEVICE_NOT_AUTHENTICATED:
    "It is about calls of resources by the device, which an app makes by itself.",
  MOBILE_AUTHENTICATION_REQUEST_NOT_FOUND: [
    "mobile_auth",
    "one-time passwords of portals and nothing else",
  ],
  INVALID_REQUEST: ["registration", "for scopes that cannot be had is none"],
  CUSTOM_AUTHENTICATION_DISABLED: ["authenticators", "that the operator switched off"],
  NOT_HANDLEABLE: ["mobile_auth", "one-time passwords of portals and nothing else"],
  INVALID_IDENTITY_PROVIDER: ["registration", "is with one of the app's identity providers"],
  CUSTOM_REGISTRATION_EXPIRED: ["registration", "ends when its transaction has"],
  CUSTOM_REGISTRATION_FAILURE: ["registration", "ends at 5xxx with what the script said"],
};

/** A verb, or what else a client has by name. */
export type Verb = Exclude<keyof UserClient, symbol>;

/** Every verb: what the vendor calls it, and the test that uses it. Source: the vendor's user client. */
export const verbRows: Readonly<
  Record<Verb, readonly [documented: string, ...Exclude<Row, string>]>
> = {
  start: ["start", "start", "registers its installation once"],
  reset: ["reset", "leaving", "with the whole device leaves nothing of it"],
  identityProviders: ["identityProviders", "start", "needs no start of its own"],
  pinPolicy: ["pinLength of the create-PIN challenge", "start", "needs no start of its own"],
  userProfiles: ["userProfiles", "registration", "of a user who is registered already is one more"],
  authenticatedUserProfile: ["authenticatedUserProfile", "leaving", "by logging out can come back"],
  implicitlyAuthenticatedUserProfile: [
    "implicitlyAuthenticatedUserProfile",
    "login",
    "stands beside the login of whoever was asked",
  ],
  accessToken: ["accessToken", "login", "ends by itself when its token expires"],
  idToken: ["idToken", "login", "ends by itself when its token expires"],
  registerUser: [
    "registerUserWithIdentityProvider, registerUser",
    "registration",
    "of one step asks for data and a PIN",
  ],
  registerStatelessUser: [
    "registerStatelessUserWithIdentityProvider, registerStatelessUser",
    "registration",
    "asks for no PIN and keeps nobody",
  ],
  authenticateUser: ["authenticateUser", "login", "tells the tries that are left"],
  implicitlyAuthenticateUser: [
    "implicitlyAuthenticateUser",
    "login",
    "stands beside the login of whoever was asked",
  ],
  logoutUser: ["logoutUser", "leaving", "by logging out can come back"],
  deregisterUser: ["deregisterUser", "leaving", "for good leaves nothing, here and at the server"],
  authenticators: [
    "allAuthenticators, registeredAuthenticators, nonRegisteredAuthenticators",
    "authenticators",
    "are the PIN, what the device has",
  ],
  registerAuthenticator: ["registerAuthenticator", "authenticators", "are registered, preferred"],
  deregisterAuthenticator: [
    "deregisterAuthenticator",
    "authenticators",
    "are registered, preferred",
  ],
  preferredAuthenticator: ["preferredAuthenticator", "authenticators", "are registered, preferred"],
  setPreferredAuthenticator: [
    "preferredAuthenticator",
    "authenticators",
    "are registered, preferred",
  ],
  changePin: ["changePin", "change_pin", "asks for the old one, then for a new one"],
  validatePinWithPolicy: ["validatePinWithPolicy", "start", "is told which rule a PIN breaks"],
  enrollForMobileAuth: [
    "enrollForMobileAuth",
    "mobile_auth",
    "is open to whoever enrolled, again and again",
  ],
  isUserEnrolledForMobileAuth: [
    "isUserEnrolledForMobileAuth",
    "mobile_auth",
    "is open to whoever enrolled, again and again",
  ],
  canHandleOtpMobileAuthRequest: [
    "canHandleOTPMobileAuthRequest",
    "mobile_auth",
    "one-time passwords of portals and nothing else",
  ],
  handleOtpMobileAuthRequest: [
    "handleOTPMobileAuthRequest, handleMobileAuthWithOtp",
    "mobile_auth",
    "tells the portal what the user said",
  ],
};

/** Documented verbs that the SDK does not have, and why. */
export const absentVerbs: Readonly<Record<string, string>> = {
  authenticateDevice:
    "Calls of resources by the device are made by the app, with tokens of its own.",
  refreshStatelessSession: "A stateless user has no refresh token; the app registers again.",
  "enrollForPushMobileAuthWithDeviceToken, isUserEnrolledForPushMobileAuth":
    "The server sends no push messages: its mobile authentication is by one-time password.",
  "pendingPushMobileAuthRequests, pendingMobileAuthRequestFromUserInfo, handlePendingPushMobileAuthRequest":
    "The server sends no push messages.",
  appToWebSingleSignOnWithTargetUrl: "It exists with the vendor's own identity products only.",
};

/** Documented numbers that the SDK does not have, and why. */
export const absentCodes: Readonly<Record<number, string>> = {
  9019: "An old number of iOS: an update of the device that fails is told as what made it fail.",
  9023: "Its meaning differs by platform: 9020 is the end of an enrolment here, 9024 a storage that is locked.",
  10003: "A user who is gone on the device alone is 9028.",
  10005: "FIDO, which the vendor removed.",
  10010: "It is about calls of resources, which an app makes by itself.",
  10016: "FIDO, which the vendor removed.",
  10019: "It is about calls of resources, which an app makes by itself.",
  10023: "It is about single sign-on with the vendor's own identity products.",
  10024: "The server takes no attestation of apps.",
};

/** Gives the text of the test whose title has these words; it reaches to the next test. Fails unless there is one. */
export function testOf(file: string, title: string): string {
  const text = readFileSync(new URL(`./${file}.test.ts`, import.meta.url), "utf8");
  const tests = text.split(/^ *it\(/m).slice(1);
  const found = tests.filter((test) => test.slice(0, 200).includes(title));
  assert.equal(found.length, 1, `${found.length} tests of ${file} are titled "${title}"`);
  return found[0] ?? "";
}
