// What a person does about each error of the SDK.
import type { SdkError, SdkErrorName } from "../../sdk/error.ts";
import { printable } from "../printable.ts";

const again = "try again";
const register = "the user has to register again: phone register";
const operator = "the operator of the server has to change the set-up";
const fault = "nothing can be done about it on the phone; the log of the server may say more";
const logIn = "the user has to log in first";
const app = "the app asked for something that it must not ask for";

/** Gives what happened, in words for a person. */
export const whatHappened = ({ message }: SdkError): string => printable(message);

/** What to do, by the name of the error, in words that follow a semicolon. Source: the vendor's error tables. */
export const advice: Readonly<Record<SdkErrorName, string>> = {
  NETWORK_CONNECTIVITY_PROBLEM: "the device has no network: try again when it has",
  SERVER_NOT_REACHABLE:
    "is the server running there? --issuer and GATEWRIGHT_PHONE_ISSUER say where",
  DEVICE_DEREGISTERED: `the server does not know this phone, which forgot everything: ${register}`,
  USER_DEREGISTERED: `phone profiles lists who is registered here; ${register}`,
  OUTDATED_APP: "the operator disabled this version: --app-version takes another",
  OUTDATED_OS: "the version of the operating system is not accepted",
  ACTION_CANCELED: "nothing was changed",
  ACTION_ALREADY_IN_PROGRESS: "wait for the end of the other one",
  DEVICE_REGISTRATION_ERROR: `does the server have this application, and open to installations? ${operator}`,
  INVALID_PIN: again,
  USER_NOT_AUTHENTICATED: logIn,
  PIN_BLACKLISTED: "choose another PIN",
  PIN_IS_A_SEQUENCE: "choose another PIN",
  PIN_USES_SIMILAR_DIGITS: "choose another PIN",
  WRONG_PIN_LENGTH: "choose another PIN",
  INVALID_AUTHENTICATOR: "phone authenticators lists those that there are",
  DEVICE_ALREADY_ENROLLED: "it is enrolled already",
  ENROLLMENT_NOT_AVAILABLE: `the application does not offer it: ${operator}`,
  USER_ALREADY_ENROLLED: "the user is enrolled on another device, which has to end that first",
  USER_DISENROLLED: "the enrolment was ended: phone enrol enrols anew",
  MOBILE_AUTHENTICATION_NOT_ENROLLED: "phone enrol enrols",
  AUTHENTICATOR_DEREGISTERED: "log in with the PIN, and register the authenticator again",
  DATA_STORAGE_NOT_AVAILABLE:
    "the folder has to be this user's alone, with mode 0700, on a disk with room",
  DATA_STORAGE_UNRECOVERABLE: `what was kept is damaged: remove the folder; then ${register}`,
  NOT_AUTHENTICATED_IMPLICITLY: logIn,
  CUSTOM_AUTHENTICATOR_FAILURE: "the script of the authenticator said no",
  DEREGISTERED_ONLY_LOCALLY: "the server is told by the next command that reaches it",
  ALREADY_HANDLED: "ask the portal for a new one",
  BIOMETRIC_FAILURE: again,
  INVALID_DATETIME: "set the clock of the device",
  STATELESS_USER_NOT_ALLOWED: "a user without a profile cannot do this",
  STATELESS_REGISTRATION_INVALID: `the application does not offer it: ${operator}`,
  GENERAL_ERROR: fault,
  CONFIGURATION_ERROR:
    "--issuer takes the issuer of the server, such as http://127.0.0.1:8080/oauth",
  INVALID_STATE: app,
  AUTHENTICATOR_ALREADY_REGISTERED: "remove it first",
  AUTHENTICATOR_NOT_SUPPORTED: "this phone has no sensor; take another authenticator",
  AUTHENTICATOR_NOT_REGISTERED: "phone authenticators --add registers it",
  PIN_CANNOT_BE_DEREGISTERED: "phone remove removes the user",
  LOCAL_LOGOUT: "the access token ends by itself when its time is over",
  DEVICE_NOT_AUTHENTICATED: logIn,
  MOBILE_AUTHENTICATION_REQUEST_NOT_FOUND: "it is unknown or over: ask the portal for a new one",
  INVALID_REQUEST: app,
  CUSTOM_AUTHENTICATION_DISABLED: "the operator switched it off: log in with the PIN",
  NOT_HANDLEABLE: "it is no one-time password of this server's portals, or not for this user",
  INVALID_IDENTITY_PROVIDER: `name one that the application has: ${operator}`,
  CUSTOM_REGISTRATION_EXPIRED: "begin again",
  CUSTOM_REGISTRATION_FAILURE: "the script of the identity provider said no",
};
