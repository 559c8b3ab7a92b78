// The grant refresh_token: a login goes on.
import type { IssueTokenResponse } from "../../../gen/gatewright/v1/token.ts";
import type { Milliseconds } from "../../core/clock.ts";
import { after, toSeconds } from "../../core/clock.ts";
import { Refusal } from "../../core/refusal.ts";
import { grantScopes, readScope } from "../../core/scope.ts";
import { hashToken, isTokenForm, successorOf } from "../../identity/opaque_token.ts";
import type { NewAccessToken, TokenFamily } from "../../store/token_family.ts";
import type { Client } from "../client.ts";
import type { TokenType } from "../issue_tokens.ts";
import { accessLifetime, idTokenOf, refreshExpiry } from "../issue_tokens.ts";
import type { World } from "../world.ts";
import type { Grant } from "./grant.ts";

/** A refresh token that its own client presents, with the login it belongs to. */
interface Presented {
  readonly token: string;
  readonly hash: string;
  readonly family: TokenFamily;
}

/**
 * Finds a presented refresh token, in whatever state. Throws GRANT_INVALID when it is unknown, expired,
 * revoked, another client's, or of another profile than the request names (D-42).
 */
async function find(
  world: World,
  client: Client,
  token: string | undefined,
  profileId: string | undefined,
): Promise<Presented> {
  if (token === undefined) {
    throw new Refusal("REQUEST_INVALID", { detail: "refresh_token is missing" });
  }
  if (client.kind === "dynamic" && profileId === undefined) {
    throw new Refusal("REQUEST_INVALID", { detail: "profile_id is missing" });
  }
  if (!isTokenForm(token)) throw new Refusal("GRANT_INVALID");
  const hash = hashToken(token);
  const found = await world.store.tokens.findRefresh(hash);
  if (
    !found ||
    found.family.revokedAt !== null ||
    found.expiresAt <= world.clock.now() ||
    found.family.clientId !== client.id ||
    (client.kind === "dynamic" && found.family.profileId !== profileId)
  ) {
    throw new Refusal("GRANT_INVALID");
  }
  return { token, hash, family: found.family };
}

/**
 * Puts the new access token in place and gives the successor of the refresh token where they rotate:
 * those of app installations. Throws GRANT_INVALID when the token was used before and its successor
 * or the access token given with it was used since; then the family is revoked.
 */
async function advance(
  world: World,
  client: Client,
  presented: Presented,
  access: NewAccessToken,
): Promise<string | undefined> {
  const now = world.clock.now();
  if (client.kind !== "dynamic" || !client.application) {
    const added = await world.store.tokens.addAccess(presented.family.id, access);
    if (!added) throw new Refusal("GRANT_INVALID");
    return undefined;
  }
  const successor = successorOf(world.identity.successorKey, presented.token);
  const result = await world.store.tokens.rotate({
    presented: presented.hash,
    clientId: client.id,
    successor: { hash: hashToken(successor), expiresAt: refreshExpiry(client.application, now) },
    access,
    now,
  });
  if (result === "reused") {
    world.log.warn("refresh token reused", { client_id: client.id, family: presented.family.id });
  }
  if (result !== "rotated" && result !== "repeated") throw new Refusal("GRANT_INVALID");
  return successor;
}

/**
 * Continues a login with a refresh token. Scopes may be narrowed, not widened. For app installations
 * the refresh token is replaced at each use; an answer that was lost on the way can be had again, and
 * any later use of an old token ends the login.
 * Source: RFC 6749 section 6, RFC 9700 section 4.14, D-42 (profile_id), D-60, D-62.
 */
export const refreshToken: Grant = async (world, client, request) => {
  const presented = await find(world, client, request.refreshToken, request.profileId);
  const { family } = presented;
  const granted = readScope(family.scope);
  const scopes = grantScopes(readScope(request.scope), granted, granted);
  const now = world.clock.now();
  const lifetime: Milliseconds = accessLifetime(client.application, family.tokenType as TokenType);
  const accessToken = world.identity.newToken();
  const refresh = await advance(world, client, presented, {
    hash: hashToken(accessToken),
    scope: scopes.join(" "),
    issuedAt: now,
    expiresAt: after(now, lifetime),
  });
  const answer: IssueTokenResponse = {
    accessToken,
    tokenType: "bearer",
    expiresIn: toSeconds(lifetime),
    refreshToken: refresh,
    scope: scopes.join(" "),
    idToken: scopes.includes("openid")
      ? idTokenOf(world, family, accessToken, lifetime)
      : undefined,
    profileId: family.profileId ?? "static",
  };
  return answer;
};
