// The user of a profile, who calls with an access token.
import type { Application } from "../../../gen/gatewright/v1/setup.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Profile } from "../../store/profiles.ts";
import type { AccessToken } from "../../store/token_family.ts";
import { sessionOf } from "../bearer.ts";
import type { Client } from "../client.ts";
import type { World } from "../world.ts";

/** A user on an app installation, as an access token proves it. */
export interface ProfileUser {
  readonly token: AccessToken;
  readonly client: Client;
  readonly application: Application;
  readonly profile: Profile;
}

/**
 * Gives the user of the access token in an Authorization header with the profile that it was given for.
 * Throws ACCESS_TOKEN_INVALID when there is none, or it has no profile, or that profile went.
 * Source: D-40, SEC-52.
 */
export async function profileUser(
  world: World,
  authorization: string | undefined,
): Promise<ProfileUser> {
  const { token, client, userId } = await sessionOf(world, authorization);
  const { application } = client;
  const { profileId } = token.family;
  const profile =
    profileId === null ? undefined : await world.store.profiles.find(client.id, profileId);
  if (client.kind !== "dynamic" || !application || profile?.userId !== userId) {
    throw new Refusal("ACCESS_TOKEN_INVALID");
  }
  return { token, client, application, profile };
}
