// The finger or the face of the user, as far as the device tells.
import type { App } from "./app.ts";
import { askIfHandled, orCanceled } from "./challenge.ts";
import { SdkError } from "./error.ts";
import type { BiometricChallenge, Biometrics, UserProfile } from "./types.ts";

/** What an app does about a question for a finger. */
type Choice = "finger" | "pin";

async function failureOf(
  biometrics: Biometrics,
  signal: AbortSignal,
): Promise<SdkError | undefined> {
  try {
    const isUser = await orCanceled(biometrics.confirm(signal), signal);
    return isUser ? undefined : new SdkError("BIOMETRIC_FAILURE", "It was not the user.");
  } catch (cause) {
    if (cause instanceof SdkError) throw cause;
    return new SdkError("BIOMETRIC_FAILURE", "The device could not ask its user.", { cause });
  }
}

/**
 * Asks until it was the user's finger, which is "finger", or the app prefers the PIN. An app without a handler is
 * asked nothing, and the device once. Throws AUTHENTICATOR_NOT_SUPPORTED on a device that cannot ask, and
 * BIOMETRIC_FAILURE.
 */
export async function confirmFinger(
  { biometrics }: App,
  profile: UserProfile,
  handler: { onBiometric?(challenge: BiometricChallenge): void | Promise<void> },
  signal: AbortSignal,
): Promise<Choice> {
  const asking = biometrics?.isAvailable().catch(() => false) ?? Promise.resolve(false);
  if (!(await orCanceled(asking, signal)) || !biometrics) {
    throw new SdkError("AUTHENTICATOR_NOT_SUPPORTED", "The device cannot ask for a finger now.");
  }
  const onBiometric =
    handler.onBiometric && ((asked: BiometricChallenge) => handler.onBiometric?.(asked));
  let error: SdkError | undefined;
  for (;;) {
    const choice = await askIfHandled<Choice, BiometricChallenge>(
      signal,
      onBiometric,
      { otherwise: "finger", error },
      ({ respond, ...ends }) => ({
        profile,
        error,
        ...ends,
        respond: () => respond("finger"),
        fallBackToPin: () => respond("pin"),
      }),
    );
    if (choice === "pin") return choice;
    error = await failureOf(biometrics, signal);
    if (!error) return choice;
  }
}
