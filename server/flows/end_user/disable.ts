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

/** Which events say that there was nothing to end: by whose the device is. */
interface Absence {
  readonly own: EventType;
  readonly foreign: EventType;
  readonly unknown: EventType;
}

const noFingerprint: Absence = {
  own: "API_FINGER_PRINT_DISABLED",
  foreign: "API_FINGER_PRINT_NOT_DISABLED_FORBIDDEN",
  unknown: "API_FINGER_PRINT_NOT_DISABLED_CLIENT_NOT_FOUND",
};

const noEnrolment: Absence = {
  own: "API_AUTHENTICATION_USER_CLIENT_KEYS_NOT_REMOVED_NOT_FOUND",
  foreign: "API_AUTHENTICATION_USER_CLIENT_KEYS_NOT_REMOVED_FORBIDDEN",
  unknown: "API_AUTHENTICATION_USER_CLIENT_KEYS_NOT_REMOVED_NOT_FOUND",
};

/** Says why there was nothing to end. */
async function absence(world: World, target: Target, events: Absence): Promise<EventType> {
  const { userId, clientId } = target;
  if (await world.store.devices.has(userId, clientId)) return events.own;
  const known = await world.store.installations.known([clientId]);
  return known.has(clientId) ? events.foreign : events.unknown;
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
  const type =
    count > 0 ? "API_FINGER_PRINT_DISABLED" : await absence(world, target, noFingerprint);
  world.events.add({ type, ...target }, world.origin);
  return {};
}

/**
 * Ends the enrolments of a user's profiles on a device: their keys are of no use any more, and the app can
 * tell its user so. The user may enrol again. What is not there is answered alike. Throws as
 * disableFingerprint does. Source: Device API version 4, Disable mobile authentication; D-63.
 */
export async function disableMobileAuthentication(
  world: World,
  request: DisableMobileAuthenticationRequest,
  credentials: Credentials,
): Promise<DisableMobileAuthenticationResponse> {
  const target = await targetOf(world, request, credentials);
  const { userId, clientId } = target;
  const count = await world.store.mobileEnrolments.revoke(userId, clientId, world.clock.now());
  const type =
    count > 0
      ? "API_AUTHENTICATION_APP_AND_USER_CLIENT_KEYS_REMOVED"
      : await absence(world, target, noEnrolment);
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
