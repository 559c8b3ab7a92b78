// The end of a token at its client's wish.
import type { RevokeTokenRequest, RevokeTokenResponse } from "../../gen/gatewright/v1/token.ts";
import { Refusal } from "../core/refusal.ts";
import { hashToken, isTokenForm } from "../identity/opaque_token.ts";
import type { Credentials } from "./authenticate.ts";
import { authenticate } from "./authenticate.ts";
import type { Client } from "./client.ts";
import { clientOf } from "./client.ts";
import { doors } from "./doors.ts";
import type { EventType } from "./events/event_types.ts";
import type { Ends } from "./events/noted.ts";
import { noted } from "./events/noted.ts";
import { attemptOf, judged, noteDenied } from "./grants/presented_token.ts";
import { isProfileId } from "./profile.ts";
import type { World } from "./world.ts";

/** What a revocation came to. */
interface Ending {
  readonly type: EventType;
  readonly userId?: string | undefined;
}

const ends: Ends<Ending> = {
  refused: { REQUEST_INVALID: "TOKEN_REVOKE_INVALID_REQUEST" },
  answered: ({ type }) => type,
};

const nothing: Ending = { type: "TOKEN_REVOKE_TOKEN_INVALID" };
const accessEnded: Ending = { type: "TOKEN_REVOKE_ACCESS_TOKEN_SUCCESS" };

/**
 * Ends a token of the calling client. A refresh token takes its access tokens along; an access token
 * leaves the refresh token. What is unknown or another client's changes nothing, and the answer is the
 * same. From an app installation a refresh token is a login: it needs the profile, and a wrong one counts
 * as a wrong PIN, though the answer does not say so. Throws REQUEST_INVALID where the profile is missing.
 * Source: RFC 7009 sections 2.1 and 2.2, OAuth endpoints, D-42, D-43, SEC-27.
 */
export async function revokeToken(
  world: World,
  request: RevokeTokenRequest,
  credentials: Credentials,
): Promise<RevokeTokenResponse> {
  await noted(world, ends, {}, async (know) => {
    const client = await authenticate(world, doors.revocation, credentials);
    know(clientOf(client));
    const end = client.kind === "dynamic" ? endOfInstallation : endOfOther;
    const ending = await end(world, client, request);
    know({ userId: ending.userId });
    return ending;
  });
  return {};
}

async function endOfOther(
  world: World,
  client: Client,
  { token }: RevokeTokenRequest,
): Promise<Ending> {
  const [hash, now] = [hashToken(token), world.clock.now()];
  const { tokens } = world.store;
  const family = (await tokens.findRefresh(hash))?.family;
  if (family?.clientId !== client.id) {
    return (await tokens.revokeAccess(hash, client.id, now)) ? accessEnded : nothing;
  }
  await tokens.revokeFamily(family.id, "revoked", now);
  return { type: "TOKEN_REVOKE_REFRESH_TOKEN_SUCCESS", userId: family.userId ?? undefined };
}

async function endOfInstallation(
  world: World,
  client: Client,
  { token, tokenTypeHint, profileId, authenticator }: RevokeTokenRequest,
): Promise<Ending> {
  const { tokens, logins } = world.store;
  if (await tokens.revokeAccess(hashToken(token), client.id, world.clock.now())) return accessEnded;
  if (profileId === undefined) {
    // Whether the token is known must not matter here: that would tell right PINs from wrong ones.
    const mayBeRefresh = tokenTypeHint === "refresh_token" || isTokenForm(token);
    if (tokenTypeHint === "access_token" || !mayBeRefresh) return nothing;
    throw new Refusal("REQUEST_INVALID", { detail: "profile_id is missing" });
  }
  if (!isProfileId(profileId)) return nothing;
  const attempt = attemptOf(world, client, { token, profileId, authenticator });
  const result = await judged(world, attempt, () => logins.end(attempt.presented, "revoked"));
  if (result.outcome === "ended") {
    return { type: "TOKEN_REVOKE_REFRESH_TOKEN_SUCCESS", userId: result.userId };
  }
  noteDenied(world, attempt, result);
  return { ...nothing, userId: result.userId };
}
