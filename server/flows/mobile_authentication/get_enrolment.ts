// Whether a profile is enrolled.
import type {
  GetEnrolmentRequest,
  GetEnrolmentResponse,
} from "../../../gen/gatewright/v1/mobile_auth.ts";
import { toSeconds } from "../../core/clock.ts";
import type { World } from "../world.ts";
import { phoneUser } from "./phone_user.ts";

/**
 * Tells the calling user whether the profile is enrolled, with which key since when and for which key of the
 * server, or whether somebody else ended the enrolment; also while mobile authentication is switched off.
 * Throws ACCESS_TOKEN_INVALID. Source: product 5.3, D-52.
 */
export async function getEnrolment(
  world: World,
  _request: GetEnrolmentRequest,
  authorization: string | undefined,
): Promise<GetEnrolmentResponse> {
  const { profile } = await phoneUser(world, authorization, () => {});
  const { clientId, profileId } = profile;
  const enrolment = await world.store.mobileEnrolments.find(clientId, profileId);
  if (!enrolment) return { enrolled: false, disenrolled: false };
  if (enrolment.revokedAt !== null) return { enrolled: false, disenrolled: true };
  const { publicKey } = await world.identity.openPgpKey();
  const { fingerprint, createdAt } = enrolment;
  const enrolledAt = toSeconds(createdAt);
  return { enrolled: true, disenrolled: false, fingerprint, enrolledAt, publicKey };
}
