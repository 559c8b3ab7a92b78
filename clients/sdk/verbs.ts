// The verbs of a UserClient, each an action of its kind.
import type { ActionKind, Actions } from "./actions.ts";
import type { App } from "./app.ts";
import { authenticateUser } from "./authenticate_user.ts";
import {
  listAuthenticators,
  preferredAuthenticator,
  setPreferredAuthenticator,
} from "./authenticators.ts";
import { changePin } from "./change_pin.ts";
import { enrol, isEnrolled } from "./enrolment.ts";
import { authenticateImplicitly } from "./implicit.ts";
import { deregisterUser, logOut } from "./leave.ts";
import { canHandleOtp, handleOtp } from "./mobile_auth.ts";
import { identityProvidersOf, pinPolicyOf } from "./offered.ts";
import { brokenPinRule } from "./pin_policy.ts";
import { deregisterAuthenticator, registerAuthenticator } from "./register_authenticator.ts";
import { registerUser } from "./register_user.ts";
import { reset } from "./reset.ts";
import type { ActionOptions, UserClient } from "./types.ts";

type Going<T> = (signal: AbortSignal) => Promise<T>;

/** What runs an action of a kind with what the app said of it. */
const runner =
  (actions: Actions) =>
  <T>(kind: ActionKind, options: ActionOptions | undefined, work: Going<T>): Promise<T> =>
    actions.run(kind, options?.signal, work);

/** The verbs of the device, and what it knows and is offered. */
export function deviceVerbs(app: App, actions: Actions) {
  const run = runner(actions);
  const { device, records } = app;
  return {
    start: (options) =>
      run("start", options, async (signal) => {
        await device.start(signal);
      }),
    reset: () =>
      run("reset", undefined, async (signal) => {
        await actions.cancelAllBut("reset");
        await reset(app, signal);
      }),
    identityProviders: () =>
      run("look", undefined, async (signal) =>
        identityProvidersOf(await device.configuration(signal)),
      ),
    pinPolicy: () =>
      run("look", undefined, async (signal) => pinPolicyOf(await device.configuration(signal))),
    userProfiles: () =>
      run("look", undefined, async () =>
        (await records.profileIds()).map((profileId) => ({ profileId })),
      ),
    validatePinWithPolicy: (pin) =>
      run("look", undefined, async (signal) => {
        const broken = brokenPinRule(pin, pinPolicyOf(await device.configuration(signal)));
        if (broken) throw broken;
      }),
  } satisfies Partial<UserClient>;
}

/** The verbs by which users come and go. */
export function userVerbs(app: App, actions: Actions) {
  const run = runner(actions);
  return {
    registerUser: (handler, options = {}) =>
      run("registration", options, (signal) => registerUser(app, handler, options, false, signal)),
    registerStatelessUser: (handler, options = {}) =>
      run("registration", options, (signal) => registerUser(app, handler, options, true, signal)),
    authenticateUser: (profile, handler, options = {}) =>
      run("login", options, (signal) => authenticateUser(app, profile, handler, options, signal)),
    implicitlyAuthenticateUser: (profile, options = {}) =>
      run("implicit login", options, (signal) =>
        authenticateImplicitly(app, profile, options.scopes, signal),
      ),
    logoutUser: (options) => run("logout", options, (signal) => logOut(app, signal)),
    deregisterUser: (profile, options) =>
      run("deregistration", options, (signal) => deregisterUser(app, profile, signal)),
    changePin: (handler, options) =>
      run("change of the PIN", options, (signal) => changePin(app, handler, signal)),
  } satisfies Partial<UserClient>;
}

/** The verbs of authenticators. */
export function authenticatorVerbs(app: App, actions: Actions) {
  const run = runner(actions);
  return {
    authenticators: (profile, options) =>
      run("look", options, (signal) => listAuthenticators(app, profile, signal)),
    registerAuthenticator: (id, handler, options) =>
      run("registration of an authenticator", options, (signal) =>
        registerAuthenticator(app, id, handler, signal),
      ),
    deregisterAuthenticator: (id, options) =>
      run("deregistration of an authenticator", options, (signal) =>
        deregisterAuthenticator(app, id, signal),
      ),
    preferredAuthenticator: (profile) =>
      run("look", undefined, () => preferredAuthenticator(app, profile)),
    setPreferredAuthenticator: (profile, id) =>
      run("look", undefined, (signal) => setPreferredAuthenticator(app, profile, id, signal)),
  } satisfies Partial<UserClient>;
}

/** The verbs of mobile authentication. */
export function mobileVerbs(app: App, actions: Actions) {
  const run = runner(actions);
  return {
    enrollForMobileAuth: (options) => run("enrolment", options, (signal) => enrol(app, signal)),
    isUserEnrolledForMobileAuth: (profile, options) =>
      run("look", options, (signal) => isEnrolled(app, profile, signal)),
    canHandleOtpMobileAuthRequest: canHandleOtp,
    handleOtpMobileAuthRequest: (otp, handler, options) =>
      run("mobile authentication", options, (signal) => handleOtp(app, otp, handler, signal)),
  } satisfies Partial<UserClient>;
}
