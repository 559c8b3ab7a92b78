// A user registers on this device: in one step or two, and with a PIN unless the registration is stateless.
import type {
  CompleteRegistrationResponse,
  OAuthToken,
} from "../../gen/gatewright/v1/registration.ts";
import type { App } from "./app.ts";
import { beginLogin } from "./app.ts";
import { demandGoing } from "./challenge.ts";
import { createPin } from "./create_pin.ts";
import { SdkError } from "./error.ts";
import type { Configuration } from "./installation.ts";
import { logOutQuietly } from "./leave.ts";
import { giveUp } from "./leftovers.ts";
import { identityProviderOf } from "./offered.ts";
import { lock } from "./pin_lock.ts";
import { newProfileId } from "./records.ts";
import { isLost } from "./refusals.ts";
import type { Registering } from "./registration_steps.ts";
import { complete, init } from "./registration_steps.ts";
import type {
  Authenticated,
  RegistrationHandler,
  RegistrationOptions,
  UserProfile,
} from "./types.ts";

/** Keeps a user who registered, locked by the PIN that is chosen now. */
async function keep(
  registering: Registering,
  configuration: Configuration,
  token: OAuthToken,
  clientId: string | undefined,
): Promise<void> {
  const { app, handler, profile, signal } = registering;
  const { profileId } = profile;
  const { refreshToken } = token;
  if (refreshToken === undefined) {
    throw new SdkError("CONFIGURATION_ERROR", "The application has no refresh tokens to lock.");
  }
  const pin = await createPin(profile, configuration, signal, (challenge) =>
    handler.onCreatePin?.(challenge),
  );
  const locked = await lock(app.storage, refreshToken, pin);
  await app.storage.exclusively(async () => {
    demandGoing(signal);
    // Another process of the app may have forgotten everything meanwhile, the installation too.
    const installation = await app.records.installation();
    if (installation === undefined || installation.clientId !== clientId) {
      throw new SdkError("DEVICE_DEREGISTERED", "The device was reset meanwhile.");
    }
    await app.records.addProfile({ profileId, pin: locked, custom: [], preferred: "pin" });
  });
}

/** Registers at the server and, unless it is stateless, on the device: on both or, as far as can be, on none. */
async function registerAtBoth(
  registering: Registering,
  configuration: Configuration,
): Promise<CompleteRegistrationResponse & { oauthToken: OAuthToken }> {
  const { app, provider, profile, isStateless } = registering;
  const clientId = (await app.records.installation())?.clientId;
  const first = provider.isTwoStep ? await init(registering) : undefined;
  let isMade = false;
  try {
    const completed = await complete(registering, first);
    isMade = true;
    const { oauthToken } = completed;
    if (!oauthToken) throw new SdkError("GENERAL_ERROR", "The server gave no tokens.");
    if (!isStateless) await keep(registering, configuration, oauthToken, clientId);
    return { ...completed, oauthToken };
  } catch (error) {
    const mayBeMade = isMade || (error instanceof SdkError && isLost(error));
    if (mayBeMade && !isStateless) await giveUp(app, profile.profileId, isMade);
    throw error;
  }
}

/**
 * Registers a user with a new profile, whose id is made before the server is asked, and logs the user in in place of
 * whoever was. Who is registered already gets one more profile. Throws INVALID_IDENTITY_PROVIDER,
 * CUSTOM_REGISTRATION_FAILURE with what the script said, CUSTOM_REGISTRATION_EXPIRED,
 * STATELESS_REGISTRATION_INVALID, and CONFIGURATION_ERROR for a handler that cannot ask for a PIN or an application
 * without refresh tokens. A stateless user is not kept. Source: Custom Registration v2; D-11 to D-18.
 */
export async function registerUser(
  app: App,
  handler: RegistrationHandler,
  options: RegistrationOptions,
  isStateless: boolean,
  signal: AbortSignal,
): Promise<Authenticated> {
  if (!isStateless && !handler.onCreatePin) {
    throw new SdkError("CONFIGURATION_ERROR", "The handler of a registration lacks onCreatePin.");
  }
  const configuration = await app.device.configuration(signal);
  const provider = identityProviderOf(configuration, options.identityProvider);
  const profile = await newProfile(app);
  const registering = { app, handler, options, provider, profile, isStateless, signal };
  const { status, data, oauthToken } = await registerAtBoth(registering, configuration);
  await logOutQuietly(app);
  if (isStateless) app.session.begin(profile, "STATELESS", oauthToken);
  else await beginLogin(app, profile, "PIN", oauthToken);
  return { profile, info: { status, data } };
}

async function newProfile({ records }: App): Promise<UserProfile> {
  const taken = await records.profileIds();
  for (;;) {
    const profileId = newProfileId();
    if (!taken.includes(profileId)) return { profileId };
  }
}
