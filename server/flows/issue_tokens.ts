// Tokens for a user who was just let in, and ID tokens about them.
import assert from "node:assert/strict";
import type { OAuthToken } from "../../gen/gatewright/v1/registration.ts";
import type { Application } from "../../gen/gatewright/v1/setup.ts";
import type { Milliseconds } from "../core/clock.ts";
import { after, durationMs, toSeconds } from "../core/clock.ts";
import { uuid } from "../core/id.ts";
import { Refusal } from "../core/refusal.ts";
import type { ScriptUser } from "../engine/script.ts";
import { signIdToken } from "../identity/id_token.ts";
import { hashToken } from "../identity/opaque_token.ts";
import type { NewTokenFamily } from "../store/token_family.ts";
import type { Client } from "./client.ts";
import type { World } from "./world.ts";

/** How a user was let in. Source: Tokens. */
export type TokenType =
  | "DEFAULT"
  | "FINGER_PRINT"
  | "CUSTOM_AUTHENTICATOR"
  | "IMPLICIT_AUTHENTICATION"
  | "STATELESS_AUTHENTICATION"
  | "CLIENT";

/** Whom the tokens are for, and what they allow. */
export interface Grant {
  readonly client: Client;
  readonly application: Application;
  readonly scopes: readonly string[];
  /** The profile on an app installation; without one nothing but the tokens is kept. */
  readonly profileId: string | undefined;
  readonly provider: string;
  readonly tokenType: TokenType;
  readonly user: ScriptUser | undefined;
}

/** Gives the life of an access token of this type. */
export function accessLifetime(
  application: Application | undefined,
  type: TokenType,
): Milliseconds {
  const { accessTokenLifetime, statelessTokenLifetime } = application ?? {};
  const lifetime =
    type === "STATELESS_AUTHENTICATION" ? statelessTokenLifetime : accessTokenLifetime;
  return lifetime ? durationMs(lifetime) : (3_600_000 as Milliseconds);
}

/** Gives the instant at which a refresh token of this application ends unless it is used. */
export const refreshExpiry = (application: Application, now: Milliseconds): Milliseconds => {
  assert(application.refreshTokenLifetime, "an application without a refresh token lifetime");
  return after(now, durationMs(application.refreshTokenLifetime));
};

/** Signs the ID token of a login, for as long as the access token given with it. */
export function idTokenOf(
  world: World,
  family: NewTokenFamily,
  accessToken: string,
  lifetime: Milliseconds,
): string {
  const now = world.clock.now();
  assert(family.userId !== null, "an ID token without a user");
  return signIdToken(world.identity.keyRing().signingKey(now), {
    issuer: world.policy.issuer,
    subject: family.userId,
    audience: family.clientId,
    issuedAt: toSeconds(now),
    expiresAt: toSeconds(after(now, lifetime)),
    authenticatedAt: toSeconds(family.authTime),
    amr: family.amr.length > 0 ? family.amr : undefined,
    accessToken,
    attributes: family.userDetails ?? {},
  });
}

/**
 * Issues the tokens of a registration: one transaction writes the profile, the access token and, for
 * clients that have them, the refresh token; only then is the answer given. Throws PROFILE_INVALID when
 * the profile id is another user's on this installation.
 * Source: Custom Registration v2, Complete Step; D-13 to D-15, D-18, D-19, D-61.
 */
export async function issueTokens(world: World, grant: Grant): Promise<OAuthToken> {
  const { client, application, scopes, profileId, tokenType, user } = grant;
  assert(user?.id !== undefined, "a success without a user");
  const now = world.clock.now();
  const lifetime = accessLifetime(application, tokenType);
  const refreshes = client.refreshTokens && tokenType !== "STATELESS_AUTHENTICATION";
  const accessToken = world.identity.newToken();
  const refreshToken = refreshes ? world.identity.newToken() : undefined;
  const family: NewTokenFamily = {
    id: uuid(),
    clientId: client.id,
    userId: user.id,
    profileId: profileId ?? null,
    identityProvider: grant.provider,
    tokenType,
    scope: scopes.join(" "),
    amr: user.amr ?? [],
    userDetails: user.attributes,
    authTime: now,
    createdAt: now,
  };
  const issued = await world.store.tokens.issue({
    profile:
      profileId === undefined
        ? undefined
        : { clientId: client.id, profileId, userId: user.id, createdAt: now },
    family,
    access: {
      hash: hashToken(accessToken),
      scope: family.scope,
      issuedAt: now,
      expiresAt: after(now, lifetime),
    },
    refresh:
      refreshToken === undefined
        ? undefined
        : {
            hash: hashToken(refreshToken),
            createdAt: now,
            expiresAt: refreshExpiry(application, now),
          },
  });
  if (issued === "profile_taken") throw new Refusal("PROFILE_INVALID");
  return {
    tokenType: "bearer",
    accessToken,
    refreshToken,
    idToken: scopes.includes("openid")
      ? idTokenOf(world, family, accessToken, lifetime)
      : undefined,
    expiresIn: toSeconds(lifetime),
  };
}
