// What the steps of a custom registration share: who registers where, and with what.
import type { Application, IdentityProvider } from "../../gen/gatewright/v1/setup.ts";
import { Refusal } from "../core/refusal.ts";
import type { Client } from "./client.ts";
import { demandVersion } from "./devices/version.ts";
import type { World } from "./world.ts";

/** The lists of strings that a request hands to a script, by name; null when it hands none. */
export type HookParameters = Readonly<Record<string, readonly string[]>> | null;

/**
 * Reads `hook_context_custom_params`. Throws REQUEST_INVALID when a list holds anything but strings.
 * Source: D-17.
 */
export function readHookParameters(
  parameters: ReadonlyMap<string, readonly unknown[] | undefined>,
): HookParameters {
  if (parameters.size === 0) return null;
  const read: Record<string, readonly string[]> = Object.create(null);
  for (const [name, values = []] of parameters) {
    if (!values.every((value): value is string => typeof value === "string")) {
      throw new Refusal("REQUEST_INVALID", {
        detail: "hook_context_custom_params takes lists of strings",
      });
    }
    read[name] = values;
  }
  return read;
}

/** Gives an identity provider that exists and is enabled, or throws IDP_NOT_FOUND or IDP_DISABLED. */
export function enabledProvider(world: World, id: string): IdentityProvider {
  const provider = world.configuration().identityProviders.get(id);
  if (!provider) throw new Refusal("IDP_NOT_FOUND");
  if (provider.enabled !== true) throw new Refusal("IDP_DISABLED");
  return provider;
}

/**
 * Gives the identity provider and the application of a registering client. Throws IDP_NOT_FOUND,
 * IDP_DISABLED when it is disabled or not one of the application's, and VERSION_DISABLED when the
 * installed version may not register. Source: D-10, Identity providers.
 */
export function registrationPlace(
  world: World,
  client: Client,
  id: string,
): { provider: IdentityProvider; application: Application } {
  const provider = enabledProvider(world, id);
  const { application } = client;
  if (!application?.identityProviders.includes(id)) throw new Refusal("IDP_DISABLED");
  demandVersion(client, "registration");
  return { provider, application };
}
