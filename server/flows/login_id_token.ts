// The ID token of a login.
import assert from "node:assert/strict";
import type { Milliseconds } from "../core/clock.ts";
import { after, toSeconds } from "../core/clock.ts";
import { signIdToken } from "../identity/id_token.ts";
import type { NewTokenFamily } from "../store/token_family.ts";
import type { World } from "./world.ts";

/** What an ID token is given along with, and says of the user. */
export interface IdTokenParts {
  readonly accessToken: string;
  readonly lifetime: Milliseconds;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Signs the ID token of a login, for as long as the access token given with it. */
export function idTokenOf(
  world: World,
  family: NewTokenFamily,
  { accessToken, lifetime, details }: IdTokenParts,
): string {
  const now = world.clock.now();
  const { userId, clientId } = family;
  assert(userId !== null, "an ID token without a user");
  const token = signIdToken(world.identity.keyRing().signingKey(now), {
    issuer: world.policy.issuer,
    subject: userId,
    audience: clientId,
    issuedAt: toSeconds(now),
    expiresAt: toSeconds(after(now, lifetime)),
    authenticatedAt: toSeconds(family.authTime),
    amr: family.amr.length > 0 ? family.amr : undefined,
    accessToken,
    attributes: details,
  });
  world.events.add({ type: "ID_TOKEN_CREATED", clientId, userId }, world.origin);
  return token;
}
