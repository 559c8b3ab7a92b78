// Tokens for a user who was just let in, and ID tokens about them.
import assert from "node:assert/strict";
import type { OAuthToken } from "../../gen/gatewright/v1/registration.ts";
import type { Application } from "../../gen/gatewright/v1/setup.ts";
import { pin } from "../authenticators/pin.ts";
import type { Milliseconds } from "../core/clock.ts";
import { after, durationMs, toSeconds } from "../core/clock.ts";
import { uuid } from "../core/id.ts";
import { Refusal } from "../core/refusal.ts";
import type { ScriptUser } from "../engine/script.ts";
import { hashToken } from "../identity/opaque_token.ts";
import type { NewTokenFamily } from "../store/token_family.ts";
import type { Issue } from "../store/token_issue.ts";
import type { Client } from "./client.ts";
import { asItIs, asksHooks, customized } from "./hooks/customized.ts";
import { idTokenOf } from "./login_id_token.ts";
import { profileRevoked } from "./profile.ts";
import type { World } from "./world.ts";

/** How a user was let in. Source: Tokens. */
export type TokenType =
  | "DEFAULT"
  | "FINGER_PRINT"
  | "CUSTOM_AUTHENTICATOR"
  | "IMPLICIT_AUTHENTICATION"
  | "STATELESS_AUTHENTICATION"
  | "CLIENT";

/** The user, as a script or the user's profile describes it. */
type GrantedUser = Omit<ScriptUser, "attributes"> & {
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** Whom the tokens are for, and what they allow. */
export interface Grant {
  readonly client: Client;
  readonly application: Application;
  readonly scopes: readonly string[];
  /** The profile on an app installation; without one nothing but the tokens is kept. */
  readonly profileId: string | undefined;
  /** What the tokens have to do with the profile; see Issue. */
  readonly profile?: Issue["profile"];
  readonly registration?: Issue["registration"];
  readonly provider: string | null;
  readonly tokenType: TokenType;
  readonly user: GrantedUser | undefined;
  /** When the user proved who it is; now when absent. */
  readonly authTime?: Milliseconds | undefined;
  /** What is refused when the store says "refused". */
  readonly refusedAs: "PROFILE_INVALID" | "NOT_REGISTERED" | "PROFILE_REVOKED";
  readonly contextCustomParams: Readonly<Record<string, readonly string[]>> | null;
}

// The types whose logins go on with a refresh token.
const refreshed: ReadonlySet<TokenType> = new Set([pin.tokenType]);

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

/** Tokens that were issued, with the scopes that they were granted in the end. */
export interface Issued {
  readonly token: OAuthToken;
  readonly scopes: readonly string[];
}

/**
 * Issues the tokens of a registration or login: one transaction writes the profile, the access token
 * and, for clients that have them, the refresh token; only then is the answer given. Throws `refusedAs`
 * when the profile is another user's or not there, or the installation ended meanwhile, and SCOPE_INVALID
 * when a web hook leaves no scope.
 * Source: Custom Registration v2, Complete Step; D-13 to D-15, D-18, D-19, D-61.
 */
export const issueTokens = async (world: World, grant: Grant): Promise<OAuthToken> =>
  (await issueGranted(world, grant)).token;

/** Does what issueTokens does, and gives the scopes as well. */
export async function issueGranted(world: World, grant: Grant): Promise<Issued> {
  const { client, application, profileId, tokenType, user, contextCustomParams } = grant;
  assert(user?.id !== undefined, "a success without a user");
  const draft = { client, userId: user.id, scopes: grant.scopes, userDetails: user.attributes };
  const { scopes, claims, details } = asksHooks(application)
    ? await customized(world, { ...draft, contextCustomParams })
    : asItIs(draft);
  const now = world.clock.now();
  const lifetime = accessLifetime(application, tokenType);
  const refreshes = client.refreshTokens && refreshed.has(tokenType);
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
    authTime: grant.authTime ?? now,
    createdAt: now,
  };
  const issued = await world.store.tokens.issue({
    profile: grant.profile,
    installed: grant.profile === "registers",
    registration: grant.registration,
    family,
    access: {
      hash: hashToken(accessToken),
      scope: family.scope,
      issuedAt: now,
      expiresAt: after(now, lifetime),
      claims,
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
  if (issued === "refused") {
    throw grant.refusedAs === "PROFILE_REVOKED" ? profileRevoked() : new Refusal(grant.refusedAs);
  }
  const idToken = scopes.includes("openid")
    ? idTokenOf(world, family, { accessToken, lifetime, details })
    : undefined;
  const expiresIn = toSeconds(lifetime);
  return { token: { tokenType: "bearer", accessToken, refreshToken, idToken, expiresIn }, scopes };
}
