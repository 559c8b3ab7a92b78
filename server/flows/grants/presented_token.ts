// A refresh token that an app installation presents for a profile, and why it is of no use.
import assert from "node:assert/strict";
import type { TokenAuthenticator } from "../../authenticators/table.ts";
import { tokenAuthenticatorOf } from "../../authenticators/table.ts";
import { Refusal } from "../../core/refusal.ts";
import { hashToken } from "../../identity/opaque_token.ts";
import type { Denied, Presented, Reused } from "../../store/login.ts";
import type { Client } from "../client.ts";
import { clientOf } from "../client.ts";
import type { EventType } from "../events/event_types.ts";
import { countingFailures } from "../limits.ts";
import { isProfileId, profileRevoked } from "../profile.ts";
import type { World } from "../world.ts";

/** What a request says of the token. */
export interface Presentation {
  readonly token: string;
  readonly profileId: string;
  /** `pin` or `fingerprint`; undefined stands for the PIN. */
  readonly authenticator: string | undefined;
}

/** A presented token, ready to be judged by the store. */
export interface Attempt {
  readonly client: Client;
  readonly authenticator: TokenAuthenticator;
  readonly presented: Presented;
}

/**
 * Gives the attempt that a request makes; any text may be the token. Throws PROFILE_REVOKED for what cannot
 * be a profile's id. Source: D-42.
 */
export function attemptOf(world: World, client: Client, presentation: Presentation): Attempt {
  const { token, profileId } = presentation;
  const authenticator = tokenAuthenticatorOf(presentation.authenticator);
  const limit = client.application?.maxPinAttempts;
  assert(limit !== undefined, "an app installation without a limit of wrong PINs");
  if (!isProfileId(profileId)) throw profileRevoked();
  const { tokenType, onWrongToken: onWrong } = authenticator;
  const [hash, now] = [hashToken(token), world.clock.now()];
  const presented = { clientId: client.id, profileId, hash, tokenType, onWrong, limit, now };
  return { client, authenticator, presented };
}

type Outcome = (Denied | Reused)["outcome"];

const pinEvents: Readonly<Partial<Record<Outcome, EventType>>> = {
  wrong: "TOKEN_REQUEST_INVALID_REFRESH_TOKEN",
  exhausted: "TOKEN_REQUEST_REFRESH_TOKEN_RETRY_COUNT_EXCEEDED",
  reused: "TOKEN_REQUEST_REFRESH_TOKEN_REUSED",
};

/** What is noted of outcomes that have a meaning of their own for a user, by authenticator. */
const events: Readonly<Record<TokenAuthenticator["type"], typeof pinEvents>> = {
  PIN: pinEvents,
  CUSTOM: {},
  FINGERPRINT: {
    removed: "TOKEN_REQUEST_FINGER_PRINT_REFRESH_TOKEN_RETRY_COUNT_EXCEEDED",
    reused: "TOKEN_REQUEST_REFRESH_TOKEN_REUSED",
  },
};

/**
 * Judges an attempt. Throws RATE_LIMITED while wrong PINs come too fast that have no limit. Source: SEC-53,
 * SEC-75.
 */
export async function judged<Judgement extends { readonly outcome: string }>(
  { limits }: World,
  { client, presented }: Attempt,
  judge: () => Promise<Judgement>,
): Promise<Judgement> {
  if (presented.limit > 0) return judge();
  const key = [client.id, presented.profileId];
  return countingFailures(limits, "pin_failures", key, async (failed) => {
    const judgement = await judge();
    if (judgement.outcome === "wrong") failed();
    return judgement;
  });
}

/** Notes what became of an attempt that did not succeed. */
export function noteDenied(world: World, attempt: Attempt, denied: Denied | Reused): void {
  const { client, authenticator, presented } = attempt;
  const { outcome, userId } = denied;
  const type = events[authenticator.type][outcome];
  if (type === undefined) return;
  const remaining = outcome === "wrong" ? denied.remaining : undefined;
  const details = { profile_id: presented.profileId, remaining_attempts: remaining };
  world.events.add({ type, ...clientOf(client), userId, details }, world.origin);
}

/** Gives the refusal for an attempt that did not succeed. Source: D-42, D-43. */
export function refusalOf(denied: Denied | Reused): Refusal {
  const { outcome } = denied;
  if (outcome === "gone" || outcome === "exhausted") return profileRevoked();
  if (outcome !== "wrong") return new Refusal("GRANT_INVALID");
  const { remaining } = denied;
  const facts = remaining === undefined ? {} : { remaining_attempts: String(remaining) };
  return new Refusal("PIN_WRONG", facts);
}
