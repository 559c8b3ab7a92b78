// The user of a profile drops an authenticator.
import type {
  DeregisterAuthenticatorRequest,
  DeregisterAuthenticatorResponse,
} from "../../../gen/gatewright/v1/authenticator.ts";
import { stepOf } from "../../authenticators/authenticator.ts";
import { rowOf } from "../../authenticators/table.ts";
import { Refusal } from "../../core/refusal.ts";
import { clientOf } from "../client.ts";
import { noted } from "../events/noted.ts";
import type { World } from "../world.ts";
import { authenticatorEnds } from "./authenticator_events.ts";
import { holdingOf } from "./holding.ts";
import { placeOf } from "./place.ts";
import { profileUser } from "./profile_user.ts";

/**
 * Drops the registration of the calling user's profile with an authenticator, with what was kept of it,
 * also when there is none and when the authenticator is disabled: losing access is always possible. Runs
 * no script. Throws AUTHENTICATOR_NOT_FOUND for one that is not set up.
 * Source: Custom authenticators, deregistration; D-44, SEC-52.
 */
export const deregisterAuthenticator = (
  world: World,
  { authenticator }: DeregisterAuthenticatorRequest,
  authorization: string | undefined,
): Promise<DeregisterAuthenticatorResponse> => {
  const row = rowOf(authenticator);
  const ends = authenticatorEnds("deregistration", row.type);
  return noted(world, ends, { details: { authenticator } }, async (know) => {
    const { client, profile, application } = await profileUser(world, authorization);
    const { profileId, userId } = profile;
    know({ ...clientOf(client), userId, details: { profile_id: profileId } });
    const isKnown = row.nameOf(placeOf(world, application), authenticator) !== undefined;
    if (!isKnown) throw new Refusal("AUTHENTICATOR_NOT_FOUND");
    await stepOf(row.deregister)(holdingOf(world, profile, authenticator));
    return {};
  });
};
