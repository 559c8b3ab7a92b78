// A registered user logs in.
import type { AuthenticateResponse } from "../../gen/gatewright/v1/authenticator.ts";
import type { App } from "./app.ts";
import { beginLogin } from "./app.ts";
import { ownAuthenticators, registeredOne } from "./authenticators.ts";
import { confirmFinger } from "./biometric.ts";
import { askIfHandled } from "./challenge.ts";
import type { CustomInfo } from "./error.ts";
import { SdkError } from "./error.ts";
import { logOutQuietly } from "./leave.ts";
import { bandOf } from "./offered.ts";
import { reasonOf, scriptError } from "./refusals.ts";
import type {
  Authenticated,
  AuthenticationHandler,
  AuthenticationOptions,
  Authenticator,
  AuthenticatorType,
  CustomAuthenticatorChallenge,
  UserProfile,
} from "./types.ts";
import { askPin, dropAuthenticator, logInWithFingerprint } from "./unlock.ts";

/** A login under way. */
interface LoggingIn {
  readonly app: App;
  readonly profile: UserProfile;
  readonly handler: AuthenticationHandler;
  readonly authenticator: Authenticator;
  readonly signal: AbortSignal;
}

/** What a way to log in says, or that the user wants to be asked for the PIN. */
type Came = { readonly info: CustomInfo | undefined } | "pin";

async function byPin({ app, profile, handler, signal }: LoggingIn): Promise<Came> {
  await askPin(app, profile, handler, signal);
  return { info: undefined };
}

async function byFinger({ app, profile, handler, signal }: LoggingIn): Promise<Came> {
  if ((await confirmFinger(app, profile, handler, signal)) === "pin") return "pin";
  await logInWithFingerprint(app, profile, signal);
  return { info: undefined };
}

/** Sends what the app answered; AUTHENTICATOR_DEREGISTERED when the server knows of no registration. */
async function send(
  { app, profile, authenticator, signal }: LoggingIn,
  data: string | undefined,
): Promise<AuthenticateResponse> {
  const { profileId } = profile;
  const { authenticators } = app.connection.services;
  const about = { authenticator: authenticator.id, profileId, data };
  const request = { ...about, ...(await app.device.prove()) };
  try {
    return await app.connection.call(signal, (call) => authenticators.authenticate(request, call), {
      NOT_REGISTERED: "AUTHENTICATOR_DEREGISTERED",
    });
  } catch (error) {
    const reason = error instanceof SdkError ? reasonOf(error) : undefined;
    if (reason === "NOT_REGISTERED") await dropAuthenticator(app, profileId, authenticator.id);
    if (reason !== "ALREADY_REGISTERED") throw error;
    // A script that says 4001 where nobody registers.
    throw scriptError("CUSTOM_AUTHENTICATOR_FAILURE", { status: 4001, data: undefined });
  }
}

/**
 * A retry outcome asks again with what the script said; an unrecoverable one is CUSTOM_AUTHENTICATOR_FAILURE and ends
 * the registration with this authenticator. Source: D-41.
 */
async function byScript(loggingIn: LoggingIn): Promise<Came> {
  const { app, profile, handler, authenticator, signal } = loggingIn;
  const onCustom =
    handler.onCustom && ((asked: CustomAuthenticatorChallenge) => handler.onCustom?.(asked));
  let [info, error]: [CustomInfo | undefined, SdkError | undefined] = [undefined, undefined];
  for (;;) {
    const about = { profile, authenticator, info, error };
    const choice = await askIfHandled<
      { data: string | undefined } | "pin",
      CustomAuthenticatorChallenge
    >(signal, onCustom, { otherwise: { data: undefined }, error }, ({ respond, ...ends }) => ({
      ...about,
      ...ends,
      respond: (data) => respond({ data }),
      fallBackToPin: () => respond("pin"),
    }));
    if (choice === "pin") return choice;
    const { status, data, oauthToken } = await send(loggingIn, choice.data);
    info = { status, data };
    if (bandOf(status) === "success" && oauthToken) {
      await beginLogin(app, profile, "CUSTOM", oauthToken);
      return { info };
    }
    error = scriptError("CUSTOM_AUTHENTICATOR_FAILURE", info);
    if (bandOf(status) === "retry") continue;
    await dropAuthenticator(app, profile.profileId, authenticator.id);
    throw error;
  }
}

const ways: Readonly<Record<AuthenticatorType, (loggingIn: LoggingIn) => Promise<Came>>> = {
  PIN: byPin,
  FINGERPRINT: byFinger,
  CUSTOM: byScript,
};

/**
 * Logs a user in with an authenticator, the preferred one unless another is named; whoever else is logged in is logged
 * out first. Whatever else fails, the PIN can be asked for in its place. Throws USER_DEREGISTERED,
 * INVALID_AUTHENTICATOR, AUTHENTICATOR_NOT_REGISTERED, AUTHENTICATOR_NOT_SUPPORTED, AUTHENTICATOR_DEREGISTERED,
 * BIOMETRIC_FAILURE, CUSTOM_AUTHENTICATOR_FAILURE with what the script said, CUSTOM_AUTHENTICATION_DISABLED.
 * Source: D-41 to D-43.
 */
export async function authenticateUser(
  app: App,
  { profileId }: UserProfile,
  handler: AuthenticationHandler,
  options: AuthenticationOptions,
  signal: AbortSignal,
): Promise<Authenticated> {
  const profile = { profileId };
  const own = await ownAuthenticators(app, profileId, signal);
  const id = options.authenticator ?? own.find((one) => one.isPreferred)?.id ?? "pin";
  const authenticator = registeredOne(own, id);
  if (app.session.login?.profile.profileId !== profileId) await logOutQuietly(app);
  const loggingIn = { app, profile, handler, authenticator, signal };
  const came = await ways[authenticator.type](loggingIn);
  const { info } = came === "pin" ? await pinInstead(loggingIn) : came;
  return { profile, info };
}

async function pinInstead(loggingIn: LoggingIn): Promise<{ info: undefined }> {
  await byPin(loggingIn);
  return { info: undefined };
}
