// The end of an app installation.
import type { DeleteDeviceResponse } from "../../../gen/gatewright/v1/device.ts";
import type { Credentials } from "../authenticate.ts";
import { clientOf } from "../client.ts";
import type { World } from "../world.ts";
import { installationEnded, installationOf } from "./installation.ts";

/**
 * Ends the calling installation with its profiles and their tokens; from then on its assertions are those
 * of an unknown client. Throws CLIENT_CREDENTIALS_REJECTED, also when another call ended it first.
 * Source: D-65, SEC-85.
 */
export async function deleteDevice(
  world: World,
  credentials: Credentials,
): Promise<DeleteDeviceResponse> {
  const client = await installationOf(world, credentials);
  const now = world.clock.now();
  const removed = await world.store.installations.remove(client.id, "deregistered", now);
  if (!removed) throw installationEnded();
  world.events.add(
    {
      type: "TOKEN_REVOKE_CLIENT_TOKENS_SUCCESS",
      ...clientOf(client),
    },
    world.origin,
  );
  return {};
}
