// The end of a profile at the wish of its user or of its app.
import type {
  DeleteProfileRequest,
  DeleteProfileResponse,
} from "../../../gen/gatewright/v1/device.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Credentials } from "../authenticate.ts";
import { hasAccessToken, sessionOf } from "../bearer.ts";
import type { Client } from "../client.ts";
import { clientOf } from "../client.ts";
import type { World } from "../world.ts";
import { installationOf } from "./installation.ts";
import { readId } from "./named.ts";

/** Gives the client whose profile may go: the user's own one, or any of the installation's. */
async function callerFor(
  world: World,
  profileId: string,
  credentials: Credentials,
): Promise<Client> {
  if (!hasAccessToken(credentials.authorization)) return installationOf(world, credentials);
  const { client, token } = await sessionOf(world, credentials.authorization);
  if (client.kind !== "dynamic" || token.family.profileId !== profileId) {
    throw new Refusal("ACCESS_TOKEN_INVALID", {}, { cause: "the token is of another profile" });
  }
  return client;
}

/**
 * Ends a profile with its tokens and authenticators. An access token ends its own profile only, the
 * installation's assertion any of its profiles; one that is not there is answered alike. Throws
 * ACCESS_TOKEN_INVALID, which does not tell whether another profile exists, and
 * CLIENT_CREDENTIALS_REJECTED. Source: D-65, SEC-84, SEC-85.
 */
export async function deleteProfile(
  world: World,
  request: DeleteProfileRequest,
  credentials: Credentials,
): Promise<DeleteProfileResponse> {
  const profileId = readId("profile_id", request.profileId);
  const client = await callerFor(world, profileId, credentials);
  const profile = await world.store.profiles.find(client.id, profileId);
  if (!profile) return {};
  const now = world.clock.now();
  const removed = await world.store.profiles.remove(client.id, profileId, "deregistered", now);
  if (removed) {
    world.events.add(
      {
        type: "TOKEN_REVOKE_PROFILE_TOKENS_SUCCESS",
        ...clientOf(client),
        userId: profile.userId,
        details: { profile_id: profileId },
      },
      world.origin,
    );
  }
  return {};
}
