// A login of an app installation: the refresh token that its PIN or fingerprint unlocked.
import assert from "node:assert/strict";
import type { IssueTokenRequest, IssueTokenResponse } from "../../../gen/gatewright/v1/token.ts";
import { after, toSeconds } from "../../core/clock.ts";
import { Refusal } from "../../core/refusal.ts";
import { grantScopes, readScope } from "../../core/scope.ts";
import { hashToken, successorOf } from "../../identity/opaque_token.ts";
import type { TokenFamily } from "../../store/token_family.ts";
import type { Exchange } from "../../store/token_rotation.ts";
import type { Client } from "../client.ts";
import { clientOf } from "../client.ts";
import type { EventType } from "../events/event_types.ts";
import type { Customized } from "../hooks/customized.ts";
import { asItIs, asksHooks, customized } from "../hooks/customized.ts";
import { accessLifetime, refreshExpiry } from "../issue_tokens.ts";
import { idTokenOf } from "../login_id_token.ts";
import type { World } from "../world.ts";
import type { Attempt } from "./presented_token.ts";
import { attemptOf, judged, noteDenied, refusalOf } from "./presented_token.ts";

const loggedIn = {
  PIN: "TOKEN_REQUEST_ACCESS_TOKEN_REFRESHED",
  FINGERPRINT: "TOKEN_REQUEST_FINGER_PRINT_ACCESS_TOKEN_REFRESHED",
  CUSTOM: "TOKEN_REQUEST_ACCESS_TOKEN_REFRESHED",
} as const satisfies Record<string, EventType>;

/**
 * Logs a user in with the refresh token of a profile and replaces that token. A wrong one counts as a wrong
 * PIN, or ends the fingerprint registration; which of the two is settled before anything else is said of
 * the request, so a scope tells nothing about a token. Throws PIN_WRONG, PROFILE_REVOKED, GRANT_INVALID,
 * and SCOPE_INVALID, which uses nothing up. Source: D-42, D-43, D-62, SEC-53.
 */
export async function login(
  world: World,
  client: Client,
  request: IssueTokenRequest & { readonly refreshToken: string },
): Promise<IssueTokenResponse> {
  const { profileId, authenticator, refreshToken: token } = request;
  const { application } = client;
  assert(application, "an app installation without an application");
  if (profileId === undefined) {
    throw new Refusal("REQUEST_INVALID", { detail: "profile_id is missing" });
  }
  const attempt = attemptOf(world, client, { token, profileId, authenticator });
  const { now } = attempt.presented;
  const asked = readScope(request.scope);
  // Web hooks cannot be waited for while the profile is held, so the token is judged before as well.
  const asking = asksHooks(application) ? await askHooks(world, attempt, asked) : undefined;
  const drafted = (family: TokenFamily): Customized => asking ?? asItIs(draftOf(family, asked));

  const lifetime = accessLifetime(application, attempt.authenticator.tokenType);
  const accessToken = world.identity.newToken();
  const successor = successorOf(world.identity.successorKey, token);
  const offer = (family: TokenFamily): Exchange => {
    const { scopes, claims } = drafted(family);
    const [scope, expiresAt] = [scopes.join(" "), after(now, lifetime)];
    return {
      successor: { hash: hashToken(successor), expiresAt: refreshExpiry(application, now) },
      access: { hash: hashToken(accessToken), scope, issuedAt: now, expiresAt, claims },
    };
  };
  const { logins } = world.store;
  const result = await judged(world, attempt, () => logins.exchange(attempt.presented, offer));
  if (!("family" in result)) {
    noteDenied(world, attempt, result);
    throw refusalOf(result);
  }
  const { family } = result;
  noteLogin(world, attempt, family);
  const { scopes, details } = drafted(family);
  return {
    accessToken,
    tokenType: "bearer",
    expiresIn: toSeconds(lifetime),
    refreshToken: successor,
    scope: scopes.join(" "),
    idToken: scopes.includes("openid")
      ? idTokenOf(world, { ...family, authTime: now }, { accessToken, lifetime, details })
      : undefined,
    profileId,
  };
}

/** Gives what the token would be given for. Throws SCOPE_INVALID. */
function draftOf(family: TokenFamily, asked: readonly string[]) {
  const granted = readScope(family.scope);
  return { scopes: grantScopes(asked, granted, granted), userDetails: family.userDetails ?? {} };
}

async function askHooks(
  world: World,
  attempt: Attempt,
  asked: readonly string[],
): Promise<Customized> {
  const { logins } = world.store;
  const checked = await judged(world, attempt, () => logins.check(attempt.presented));
  if (checked.outcome !== "right") {
    noteDenied(world, attempt, checked);
    throw refusalOf(checked);
  }
  const { family } = checked;
  assert(family.userId !== null, "a profile has a user");
  const { client } = attempt;
  const who = { client, userId: family.userId, contextCustomParams: null };
  return customized(world, { ...who, ...draftOf(family, asked) });
}

function noteLogin(
  world: World,
  { client, authenticator, presented }: Attempt,
  family: TokenFamily,
): void {
  const type = loggedIn[authenticator.type];
  const userId = family.userId ?? undefined;
  const details = { profile_id: presented.profileId };
  const event = { type, ...clientOf(client), userId, details };
  world.events.add(event, world.origin);
}
