// What the server offers to the app, in the words of the SDK.

import { SdkError } from "./error.ts";
import type { Configuration } from "./installation.ts";
import type { IdentityProvider, PinPolicy } from "./types.ts";

/** Gives the ways to register. */
export const identityProvidersOf = ({ identityProviders }: Configuration): IdentityProvider[] =>
  identityProviders.map(({ id, name, type }) => ({
    id,
    name,
    isTwoStep: type === "CUSTOM_API_TWO_STEP",
  }));

/** Gives one of them; the only one without an id. Throws INVALID_IDENTITY_PROVIDER. */
export function identityProviderOf(
  configuration: Configuration,
  id: string | undefined,
): IdentityProvider {
  const all = identityProvidersOf(configuration);
  const found = id === undefined ? all[0] : all.find((provider) => provider.id === id);
  if (found && (id !== undefined || all.length === 1)) return found;
  const message =
    id === undefined
      ? "One of the identity providers has to be named."
      : "The app has no such identity provider.";
  throw new SdkError("INVALID_IDENTITY_PROVIDER", message);
}

/** Gives what a PIN has to be like. Throws GENERAL_ERROR when the server does not say. */
export function pinPolicyOf({ pinPolicy }: Configuration): PinPolicy {
  if (!pinPolicy) throw new SdkError("GENERAL_ERROR", "The server has no rules for PINs.");
  const { length, maxSimilarDigits, sequencesAllowed, blocked } = pinPolicy;
  return { length, maxSimilarDigits, sequencesAllowed, blocked };
}

/** What a status of a script stands for. Source: Extension Engine, status codes. */
export function bandOf(status: number): "success" | "retry" | "unrecoverable" {
  if (status >= 2000 && status < 3000) return "success";
  return status >= 4000 && status < 5000 ? "retry" : "unrecoverable";
}
