// A user's profile is enrolled for mobile authentication.
import type { EnrolRequest, EnrolResponse } from "../../../gen/gatewright/v1/mobile_auth.ts";
import { uuid } from "../../core/id.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Enrolled, EnrolmentPolicy, EnrolmentTerms } from "../../store/mobile_enrolments.ts";
import type { ProfileUser } from "../authenticators/profile_user.ts";
import type { Ends } from "../events/noted.ts";
import { noted } from "../events/noted.ts";
import type { World } from "../world.ts";
import { offeredUser, profileKey } from "./phone_user.ts";

const ends: Ends<EnrolResponse> = {
  refused: {
    ACCESS_TOKEN_INVALID: "KEY_ENROLLMENT_FAILURE_INVALID_TOKEN",
    MOBILE_AUTHENTICATION_NOT_OFFERED: "KEY_ENROLLMENT_FAILURE_DISABLED",
    REQUEST_INVALID: "KEY_ENROLLMENT_FAILURE_INVALID_REQUEST",
    KEY_INVALID: "KEY_ENROLLMENT_FAILURE_INVALID_REQUEST",
    RATE_LIMITED: "MOBILE_AUTH_RATE_LIMITED",
    ENROLLED_ELSEWHERE: "KEY_ENROLLMENT_FAILURE_ENROLLED_ELSEWHERE",
  },
  answered: () => "KEY_ENROLLMENT_SUCCESS",
};

/** Gives the key that a phone sent, as it is kept. Throws REQUEST_INVALID, RATE_LIMITED, KEY_INVALID. */
async function checkedKey(world: World, publicKey: string | undefined, user: ProfileUser) {
  if (!publicKey) throw new Refusal("REQUEST_INVALID", { detail: "public_key is missing" });
  const key = profileKey(user);
  world.limits.demand("enrolments", key);
  world.limits.spend("enrolments", key);
  const checked = await world.identity.openPgp.checkKey(publicKey, user.profile.userId);
  if (checked.kind === "accepted") return checked;
  throw new Refusal("KEY_INVALID", { detail: checked.problem });
}

const termsOf = ({ token, application }: ProfileUser): EnrolmentTerms => ({
  session: token.family.id,
  applicationId: application.id,
  // The contract allows these words only, and has a fallback.
  policy: application.mobileEnrolment as EnrolmentPolicy,
});

const demandKept = (enrolled: Enrolled): readonly string[] => {
  if (enrolled.kind === "gone") throw new Refusal("ACCESS_TOKEN_INVALID");
  if (enrolled.kind === "elsewhere") throw new Refusal("ENROLLED_ELSEWHERE");
  return enrolled.ended;
};

/**
 * Enrols the calling user's profile with the OpenPGP key of the phone, in place of an earlier one, and gives
 * the server's. The checks are in the order of the contract's refusals; where one is thrown nothing has
 * changed. Keys, right and wrong ones, are counted against the profile; while there are too many,
 * RATE_LIMITED. Throws ACCESS_TOKEN_INVALID also when the user's login ended meanwhile.
 * Source: product 5.3, D-52, D-53, SEC-48, SEC-51, SEC-75.
 */
export const enrol = (
  world: World,
  request: EnrolRequest,
  authorization: string | undefined,
): Promise<EnrolResponse> =>
  noted(world, ends, {}, async (know) => {
    const user = await offeredUser(world, authorization, know);
    const { clientId, profileId, userId } = user.profile;
    const { publicKey, fingerprint } = await checkedKey(world, request.publicKey, user);
    know({ details: { fingerprint } });
    const { publicKey: serverKey } = await world.identity.openPgpKey();
    const createdAt = world.clock.now();
    const ids = { id: uuid(), clientId, profileId, userId };
    const enrolment = { ...ids, publicKey, fingerprint, createdAt };
    const ended = demandKept(await world.store.mobileEnrolments.put(enrolment, termsOf(user)));
    for (const other of ended) {
      const type = "KEY_ENROLLMENT_OVERRIDDEN";
      const details = { by_client_id: clientId };
      world.events.add({ type, clientId: other, userId, details }, world.origin);
    }
    return { publicKey: serverKey };
  });
