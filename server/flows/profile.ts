// Profiles as requests name them.
import { Refusal } from "../core/refusal.ts";

const form = /^[A-Za-z0-9]{6}$/;

/** Tells whether a text may be the id of a profile: six letters or digits. Source: D-15. */
export const isProfileId = (text: string): boolean => form.test(text);

/** Gives the refusal for a profile that is not there, which the SDK reports as 9003. Source: D-42. */
export const profileRevoked = (): Refusal =>
  new Refusal("PROFILE_REVOKED", { error_code: "profile_revoked" });
