// The grant refresh_token: a login goes on.
import type { IssueTokenRequest, IssueTokenResponse } from "../../../gen/gatewright/v1/token.ts";
import { after, toSeconds } from "../../core/clock.ts";
import { Refusal } from "../../core/refusal.ts";
import { grantScopes, readScope } from "../../core/scope.ts";
import { hashToken, isTokenForm } from "../../identity/opaque_token.ts";
import type { TokenFamily } from "../../store/token_family.ts";
import type { Client } from "../client.ts";
import { clientOf } from "../client.ts";
import { asItIs, asksHooks, customized } from "../hooks/customized.ts";
import type { TokenType } from "../issue_tokens.ts";
import { accessLifetime } from "../issue_tokens.ts";
import { idTokenOf } from "../login_id_token.ts";
import type { World } from "../world.ts";
import type { Grant } from "./grant.ts";
import { login } from "./login.ts";

/**
 * Continues a login with a refresh token. Scopes may be narrowed, not widened. For app installations
 * this is a login with PIN or fingerprint, and the refresh token is replaced at each use; others keep
 * theirs. Throws REQUEST_INVALID, GRANT_INVALID, SCOPE_INVALID and what `login` throws.
 * Source: RFC 6749 section 6, RFC 9700 section 4.14, D-42, D-43, D-60, D-62.
 */
export const refreshToken: Grant = async (world, client, request) => {
  const { refreshToken } = request;
  if (refreshToken === undefined) {
    throw new Refusal("REQUEST_INVALID", { detail: "refresh_token is missing" });
  }
  const presented = { ...request, refreshToken };
  return client.kind === "dynamic"
    ? login(world, client, presented)
    : goOn(world, client, presented);
};

/**
 * Finds a static client's refresh token. Throws GRANT_INVALID when it is unknown, expired, revoked or
 * another client's.
 */
async function find(world: World, client: Client, token: string): Promise<TokenFamily> {
  const found = isTokenForm(token)
    ? await world.store.tokens.findRefresh(hashToken(token))
    : undefined;
  if (
    !found ||
    found.family.revokedAt !== null ||
    found.expiresAt <= world.clock.now() ||
    found.family.clientId !== client.id
  ) {
    throw new Refusal("GRANT_INVALID");
  }
  return found.family;
}

async function goOn(
  world: World,
  client: Client,
  request: IssueTokenRequest & { readonly refreshToken: string },
): Promise<IssueTokenResponse> {
  const family = await find(world, client, request.refreshToken);
  const { application } = client;
  const granted = readScope(family.scope);
  const draft = {
    client,
    userId: family.userId ?? "",
    scopes: grantScopes(readScope(request.scope), granted, granted),
    userDetails: family.userDetails ?? {},
    contextCustomParams: null,
  };
  const { scopes, claims, details } =
    application && asksHooks(application) ? await customized(world, draft) : asItIs(draft);
  const now = world.clock.now();
  const lifetime = accessLifetime(application, family.tokenType as TokenType);
  const accessToken = world.identity.newToken();
  const [scope, expiresAt] = [scopes.join(" "), after(now, lifetime)];
  const access = { hash: hashToken(accessToken), scope, issuedAt: now, expiresAt, claims };
  if (!(await world.store.tokens.addAccess(family.id, access))) throw new Refusal("GRANT_INVALID");
  const type = "TOKEN_REQUEST_ACCESS_TOKEN_REFRESHED";
  const userId = family.userId ?? undefined;
  world.events.add({ type, ...clientOf(client), userId }, world.origin);
  return {
    accessToken,
    tokenType: "bearer",
    expiresIn: toSeconds(lifetime),
    scope,
    idToken: scopes.includes("openid")
      ? idTokenOf(world, family, { accessToken, lifetime, details })
      : undefined,
    profileId: "static",
  };
}
