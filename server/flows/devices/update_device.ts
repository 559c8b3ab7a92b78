// An app says what changed about its installation.
import type {
  UpdateDeviceRequest,
  UpdateDeviceResponse,
} from "../../../gen/gatewright/v1/device.ts";
import type { Credentials } from "../authenticate.ts";
import { clientOf } from "../client.ts";
import type { World } from "../world.ts";
import { installationEnded, installationOf } from "./installation.ts";

/**
 * Changes what an app said of its installation; what the request leaves out stays. Versions that are
 * disabled may do so too, since an update is how they come back. Throws CLIENT_CREDENTIALS_REJECTED.
 * Source: D-65.
 */
export async function updateDevice(
  world: World,
  request: UpdateDeviceRequest,
  credentials: Credentials,
): Promise<UpdateDeviceResponse> {
  const client = await installationOf(world, credentials);
  const { softwareVersion, deviceName, deviceModel, deviceOsVersion } = request;
  const change = { softwareVersion, deviceName, deviceModel, deviceOsVersion };
  const isThere = await world.store.installations.update(client.id, change, world.clock.now());
  if (!isThere) throw installationEnded();
  const told = { ...clientOf(client) };
  world.events.add({ type: "DYNAMIC_UP_SUCCESS", ...told }, world.origin);
  if (softwareVersion !== undefined && softwareVersion !== client.version) {
    const details = { version: softwareVersion, version_before: client.version };
    world.events.add(
      { type: "MOBILE_CLIENT_UPDATED_PLATFORM_VERSION", ...told, details },
      world.origin,
    );
  }
  return {};
}
