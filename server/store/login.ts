// A login with a refresh token: what is presented, and what can become of it.
import type { Milliseconds } from "../core/clock.ts";
import type { TokenFamily } from "./token_family.ts";

/** A refresh token as an authenticated client presents it for a profile. */
export interface Presented {
  readonly clientId: string;
  readonly profileId: string;
  /** Hash of whatever was presented; see hashToken. */
  readonly hash: string;
  /** The type of the families that the token may be of. */
  readonly tokenType: string;
  /** What a token that is not the profile's costs: a try, or the families of this type. */
  readonly onWrong: "count" | "remove";
  /** How many wrong ones in a row end the profile; 0 stands for no limit. */
  readonly limit: number;
  readonly now: Milliseconds;
}

/**
 * Why a presented token is of no use.
 * "gone": there is no such profile.
 * "wrong": it is not the profile's and was counted; `remaining` tries are left, undefined without limit.
 * "exhausted": it was counted as the last one, so the profile and all its tokens are gone now.
 * "removed": it is not the profile's, whose families of this type are revoked now.
 * "invalid": it is the profile's but expired, revoked or of another type, or it is not, and there is
 * nothing to guess or to remove: which of these it is would tell right PINs of old from wrong ones.
 */
export type Denied =
  | { readonly outcome: "gone"; readonly userId?: undefined }
  | { readonly outcome: "wrong"; readonly userId: string; readonly remaining: number | undefined }
  | { readonly outcome: "exhausted" | "removed" | "invalid"; readonly userId: string };

/** A token that was reused: its family is revoked now. */
export interface Reused {
  readonly outcome: "reused";
  readonly userId: string;
}

/** A login that goes on. */
export interface LoggedIn {
  readonly outcome: "rotated" | "repeated";
  readonly family: TokenFamily;
}
