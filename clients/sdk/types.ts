// What an app and the SDK say to each other.
import type { CustomInfo, SdkError } from "./error.ts";
import type { DeviceStorage } from "./storage.ts";

/** How a device asks its user for a finger or a face. */
export interface Biometrics {
  /** Whether the device can ask now. */
  isAvailable(): Promise<boolean>;
  /** Asks; resolves to whether it was the user, and rejects when it could not be asked. */
  confirm(signal: AbortSignal): Promise<boolean>;
}

/** What the SDK is opened with. */
export interface SdkOptions {
  /** Such as `https://id.example.com/oauth`. */
  readonly issuer: string;
  /** The application of the set-up. */
  readonly application: string;
  readonly version: string;
  readonly storage: DeviceStorage;
  readonly biometrics?: Biometrics | undefined;
  /** Told to the server at registration of the device. */
  readonly device?: {
    readonly name?: string | undefined;
    readonly platform?: string | undefined;
    readonly model?: string | undefined;
    readonly osVersion?: string | undefined;
  };
  /** Stands in for fetch. */
  readonly send?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds since the epoch; stands in for the clock of the device. */
  readonly now?: () => number;
  /** How long a call may take in milliseconds; 20,000 when absent. */
  readonly timeoutMs?: number;
}

/** A user who is registered on this device. */
export interface UserProfile {
  readonly profileId: string;
}

/** A way to register. */
export interface IdentityProvider {
  readonly id: string;
  readonly name: string;
  /** Whether its first step comes before the completing one. */
  readonly isTwoStep: boolean;
}

/** What kind an authenticator is. */
export type AuthenticatorType = "PIN" | "FINGERPRINT" | "CUSTOM";

/** A way to log in. */
export interface Authenticator {
  readonly id: string;
  readonly name: string;
  readonly type: AuthenticatorType;
  readonly isRegistered: boolean;
  readonly isPreferred: boolean;
}

/** What a PIN has to be like. */
export interface PinPolicy {
  readonly length: number;
  /** How many times a digit may stand side by side with itself; 0 for no limit. */
  readonly maxSimilarDigits: number;
  readonly sequencesAllowed: boolean;
  readonly blocked: readonly string[];
}

/**
 * A question to the app, which is answered once. The action waits for the answer as long as it takes; `signal`
 * aborts when nobody waits for it any more.
 */
export interface Challenge<Response> {
  readonly profile: UserProfile;
  /** Why the last answer to the same question was not accepted. */
  readonly error: SdkError | undefined;
  readonly signal: AbortSignal;
  respond(response: Response): void;
  /** Ends the action with ACTION_CANCELED. */
  cancel(cause?: unknown): void;
}

/** A step of a custom registration. */
export interface CustomRegistrationChallenge extends Challenge<string | undefined> {
  readonly identityProvider: IdentityProvider;
  /** What the script said: of the first step in the second one, and at 4xxx of this step itself. */
  readonly info: CustomInfo | undefined;
}

/** A PIN to be chosen. */
export interface CreatePinChallenge extends Challenge<string> {
  readonly policy: PinPolicy;
}

/** The PIN of a user. */
export interface PinChallenge extends Challenge<string> {
  /** Wrong PINs so far in this action. */
  readonly failures: number;
  /** Wrong PINs that are left; undefined before the first or where there is no limit. */
  readonly remainingAttempts: number | undefined;
}

/** A finger or a face. The app may show something meanwhile; `respond` asks the device. */
export interface BiometricChallenge extends Challenge<void> {
  fallBackToPin(): void;
}

/** A custom authenticator. */
export interface CustomAuthenticatorChallenge extends Challenge<string | undefined> {
  readonly authenticator: Authenticator;
  /** What the script said at 4xxx. */
  readonly info: CustomInfo | undefined;
  /** Only when a login asks. */
  fallBackToPin(): void;
}

/** A mobile authentication that the user is asked to confirm. */
export interface MobileAuthRequest {
  readonly transactionId: string;
  readonly profile: UserProfile;
  /** The name of its type. */
  readonly type: string;
  readonly message: string;
}

/** Whether the user confirms. */
export interface ConfirmationChallenge extends Challenge<boolean> {
  readonly request: MobileAuthRequest;
}

/** How the app answers a registration. A handler that throws or rejects cancels. */
export interface RegistrationHandler {
  /** The first step of a two-step provider. */
  onInit?(challenge: CustomRegistrationChallenge): void | Promise<void>;
  /** The completing step. */
  onFinish(challenge: CustomRegistrationChallenge): void | Promise<void>;
  /** Not asked by stateless registration. */
  onCreatePin?(challenge: CreatePinChallenge): void | Promise<void>;
}

/** How the app answers a login, and what asks the user in between. */
export interface AuthenticationHandler {
  onPin(challenge: PinChallenge): void | Promise<void>;
  onBiometric?(challenge: BiometricChallenge): void | Promise<void>;
  onCustom?(challenge: CustomAuthenticatorChallenge): void | Promise<void>;
}

