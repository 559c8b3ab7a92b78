// What an app needs to know when it starts.
import assert from "node:assert/strict";
import type {
  GetAppConfigurationResponse,
  OfferedAuthenticator,
  OfferedIdentityProvider,
  OfferedPinPolicy,
} from "../../../gen/gatewright/v1/device.ts";
import type { Application } from "../../../gen/gatewright/v1/setup.ts";
import { rowOf, usableIds } from "../../authenticators/table.ts";
import type { Credentials } from "../authenticate.ts";
import { placeOf } from "../authenticators/place.ts";
import { clientOf, nameOf } from "../client.ts";
import type { Configuration } from "../configuration.ts";
import { defaultPinPolicyId } from "../configuration.ts";
import type { EventType } from "../events/event_types.ts";
import { isOffered } from "../mobile_authentication/phone_user.ts";
import type { World } from "../world.ts";
import { installationEnded, installationOf } from "./installation.ts";
import { type Standing, standingOf } from "./version.ts";

const validation = ({ status, isUnknown }: Standing): EventType => {
  if (isUnknown) return "CLIENT_VALIDATION_PLATFORM_VERSION_UNKNOWN";
  return status === "DISABLED" ? "CLIENT_VALIDATION_VERSION_DISABLED" : "CLIENT_VALIDATION_SUCCESS";
};

const providersOf = (
  { identityProviders }: Configuration,
  application: Application,
): OfferedIdentityProvider[] =>
  application.identityProviders
    .map((id) => identityProviders.get(id))
    .filter((provider) => provider !== undefined)
    .filter(({ enabled }) => enabled === true)
    .map((provider) => ({ id: provider.id, name: nameOf(provider), type: provider.type ?? "" }));

function authenticatorsOf(world: World, application: Application): OfferedAuthenticator[] {
  const place = placeOf(world, application);
  return usableIds(place)
    .filter((id) => rowOf(id).type === "CUSTOM")
    .map((id) => ({ id, name: rowOf(id).nameOf(place, id) ?? id }));
}

function pinPolicyOf({ pinPolicies }: Configuration, application: Application): OfferedPinPolicy {
  const policy = pinPolicies.get(application.pinPolicy ?? defaultPinPolicyId);
  assert(policy, "an application names a PIN policy that is set up");
  const { id, length = 0, maxSimilarDigits = 0, sequencesAllowed = false, blocked } = policy;
  return { name: id, length, maxSimilarDigits, sequencesAllowed, blocked };
}

/**
 * Tells an app installation what its application is set up to, and whether its version may still be used;
 * it is told also when it may not. Notes that the installation was seen. Throws
 * CLIENT_CREDENTIALS_REJECTED. Source: D-65.
 */
export async function getAppConfiguration(
  world: World,
  credentials: Credentials,
): Promise<GetAppConfigurationResponse> {
  const client = await installationOf(world, credentials);
  const { application } = client;
  assert(application, "an installation has an application");
  const standing = standingOf(application, client);
  const isThere = await world.store.installations.update(client.id, {}, world.clock.now());
  if (!isThere) throw installationEnded();
  world.events.add({ type: validation(standing), ...clientOf(client) }, world.origin);
  const configuration = world.configuration();
  return {
    application: application.id,
    versionStatus: standing.status,
    identityProviders: providersOf(configuration, application),
    pinPolicy: pinPolicyOf(configuration, application),
    maxPinFailures: application.maxPinAttempts ?? 0,
    authenticators: authenticatorsOf(world, application),
    mobileAuthentication: isOffered(configuration, application),
  };
}
