// The user whose phone takes part in mobile authentication, and what the profile is enrolled with.
import type { Application } from "../../../gen/gatewright/v1/setup.ts";
import { Refusal } from "../../core/refusal.ts";
import type { MobileEnrolment } from "../../store/mobile_enrolments.ts";
import type { ProfileUser } from "../authenticators/profile_user.ts";
import { profileUser } from "../authenticators/profile_user.ts";
import { clientOf } from "../client.ts";
import type { Configuration } from "../configuration.ts";
import type { Know } from "../events/noted.ts";
import type { TokenType } from "../issue_tokens.ts";
import type { World } from "../world.ts";

// What the user did something for.
const personal: ReadonlySet<string> = new Set<TokenType>([
  "DEFAULT",
  "FINGER_PRINT",
  "CUSTOM_AUTHENTICATOR",
]);

/**
 * Gives the user of the access token in an Authorization header, whose registration or login it is, and
 * says who it is. Throws ACCESS_TOKEN_INVALID when there is none, or the token came of implicit or stateless
 * authentication, or its profile went. Source: product 5.3, SEC-44.
 */
export async function phoneUser(
  world: World,
  authorization: string | undefined,
  know: Know,
): Promise<ProfileUser> {
  const user = await profileUser(world, authorization);
  const { userId, profileId } = user.profile;
  know({ ...clientOf(user.client), userId, details: { profile_id: profileId } });
  if (personal.has(user.token.family.tokenType)) return user;
  throw new Refusal("ACCESS_TOKEN_INVALID", {}, { cause: "the user did not log in" });
}

/** Tells whether users of an application may take part in mobile authentication. Source: setup.proto. */
export const isOffered = ({ features }: Configuration, application: Application): boolean =>
  features.mobileAuthentication === true && application.mobileAuthentication === true;

/**
 * Gives the user as `phoneUser` does. Throws MOBILE_AUTHENTICATION_NOT_OFFERED as well, while the feature is
 * off or not one of the application's.
 */
export async function offeredUser(
  world: World,
  authorization: string | undefined,
  know: Know,
): Promise<ProfileUser> {
  const user = await phoneUser(world, authorization, know);
  if (isOffered(world.configuration(), user.application)) return user;
  throw new Refusal("MOBILE_AUTHENTICATION_NOT_OFFERED");
}

/**
 * Gives the enrolment of a profile. Throws NOT_ENROLLED when there is none, and DISENROLLED when somebody
 * other than the user ended it, so that the app can say why. Source: D-52, SEC-44.
 */
export async function standingEnrolment(
  { store }: World,
  { profile }: ProfileUser,
): Promise<MobileEnrolment> {
  const enrolment = await store.mobileEnrolments.find(profile.clientId, profile.profileId);
  if (!enrolment) throw new Refusal("NOT_ENROLLED");
  if (enrolment.revokedAt !== null) throw new Refusal("DISENROLLED");
  return enrolment;
}

/** Gives the key of limits on what a profile does. Source: SEC-75. */
export const profileKey = ({ profile }: ProfileUser): readonly string[] => [
  profile.clientId,
  profile.profileId,
];
