// The steps of a custom registration: what the app answers is sent to the script until it has no more objections.
import type { CompleteRegistrationResponse } from "../../gen/gatewright/v1/registration.ts";
import type { App } from "./app.ts";
import { askIfHandled } from "./challenge.ts";
import type { CustomInfo, SdkError } from "./error.ts";
import { bandOf } from "./offered.ts";
import { scriptError } from "./refusals.ts";
import type {
  CustomRegistrationChallenge,
  IdentityProvider,
  RegistrationHandler,
  RegistrationOptions,
  UserProfile,
} from "./types.ts";

const statelessGrant = "urn:onewelcome:oauth2:grant_type:stateless_authentication";

/** A registration under way. */
export interface Registering {
  readonly app: App;
  readonly handler: RegistrationHandler;
  readonly options: RegistrationOptions;
  readonly provider: IdentityProvider;
  readonly profile: UserProfile;
  readonly isStateless: boolean;
  readonly signal: AbortSignal;
}

/** What came of the first step of two. */
export interface FirstStep {
  readonly transactionId: string | undefined;
  readonly info: CustomInfo;
}

type Ask = (challenge: CustomRegistrationChallenge) => void | Promise<void>;

interface Said {
  readonly status: number;
  readonly data?: string | undefined;
}

/**
 * Takes a step: asks the app, sends what it answers. A retry outcome asks again with what the script said; an
 * unrecoverable one is CUSTOM_REGISTRATION_FAILURE. `info`: what the step before said.
 */
async function takeStep<Answer extends Said>(
  { provider, profile, signal }: Registering,
  onStep: Ask | undefined,
  first: CustomInfo | undefined,
  send: (data: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  let info = first;
  let error: SdkError | undefined;
  for (;;) {
    const about = { profile, identityProvider: provider, info, error };
    const data = await askIfHandled<string | undefined, CustomRegistrationChallenge>(
      signal,
      onStep,
      { otherwise: undefined, error },
      (ends) => ({ ...about, ...ends }),
    );
    const answer = await send(data);
    const band = bandOf(answer.status);
    if (band === "success") return answer;
    info = { status: answer.status, data: answer.data };
    error = scriptError("CUSTOM_REGISTRATION_FAILURE", info);
    if (band === "unrecoverable") throw error;
  }
}

/** Takes the first step of two. Source: Custom Registration v2, Init Step. */
export async function init(registering: Registering): Promise<FirstStep> {
  const { app, handler, provider, signal } = registering;
  const { connection, device } = app;
  const onInit: Ask | undefined = handler.onInit && ((challenge) => handler.onInit?.(challenge));
  const answer = await takeStep(registering, onInit, undefined, async (data) => {
    const request = { idp: provider.id, data, ...(await device.prove()) };
    const { registrations } = connection.services;
    return connection.call(signal, (call) => registrations.initRegistration(request, call));
  });
  const { transactionId, status, data } = answer;
  return { transactionId, info: { status, data } };
}

/** Takes the only step, or the second one. Source: Custom Registration v2, Complete Step; D-18. */
export async function complete(
  registering: Registering,
  first: FirstStep | undefined,
): Promise<CompleteRegistrationResponse> {
  const { app, handler, options, provider, profile, isStateless, signal } = registering;
  const { connection, device } = app;
  const about = {
    idp: provider.id,
    scope: [...(options.scopes ?? [])],
    transactionId: first?.transactionId,
    ...(isStateless ? { grantType: statelessGrant } : { profileId: profile.profileId }),
  };
  const names = { GRANT_TYPE_NOT_ALLOWED: "STATELESS_REGISTRATION_INVALID" } as const;
  const onFinish: Ask = (challenge) => handler.onFinish(challenge);
  return takeStep(registering, onFinish, first?.info, async (data) => {
    const request = { ...about, data, ...(await device.prove()) };
    const { registrations } = connection.services;
    const send = (call: object) => registrations.completeRegistration(request, call);
    return connection.call(signal, send, names);
  });
}
