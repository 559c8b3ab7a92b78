// The API client that asks for mobile authentication, and the events of its being refused.
import { Refusal } from "../../core/refusal.ts";
import type { Credentials } from "../authenticate.ts";
import { authenticate, demandApiScope } from "../authenticate.ts";
import type { Client } from "../client.ts";
import { clientOf } from "../client.ts";
import { doors } from "../doors.ts";
import type { Ends, Know } from "../events/noted.ts";
import type { World } from "../world.ts";

/** What the refusals of `portalCaller` are that were not noted where they were decided. */
export const portalRefused: Ends<unknown>["refused"] = {
  MOBILE_AUTHENTICATION_DISABLED: "MOBILE_AUTH_DISABLED",
};

/**
 * Authenticates a portal and says who it is. Throws, in this order, CLIENT_CREDENTIALS_REJECTED,
 * MOBILE_AUTHENTICATION_FORBIDDEN without `onegini_api_mobile_authentication`, and
 * MOBILE_AUTHENTICATION_DISABLED while the feature is off. Source: product 5.2, D-50.
 */
export async function portalCaller(
  world: World,
  credentials: Credentials,
  know: Know,
): Promise<Client> {
  const client = await authenticate(world, doors.mobileAuthentication, credentials);
  know({ ...clientOf(client), agent: client.id });
  const scope = "onegini_api_mobile_authentication";
  demandApiScope(world, client, scope, "MOBILE_AUTHENTICATION_FORBIDDEN");
  if (world.configuration().features.mobileAuthentication !== true) {
    throw new Refusal("MOBILE_AUTHENTICATION_DISABLED");
  }
  return client;
}
