// The API client that asks about users.
import type { Credentials } from "../authenticate.ts";
import { authenticate, demandApiScope } from "../authenticate.ts";
import { doors } from "../doors.ts";
import type { World } from "../world.ts";

/**
 * Authenticates an API client of the end-user API and gives its id. Throws
 * API_CREDENTIALS_REJECTED, and PERMISSION_MISSING without `onegini_api_end_user`. Source: D-63.
 */
export async function endUserCaller(world: World, credentials: Credentials): Promise<string> {
  const client = await authenticate(world, doors.api, credentials);
  demandApiScope(world, client, "onegini_api_end_user");
  return client.id;
}

/** The most entries of a list, newest first; what is older is left out. */
export const listLimit = 1000;
