// The grant client_credentials: a token of the client's own, without a user.
import { after, toSeconds } from "../../core/clock.ts";
import { uuid } from "../../core/id.ts";
import { Refusal } from "../../core/refusal.ts";
import { grantScopes, readScope } from "../../core/scope.ts";
import { hashToken } from "../../identity/opaque_token.ts";
import { clientOf } from "../client.ts";
import { accessLifetime } from "../issue_tokens.ts";
import type { Grant } from "./grant.ts";

/**
 * Gives an access token for the client itself: an API client's within its API scopes, another's within
 * its application's `client_scopes`. Throws GRANT_TYPE_NOT_ALLOWED for a client that has none, and
 * SCOPE_INVALID. Source: RFC 6749 section 4.4, D-60.
 */
export const clientCredentials: Grant = async (world, client, request) => {
  const allowed = client.kind === "api" ? client.apiScopes : client.application?.clientScopes;
  if (!allowed || allowed.length === 0) throw new Refusal("GRANT_TYPE_NOT_ALLOWED");
  const scope = grantScopes(readScope(request.scope), allowed, allowed).join(" ");
  const now = world.clock.now();
  const lifetime = accessLifetime(client.application, "CLIENT");
  const accessToken = world.identity.newToken();
  await world.store.tokens.issue({
    family: {
      id: uuid(),
      clientId: client.id,
      userId: null,
      profileId: null,
      identityProvider: null,
      tokenType: "CLIENT",
      scope,
      amr: [],
      userDetails: null,
      authTime: now,
      createdAt: now,
    },
    access: {
      hash: hashToken(accessToken),
      scope,
      issuedAt: now,
      expiresAt: after(now, lifetime),
    },
  });
  const type = "TOKEN_REQUEST_ACCESS_TOKEN_CREATED";
  world.events.add({ type, ...clientOf(client) }, world.origin);
  return { accessToken, tokenType: "bearer", expiresIn: toSeconds(lifetime), scope };
};
