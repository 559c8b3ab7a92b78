// Implicit authentication: a registered user is let in without being asked.
import type { App } from "./app.ts";
import { beginLogin, forgettingGone, recordOf } from "./app.ts";
import type { UserProfile } from "./types.ts";

const grantType = "urn:gatewright:oauth2:grant_type:implicit_authentication";

/**
 * Lets a user in without asking, beside whoever is logged in. `scopes`: those wanted; all that are allowed when absent.
 * Throws USER_DEREGISTERED, CONFIGURATION_ERROR when the application does not allow it, INVALID_REQUEST for scopes
 * that cannot be had. Source: D-65.
 */
export async function authenticateImplicitly(
  app: App,
  profile: UserProfile,
  scopes: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<UserProfile> {
  const { profileId } = profile;
  const { connection, device } = app;
  await recordOf(app, profileId);
  const granted = await forgettingGone(app, profileId, async () => {
    const request = { grantType, profileId, scope: scopes?.join(" "), ...(await device.prove()) };
    return connection.call(signal, (call) => connection.services.tokens.issueToken(request, call));
  });
  await beginLogin(app, { profileId }, "IMPLICIT", granted);
  return { profileId };
}
