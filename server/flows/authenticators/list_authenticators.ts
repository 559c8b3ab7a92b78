// The authenticators of the calling user.
import type {
  ListAuthenticatorsResponse,
  UserAuthenticator,
} from "../../../gen/gatewright/v1/authenticator.ts";
import { rowOf, usableIds } from "../../authenticators/table.ts";
import { toSeconds } from "../../core/clock.ts";
import type { World } from "../world.ts";
import { holdingOf } from "./holding.ts";
import { placeOf } from "./place.ts";
import { profileUser } from "./profile_user.ts";

/**
 * Lists the authenticators that the calling user's profile may have at this moment, and since when it has
 * them. Source: D-40.
 */
export async function listAuthenticators(
  world: World,
  authorization: string | undefined,
): Promise<ListAuthenticatorsResponse> {
  const { profile, application } = await profileUser(world, authorization);
  const place = placeOf(world, application);
  const { clientId, profileId } = profile;
  const kept = await world.store.authenticatorRegistrations.list(clientId, profileId);
  const authenticators = usableIds(place).map(async (id): Promise<UserAuthenticator> => {
    const row = rowOf(id);
    const registration = await row.registration(holdingOf(world, profile, id, kept));
    return {
      id,
      name: row.nameOf(place, id) ?? id,
      type: row.type,
      registered: registration !== undefined,
      registeredAt: registration && toSeconds(registration.createdAt),
    };
  });
  return { authenticators: await Promise.all(authenticators) };
}
