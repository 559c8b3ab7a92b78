// A PIN is chosen.
import { ask } from "./challenge.ts";
import type { SdkError } from "./error.ts";
import type { Configuration } from "./installation.ts";
import { pinPolicyOf } from "./offered.ts";
import { brokenPinRule } from "./pin_policy.ts";
import type { CreatePinChallenge, UserProfile } from "./types.ts";

/** Asks for a PIN until it keeps the policy: each time but the first with the rule that the last one broke. */
export async function createPin(
  profile: UserProfile,
  configuration: Configuration,
  signal: AbortSignal,
  onCreatePin: (challenge: CreatePinChallenge) => void | Promise<void>,
): Promise<string> {
  const policy = pinPolicyOf(configuration);
  let error: SdkError | undefined;
  for (;;) {
    const about = { profile, policy, error };
    const pin = await ask<string, CreatePinChallenge>(signal, onCreatePin, (ends) => ({
      ...about,
      ...ends,
    }));
    error = brokenPinRule(pin, policy);
    if (!error) return pin;
  }
}
