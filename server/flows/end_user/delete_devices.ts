// A user is taken off devices: off one, off some, off all.
import type {
  DeleteSelectedDevicesRequest,
  DeleteSelectedDevicesResponse,
  DeleteUserDeviceRequest,
  DeleteUserDeviceResponse,
  DeleteUserDevicesRequest,
  DeleteUserDevicesResponse,
} from "../../../gen/gatewright/v1/end_user.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Credentials } from "../authenticate.ts";
import { readId } from "../devices/named.ts";
import type { World } from "../world.ts";
import { endUserCaller } from "./caller.ts";

/** Takes a user off the named devices, or off all, and says of each named one what became of it. */
async function remove(
  world: World,
  agent: string,
  userId: string,
  named: readonly string[] | undefined,
): Promise<void> {
  const now = world.clock.now();
  const left = await world.store.devices.remove(userId, named, "removed_by_api", now);
  for (const { clientId, hasOthers } of left) {
    const type = hasOthers ? "API_DEVICE_REMOVED_FOR_ONE_PROFILE" : "API_DEVICE_REMOVED";
    world.events.add({ type, clientId, userId, agent }, world.origin);
  }
  const gone = new Set(left.map(({ clientId }) => clientId));
  const others = (named ?? []).filter((clientId) => !gone.has(clientId));
  const known = await world.store.installations.known(others);
  for (const clientId of others) {
    const type = known.has(clientId)
      ? "API_DEVICE_NOT_REMOVED_FORBIDDEN"
      : "API_DEVICE_NOT_REMOVED_NOT_FOUND";
    world.events.add({ type, clientId, userId, agent }, world.origin);
  }
  if (named === undefined && left.length === 0) {
    world.events.add({ type: "API_DEVICE_NOT_REMOVED_NOT_FOUND", userId, agent }, world.origin);
  }
}

/**
 * Ends everything of a user on a device: profiles, tokens, authenticators. What other users have on it
 * stays, as does the installation; one that is not there, or not the user's, is answered alike. Throws
 * API_CREDENTIALS_REJECTED, PERMISSION_MISSING.
 * Source: Device API version 4, Delete or revoke device; D-63.
 */
export async function deleteUserDevice(
  world: World,
  request: DeleteUserDeviceRequest,
  credentials: Credentials,
): Promise<DeleteUserDeviceResponse> {
  const agent = await endUserCaller(world, credentials);
  const userId = readId("user_id", request.userId);
  await remove(world, agent, userId, [readId("device_id", request.deviceId)]);
  return {};
}

/**
 * Ends everything of a user on all devices, in one step. Tokens of static clients stay: they are on no
 * device. Throws as deleteUserDevice does. Source: Device API version 4, Bulk delete; D-63.
 */
export async function deleteUserDevices(
  world: World,
  request: DeleteUserDevicesRequest,
  credentials: Credentials,
): Promise<DeleteUserDevicesResponse> {
  const agent = await endUserCaller(world, credentials);
  await remove(world, agent, readId("user_id", request.userId), undefined);
  return {};
}

/**
 * Ends everything of a user on some devices: on all of them, or, when the store fails, on none. Those that
 * are not there are nothing to end. Throws REQUEST_INVALID for a device named twice, else as
 * deleteUserDevice does. Source: Device API version 4, Bulk delete a selection; D-63.
 */
export async function deleteSelectedDevices(
  world: World,
  request: DeleteSelectedDevicesRequest,
  credentials: Credentials,
): Promise<DeleteSelectedDevicesResponse> {
  const agent = await endUserCaller(world, credentials);
  const userId = readId("user_id", request.userId);
  const named = request.delete.map((id) => readId("delete", id));
  if (new Set(named).size < named.length) {
    throw new Refusal("REQUEST_INVALID", { detail: "delete names a device twice" });
  }
  await remove(world, agent, userId, named);
  return {};
}
