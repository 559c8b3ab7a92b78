// A user ends the enrolment of the profile.
import type { DisenrolRequest, DisenrolResponse } from "../../../gen/gatewright/v1/mobile_auth.ts";
import type { Ends } from "../events/noted.ts";
import { noted } from "../events/noted.ts";
import type { World } from "../world.ts";
import { phoneUser } from "./phone_user.ts";

const ends: Ends<boolean> = {
  refused: { ACCESS_TOKEN_INVALID: "TOKEN_REQUEST_INVALID_ACCESS_TOKEN" },
  answered: (wasThere) => (wasThere ? "KEY_ENROLLMENT_REMOVED" : undefined),
};

/**
 * Ends the enrolment of the calling user's profile; one that is not there, or that somebody else ended, is
 * answered alike. Losing access is always possible, so neither feature nor application has a say. Throws
 * ACCESS_TOKEN_INVALID. Source: D-52.
 */
export async function disenrol(
  world: World,
  _request: DisenrolRequest,
  authorization: string | undefined,
): Promise<DisenrolResponse> {
  await noted(world, ends, {}, async (know) => {
    const { profile } = await phoneUser(world, authorization, know);
    return world.store.mobileEnrolments.remove(profile.clientId, profile.profileId);
  });
  return {};
}
