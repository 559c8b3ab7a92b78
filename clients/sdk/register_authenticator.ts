// A logged-in user registers with an authenticator, or gives one up.
import type { RegisterAuthenticatorResponse } from "../../gen/gatewright/v1/authenticator.ts";
import type { App } from "./app.ts";
import { changeRecord } from "./app.ts";
import {
  existingOne,
  listAuthenticators,
  ownAuthenticators,
  registeredOne,
} from "./authenticators.ts";
import { confirmFinger } from "./biometric.ts";
import { askIfHandled, canceled } from "./challenge.ts";
import type { CustomInfo } from "./error.ts";
import { SdkError } from "./error.ts";
import { bandOf } from "./offered.ts";
import { isUnreached, reasonOf, scriptError } from "./refusals.ts";
import { sealFor } from "./sealed.ts";
import type { Login, LoginKind } from "./session.ts";
import type {
  Authenticator,
  AuthenticatorHandler,
  AuthenticatorType,
  CustomAuthenticatorChallenge,
  UserProfile,
} from "./types.ts";
import { askPin, dropAuthenticator } from "./unlock.ts";

/** A registration with an authenticator under way. */
interface Registering {
  readonly app: App;
  readonly profile: UserProfile;
  readonly handler: AuthenticatorHandler;
  readonly authenticator: Authenticator;
  readonly signal: AbortSignal;
}

// Logins that vouch for the user while they are fresh; how fresh is for the server to say. Source: D-40.
const vouching: ReadonlySet<LoginKind> = new Set(["PIN", "FINGERPRINT"]);

/** Gives the login of the user who registers. Throws USER_NOT_AUTHENTICATED when somebody else's took its place. */
function loginOf({ app, profile }: Registering): Login {
  const login = app.session.demand();
  if (login.profile.profileId === profile.profileId) return login;
  throw new SdkError("USER_NOT_AUTHENTICATED", "Another user logged in meanwhile.");
}

/** Registers at the server; asks for the PIN when the login does not vouch for the user or is not fresh. */
async function send(
  registering: Registering,
  data: string | undefined,
): Promise<RegisterAuthenticatorResponse> {
  const { app, profile, handler, authenticator, signal } = registering;
  const { authenticators } = app.connection.services;
  const request = { authenticator: authenticator.id, data };
  const register = () =>
    app.session.call(loginOf(registering), signal, (call) =>
      authenticators.registerAuthenticator(request, call),
    );
  if (!vouching.has(loginOf(registering).kind)) await askPin(app, profile, handler, signal);
  try {
    return await register();
  } catch (error) {
    const reason = error instanceof SdkError ? reasonOf(error) : undefined;
    if (reason !== "FRESH_AUTHENTICATION_REQUIRED") throw error;
    await askPin(app, profile, handler, signal);
    return register();
  }
}

async function withFinger(registering: Registering): Promise<undefined> {
  const { app, profile, handler, signal } = registering;
  const { profileId } = profile;
  if ((await confirmFinger(app, profile, handler, signal)) === "pin") {
    throw canceled("There is no PIN in place of the fingerprint that is registered.");
  }
  const { refreshToken } = await send(registering, undefined);
  if (refreshToken === undefined) {
    throw new SdkError("GENERAL_ERROR", "The server gave no refresh token.");
  }
  const fingerprint = await sealFor(app.storage, profileId, refreshToken);
  await changeRecord(app, profileId, (record) => ({ ...record, fingerprint }));
}

/** A retry outcome asks again with what the script said; an unrecoverable one is CUSTOM_AUTHENTICATOR_FAILURE. */
async function withScript(registering: Registering): Promise<CustomInfo> {
  const { app, profile, handler, authenticator, signal } = registering;
  const onCustom =
    handler.onCustom && ((asked: CustomAuthenticatorChallenge) => handler.onCustom?.(asked));
  let [info, error]: [CustomInfo | undefined, SdkError | undefined] = [undefined, undefined];
  for (;;) {
    const about = { profile, authenticator, info, error };
    const data = await askIfHandled<string | undefined, CustomAuthenticatorChallenge>(
      signal,
      onCustom,
      { otherwise: undefined, error },
      (ends) => ({
        ...about,
        ...ends,
        fallBackToPin: () => ends.cancel("Only a login falls back."),
      }),
    );
    const { status, data: said } = await send(registering, data);
    info = { status, data: said };
    if (bandOf(status) === "success") break;
    error = scriptError("CUSTOM_AUTHENTICATOR_FAILURE", info);
    if (bandOf(status) === "unrecoverable") throw error;
  }
  const { id } = authenticator;
  await changeRecord(app, profile.profileId, (record) => ({
    ...record,
    custom: [...record.custom.filter((other) => other !== id), id],
  }));
  return info;
}

type Way = (registering: Registering) => Promise<CustomInfo | undefined>;

const ways: Readonly<Record<AuthenticatorType, Way>> = {
  // It is registered always, which is told before.
  PIN: async () => undefined,
  FINGERPRINT: withFinger,
  CUSTOM: withScript,
};

/**
 * Registers the user who is logged in with an authenticator, and asks for the PIN where the login is not fresh. Gives
 * what the script said. Throws USER_NOT_AUTHENTICATED, STATELESS_USER_NOT_ALLOWED, INVALID_AUTHENTICATOR,
 * AUTHENTICATOR_ALREADY_REGISTERED, AUTHENTICATOR_NOT_SUPPORTED, BIOMETRIC_FAILURE, CUSTOM_AUTHENTICATION_DISABLED,
 * CUSTOM_AUTHENTICATOR_FAILURE with what the script said. Source: D-40, D-41, D-43.
 */
export async function registerAuthenticator(
  app: App,
  id: string,
  handler: AuthenticatorHandler,
  signal: AbortSignal,
): Promise<CustomInfo | undefined> {
  const { profile } = app.session.demand();
  const authenticator = existingOne(await listAuthenticators(app, profile, signal), id);
  if (authenticator.isRegistered) {
    const message = "The user has this authenticator already.";
    throw new SdkError("AUTHENTICATOR_ALREADY_REGISTERED", message);
  }
  return ways[authenticator.type]({ app, profile, handler, authenticator, signal });
}

/**
 * Ends the registration of the user who is logged in with an authenticator. Throws USER_NOT_AUTHENTICATED,
 * STATELESS_USER_NOT_ALLOWED, PIN_CANNOT_BE_DEREGISTERED, INVALID_AUTHENTICATOR, AUTHENTICATOR_NOT_REGISTERED, and
 * DEREGISTERED_ONLY_LOCALLY when the server was not reached. Source: D-44.
 */
export async function deregisterAuthenticator(
  app: App,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const login = app.session.demand();
  const { profileId } = login.profile;
  if (id === "pin") {
    throw new SdkError("PIN_CANNOT_BE_DEREGISTERED", "The PIN comes and goes with the user.");
  }
  registeredOne(await ownAuthenticators(app, profileId, signal), id);
  const { authenticators } = app.connection.services;
  try {
    await app.session.call(login, signal, (call) =>
      authenticators.deregisterAuthenticator({ authenticator: id }, call),
    );
  } catch (cause) {
    if (!(cause instanceof SdkError) || !isUnreached(cause)) throw cause;
    await dropAuthenticator(app, profileId, id);
    const message = "The authenticator is removed from this device only.";
    throw new SdkError("DEREGISTERED_ONLY_LOCALLY", message, { cause });
  }
  await dropAuthenticator(app, profileId, id);
  // A login by the fingerprint ends with it.
  if (id === "fingerprint" && login.kind === "FINGERPRINT") app.session.end();
}
