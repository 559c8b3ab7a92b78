// Asks the web hook of type USER_DETAILS_CUSTOMIZATION before an ID token or UserInfo.
import type { JsonObject, Refuse } from "../../identity/strict_json.ts";
import { isJsonObject } from "../../identity/strict_json.ts";
import type { Client } from "../client.ts";
import type { World } from "../world.ts";
import { askWebHook, hookOf } from "./ask_web_hook.ts";
import { isProtectedDetail, plainClaims } from "./claims.ts";

/** Whose details are about to be given. */
export interface DetailsDraft {
  readonly client: Client;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  readonly contextCustomParams: Readonly<Record<string, readonly string[]>> | null;
}

const claimsLimitBytes = 64 * 1024;

function readClaims({ claims }: JsonObject, refuse: Refuse): JsonObject {
  if (!isJsonObject(claims)) return refuse("claims is no object");
  return Buffer.byteLength(JSON.stringify(claims)) > claimsLimitBytes
    ? refuse(`claims has more than ${claimsLimitBytes} bytes`)
    : claims;
}

/**
 * Gives the claims as the application's hook wants them; those of the draft without a hook. What the
 * hook answers takes their place, but for the protected claims, which stay as the draft has them and
 * are not added. Throws UNAVAILABLE when the hook cannot be asked, does not answer as documented, or
 * gives claims of more than 64 KiB. Source: Customize User Details Web Hook, SEC-83.
 */
export async function customizeUserDetails(
  world: World,
  draft: DetailsDraft,
): Promise<Readonly<Record<string, unknown>>> {
  const { client, userId, scopes, claims, contextCustomParams } = draft;
  const hook = hookOf(world, client, "customizeUserDetails");
  if (!hook) return claims;
  const answered = await askWebHook(world, hook, {
    path: "v1/customize-user-details",
    subject: { client, userId },
    body: { user: { id: userId }, scopes, claims, contextCustomParams },
    read: readClaims,
  });
  const result = plainClaims(answered, (name) => !isProtectedDetail(name));
  for (const [name, value] of Object.entries(claims)) {
    if (isProtectedDetail(name)) result[name] = value;
  }
  return result;
}
