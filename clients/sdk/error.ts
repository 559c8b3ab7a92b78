// What may go wrong in the SDK, by the documented numbers.

/**
 * The errors of the SDK. Those from 9000 to 9999 may be told to users; those from 10000 on hint at a
 * misconfiguration or a fault of the app. Source: the vendor's error tables, as its SDK for Android has them.
 */
export const sdkErrorCodes = {
  NETWORK_CONNECTIVITY_PROBLEM: 9000,
  SERVER_NOT_REACHABLE: 9001,
  DEVICE_DEREGISTERED: 9002,
  USER_DEREGISTERED: 9003,
  OUTDATED_APP: 9004,
  OUTDATED_OS: 9005,
  ACTION_CANCELED: 9006,
  ACTION_ALREADY_IN_PROGRESS: 9007,
  DEVICE_REGISTRATION_ERROR: 9008,
  INVALID_PIN: 9009,
  USER_NOT_AUTHENTICATED: 9010,
  PIN_BLACKLISTED: 9011,
  PIN_IS_A_SEQUENCE: 9012,
  PIN_USES_SIMILAR_DIGITS: 9013,
  WRONG_PIN_LENGTH: 9014,
  INVALID_AUTHENTICATOR: 9015,
  DEVICE_ALREADY_ENROLLED: 9016,
  ENROLLMENT_NOT_AVAILABLE: 9017,
  USER_ALREADY_ENROLLED: 9018,
  USER_DISENROLLED: 9020,
  MOBILE_AUTHENTICATION_NOT_ENROLLED: 9021,
  AUTHENTICATOR_DEREGISTERED: 9022,
  DATA_STORAGE_NOT_AVAILABLE: 9024,
  DATA_STORAGE_UNRECOVERABLE: 9025,
  NOT_AUTHENTICATED_IMPLICITLY: 9026,
  CUSTOM_AUTHENTICATOR_FAILURE: 9027,
  DEREGISTERED_ONLY_LOCALLY: 9028,
  ALREADY_HANDLED: 9029,
  BIOMETRIC_FAILURE: 9030,
  INVALID_DATETIME: 9031,
  STATELESS_USER_NOT_ALLOWED: 9033,
  STATELESS_REGISTRATION_INVALID: 9034,
  GENERAL_ERROR: 10000,
  CONFIGURATION_ERROR: 10001,
  INVALID_STATE: 10002,
  AUTHENTICATOR_ALREADY_REGISTERED: 10004,
  AUTHENTICATOR_NOT_SUPPORTED: 10006,
  AUTHENTICATOR_NOT_REGISTERED: 10007,
  PIN_CANNOT_BE_DEREGISTERED: 10008,
  LOCAL_LOGOUT: 10009,
  DEVICE_NOT_AUTHENTICATED: 10012,
  MOBILE_AUTHENTICATION_REQUEST_NOT_FOUND: 10013,
  INVALID_REQUEST: 10015,
  CUSTOM_AUTHENTICATION_DISABLED: 10017,
  NOT_HANDLEABLE: 10018,
  INVALID_IDENTITY_PROVIDER: 10020,
  CUSTOM_REGISTRATION_EXPIRED: 10021,
  CUSTOM_REGISTRATION_FAILURE: 10022,
} as const;

/** The name of an error. */
export type SdkErrorName = keyof typeof sdkErrorCodes;

/** The number of an error. */
export type SdkErrorCode = (typeof sdkErrorCodes)[SdkErrorName];

/** What a script answered: its status and what it wanted to say. */
export interface CustomInfo {
  readonly status: number;
  readonly data: string | undefined;
}

/** What else is known of an error. */
export interface SdkErrorDetails {
  /** What the script answered, where one refused. */
  readonly info?: CustomInfo | undefined;
  /** Wrong PINs that are left before the user is deregistered. */
  readonly remainingAttempts?: number | undefined;
  readonly cause?: unknown;
}

/** An action that did not come to its end. Every failure of the SDK is one of these. */
export class SdkError extends Error {
  readonly reason: SdkErrorName;
  readonly code: SdkErrorCode;
  readonly info: CustomInfo | undefined;
  readonly remainingAttempts: number | undefined;

  constructor(reason: SdkErrorName, message: string, details: SdkErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "SdkError";
    this.reason = reason;
    this.code = sdkErrorCodes[reason];
    this.info = details.info;
    this.remainingAttempts = details.remainingAttempts;
  }
}
