// The SDK of an app: its user client, what the two say to each other, and a store that forgets.
export type { CustomInfo, SdkErrorCode, SdkErrorDetails, SdkErrorName } from "./error.ts";
export { SdkError, sdkErrorCodes } from "./error.ts";
export { memoryStorage } from "./storage/memory.ts";
export type { Bytes, DeviceStorage, SigningKey } from "./storage.ts";
export type {
  ActionOptions,
  Authenticated,
  AuthenticationHandler,
  AuthenticationOptions,
  Authenticator,
  AuthenticatorHandler,
  AuthenticatorType,
  BiometricChallenge,
  Biometrics,
  Challenge,
  ChangePinHandler,
  ConfirmationChallenge,
  CreatePinChallenge,
  CustomAuthenticatorChallenge,
  CustomRegistrationChallenge,
  IdentityProvider,
  MobileAuthHandler,
  MobileAuthRequest,
  PinChallenge,
  PinPolicy,
  RegistrationHandler,
  RegistrationOptions,
  SdkOptions,
  UserClient,
  UserProfile,
} from "./types.ts";
export { openUserClient } from "./user_client.ts";
