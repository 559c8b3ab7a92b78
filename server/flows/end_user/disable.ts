// Single ways to log in are taken from a user on a device.
import type {
  DisableFingerprintRequest,
  DisableFingerprintResponse,
  DisableMobileAuthenticationRequest,
  DisableMobileAuthenticationResponse,
  DisablePushAuthenticationRequest,
  DisablePushAuthenticationResponse,
} from "../../../gen/gatewright/v1/end_user.ts";
import type { Credentials } from "../authenticate.ts";
import { readId } from "../devices/named.ts";
import type { EventType } from "../events/event_types.ts";
import type { TokenType } from "../issue_tokens.ts";
import type { World } from "../world.ts";
import { endUserCaller } from "./caller.ts";

interface Target {
  readonly agent: string;
  readonly userId: string;
  readonly clientId: string;
}

async function targetOf(
  world: World,
  request: { readonly userId: string; readonly deviceId: string },
  credentials: Credentials,
): Promise<Target> {
  const agent = await endUserCaller(world, credentials);
  const userId = readId("user_id", request.userId);
  return { agent, userId, clientId: readId("device_id", request.deviceId) };
}

const fingerprint: TokenType = "FINGER_PRINT";

/** Says why there was no fingerprint to end; undefined when the device is the user's. */
async function absence(world: World, target: Target): Promise<EventType | undefined> {
  const { userId, clientId } = target;
  if (await world.store.devices.has(userId, clientId)) return undefined;
  const known = await world.store.installations.known([clientId]);
  return known.has(clientId)
    ? "API_FINGER_PRINT_NOT_DISABLED_FORBIDDEN"
    : "API_FINGER_PRINT_NOT_DISABLED_CLIENT_NOT_FOUND";
}

/**
 * Ends the fingerprint logins of a user's profiles on a device with their tokens; the user may register
 * the fingerprint again. What is not there is answered alike. Throws API_CREDENTIALS_REJECTED,
 * PERMISSION_MISSING. Source: Device API version 4, Disable fingerprint; D-43, D-63.
 */
export async function disableFingerprint(
  world: World,
  request: DisableFingerprintRequest,
  credentials: Credentials,
): Promise<DisableFingerprintResponse> {
  const target = await targetOf(world, request, credentials);
  const { userId, clientId } = target;
  const now = world.clock.now();
  const count = await world.store.devices.revokeType(
    userId,
    clientId,
    fingerprint,
    "disabled_by_api",
    now,
  );
  const absent = count > 0 ? undefined : await absence(world, target);
  world.events.add({ type: absent ?? "API_FINGER_PRINT_DISABLED", ...target }, world.origin);
  return {};
}

/**
 * Ends mobile authentication of a user on a device. Nobody is enrolled yet, so there is nothing to end.
 * Throws as disableFingerprint does. Source: Device API version 4, Disable mobile authentication; D-63.
 */
export async function disableMobileAuthentication(
  world: World,
  request: DisableMobileAuthenticationRequest,
  credentials: Credentials,
): Promise<DisableMobileAuthenticationResponse> {
  const target = await targetOf(world, request, credentials);
  const type = "API_AUTHENTICATION_USER_CLIENT_KEYS_NOT_REMOVED_NOT_FOUND";
  world.events.add({ type, ...target }, world.origin);
  return {};
}

/**
 * Ends push authentication of a user on a device, which never is there. Throws as disableFingerprint does.
 * Source: Device API version 4, Disable mobile authentication with push; D-63.
 */
export async function disablePushAuthentication(
  world: World,
  request: DisablePushAuthenticationRequest,
  credentials: Credentials,
): Promise<DisablePushAuthenticationResponse> {
  const target = await targetOf(world, request, credentials);
  const type = "API_AUTHENTICATION_APP_NOT_REMOVED_NOT_FOUND";
  world.events.add({ type, ...target }, world.origin);
  return {};
}
