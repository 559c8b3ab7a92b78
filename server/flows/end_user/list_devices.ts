// The devices of a user, as a portal shows them.
import type {
  Device,
  ListDevicesRequest,
  ListDevicesResponse,
} from "../../../gen/gatewright/v1/end_user.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Device as StoredDevice } from "../../store/devices.ts";
import type { Credentials } from "../authenticate.ts";
import { nameOf } from "../client.ts";
import type { Configuration } from "../configuration.ts";
import { readId } from "../devices/named.ts";
import type { World } from "../world.ts";
import { endUserCaller, listLimit } from "./caller.ts";

/** Gives the name of an application, or its id when it was removed from the set-up meanwhile. */
export const applicationName = ({ applications }: Configuration, id: string): string =>
  nameOf(applications.get(id) ?? { id });

const shown = (configuration: Configuration, device: StoredDevice): Device => ({
  id: device.clientId,
  name: device.name ?? "",
  application: applicationName(configuration, device.applicationId),
  model: device.model ?? undefined,
  platform: device.platform ?? "",
  osVersion: device.osVersion ?? undefined,
  createdAt: device.createdAt,
  lastLogin: device.lastLoginAt ?? undefined,
  tokenTypes: [...device.tokenTypes],
  mobileAuthenticationEnabled: device.isEnrolled,
  pushAuthenticationEnabled: false,
});

/**
 * Lists the devices that a user has profiles on, newest first. Throws USER_DATA_NOT_FOUND when there are
 * none, whoever the user is; API_CREDENTIALS_REJECTED, PERMISSION_MISSING.
 * Source: Device API version 4, List devices; D-63.
 */
export async function listDevices(
  world: World,
  request: ListDevicesRequest,
  credentials: Credentials,
): Promise<ListDevicesResponse> {
  const agent = await endUserCaller(world, credentials);
  const userId = readId("user_id", request.userId);
  const devices = await world.store.devices.list(userId, world.clock.now(), listLimit);
  const type = devices.length > 0 ? "API_DEVICES_LISTED" : "API_DEVICES_NO_DATA_FOUND";
  world.events.add({ type, userId, agent }, world.origin);
  if (devices.length === 0) throw new Refusal("USER_DATA_NOT_FOUND");
  const configuration = world.configuration();
  return { devices: devices.map((device) => shown(configuration, device)) };
}
