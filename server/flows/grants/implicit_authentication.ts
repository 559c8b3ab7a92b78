// The grant implicit_authentication: access with the installation's credentials and a profile, without
// the user.
import { Refusal } from "../../core/refusal.ts";
import { grantScopes, readScope } from "../../core/scope.ts";
import { clientOf } from "../client.ts";
import { issueGranted } from "../issue_tokens.ts";
import { isProfileId, profileRevoked } from "../profile.ts";
import type { Grant } from "./grant.ts";

/** The name of the grant. Source: D-65. */
export const implicitGrantType = "urn:gatewright:oauth2:grant_type:implicit_authentication";

/**
 * Gives an access token for the user of a profile who did nothing for it: within the implicit scopes of
 * the application, as far as the registration was granted them. `auth_time` of an ID token is the last
 * login. Throws GRANT_TYPE_NOT_ALLOWED, REQUEST_INVALID without a profile, PROFILE_REVOKED when there is
 * none, and SCOPE_INVALID. Source: D-65.
 */
export const implicitAuthentication: Grant = async (world, client, request) => {
  const { application } = client;
  if (client.kind !== "dynamic" || application?.implicitAuthentication !== true) {
    throw new Refusal("GRANT_TYPE_NOT_ALLOWED");
  }
  const { profileId } = request;
  if (profileId === undefined) {
    throw new Refusal("REQUEST_INVALID", { detail: "profile_id is missing" });
  }
  const profile = isProfileId(profileId)
    ? await world.store.profiles.find(client.id, profileId)
    : undefined;
  if (!profile) throw profileRevoked();
  const registered = readScope(profile.scope);
  const allowed = application.implicitScopes.filter(
    (scope) => registered.includes(scope) && application.scopes.includes(scope),
  );
  const granted = grantScopes(readScope(request.scope), allowed, allowed);
  if (granted.length === 0) throw new Refusal("SCOPE_INVALID");
  const { token, scopes } = await issueGranted(world, {
    client,
    application,
    scopes: granted,
    profileId,
    profile: "holds",
    provider: profile.identityProvider,
    tokenType: "IMPLICIT_AUTHENTICATION",
    user: { id: profile.userId, amr: profile.amr, attributes: profile.userDetails ?? {} },
    authTime: profile.lastLoginAt ?? profile.createdAt,
    refusedAs: "PROFILE_REVOKED",
    contextCustomParams: null,
  });
  world.events.add(
    {
      type: "TOKEN_REQUEST_IMPLICIT_AUTHENTICATION_ACCESS_TOKEN_CREATED",
      ...clientOf(client),
      userId: profile.userId,
      details: { profile_id: profileId },
    },
    world.origin,
  );
  return { ...token, scope: scopes.join(" "), profileId };
};