/** How the app answers the registration of an authenticator. */
export interface AuthenticatorHandler {
  /** Asked when the user's authentication is not fresh. */
  onPin(challenge: PinChallenge): void | Promise<void>;
  onBiometric?(challenge: BiometricChallenge): void | Promise<void>;
  onCustom?(challenge: CustomAuthenticatorChallenge): void | Promise<void>;
}

/** How the app answers a change of the PIN. */
export interface ChangePinHandler {
  onPin(challenge: PinChallenge): void | Promise<void>;
  onCreatePin(challenge: CreatePinChallenge): void | Promise<void>;
}

/** How the app answers a mobile authentication. */
export interface MobileAuthHandler {
  onConfirmation(challenge: ConfirmationChallenge): void | Promise<void>;
}

/** What became of a registration or a login. */
export interface Authenticated {
  readonly profile: UserProfile;
  /** What the script said, where there was one. */
  readonly info: CustomInfo | undefined;
}

/** What may be said of any action. */
export interface ActionOptions {
  /** Ends the action with ACTION_CANCELED. */
  readonly signal?: AbortSignal | undefined;
}

/** What may be said of a registration. */
export interface RegistrationOptions extends ActionOptions {
  /** The id of an identity provider; may be left out when there is one only. */
  readonly identityProvider?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/** What may be said of a login. */
export interface AuthenticationOptions extends ActionOptions {
  /** The id of an authenticator; the preferred one when absent. */
  readonly authenticator?: string | undefined;
}

/**
 * The verbs of an app. Each gives its result or rejects with an `SdkError`, nothing else. One action of a kind
 * runs at a time (ACTION_ALREADY_IN_PROGRESS). Source: the vendor's user client; D-42, D-65.
 */
export interface UserClient extends AsyncDisposable {
  /**
   * Starts: registers the device at the first start, tells a new version at later ones, and gets what the
   * application offers. Other verbs start by themselves when nobody did.
   */
  start(options?: ActionOptions): Promise<void>;
  /** Forgets everything on this device; with the server's help as far as it is reached. */
  reset(): Promise<void>;
  identityProviders(): Promise<readonly IdentityProvider[]>;
  pinPolicy(): Promise<PinPolicy>;
  userProfiles(): Promise<readonly UserProfile[]>;
  /** The user who is logged in now. */
  readonly authenticatedUserProfile: UserProfile | undefined;
  readonly implicitlyAuthenticatedUserProfile: UserProfile | undefined;
  /** Of the user who is logged in, until it expires. */
  readonly accessToken: string | undefined;
  readonly idToken: string | undefined;

  registerUser(handler: RegistrationHandler, options?: RegistrationOptions): Promise<Authenticated>;
  registerStatelessUser(
    handler: RegistrationHandler,
    options?: RegistrationOptions,
  ): Promise<Authenticated>;
  authenticateUser(
    profile: UserProfile,
    handler: AuthenticationHandler,
    options?: AuthenticationOptions,
  ): Promise<Authenticated>;
  implicitlyAuthenticateUser(
    profile: UserProfile,
    options?: ActionOptions & { readonly scopes?: readonly string[] | undefined },
  ): Promise<UserProfile>;
  /** Drops the session; the user can log in again. */
  logoutUser(options?: ActionOptions): Promise<void>;
  /** Removes a user from the device and from the server. DEREGISTERED_ONLY_LOCALLY when that was not reached. */
  deregisterUser(profile: UserProfile, options?: ActionOptions): Promise<void>;

  authenticators(profile: UserProfile, options?: ActionOptions): Promise<readonly Authenticator[]>;
  registerAuthenticator(
    authenticator: string,
    handler: AuthenticatorHandler,
    options?: ActionOptions,
  ): Promise<CustomInfo | undefined>;
  deregisterAuthenticator(authenticator: string, options?: ActionOptions): Promise<void>;
  preferredAuthenticator(profile: UserProfile): Promise<string>;
  setPreferredAuthenticator(profile: UserProfile, authenticator: string): Promise<void>;

  changePin(handler: ChangePinHandler, options?: ActionOptions): Promise<void>;
  /** Throws the first rule that a PIN breaks: 9011 to 9014. */
  validatePinWithPolicy(pin: string): Promise<void>;

  enrollForMobileAuth(options?: ActionOptions): Promise<void>;
  isUserEnrolledForMobileAuth(profile: UserProfile, options?: ActionOptions): Promise<boolean>;
  /** Whether a text is a one-time password of a portal, as far as it can be seen. */
  canHandleOtpMobileAuthRequest(otp: string): boolean;
  /** Resolves to the request once the user's answer, either of them, was delivered. */
  handleOtpMobileAuthRequest(
    otp: string,
    handler: MobileAuthHandler,
    options?: ActionOptions,
  ): Promise<MobileAuthRequest & { readonly isConfirmed: boolean }>;
}
