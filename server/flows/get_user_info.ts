// What a user's own client learns of the user.
import type { GetUserInfoResponse } from "../../gen/gatewright/v1/token.ts";
import { Refusal } from "../core/refusal.ts";
import { readScope } from "../core/scope.ts";
import { registeredClaims } from "../identity/id_token.ts";
import type { Session } from "./bearer.ts";
import { sessionOf } from "./bearer.ts";
import { clientOf } from "./client.ts";
import type { Ends } from "./events/noted.ts";
import { noted } from "./events/noted.ts";
import { customizeUserDetails } from "./hooks/customize_user_details.ts";
import type { World } from "./world.ts";

const ends: Ends<GetUserInfoResponse> = {
  refused: {
    ACCESS_TOKEN_INVALID: "TOKEN_REQUEST_INVALID_ACCESS_TOKEN",
    SCOPE_INSUFFICIENT: "TOKEN_REQUEST_SCOPE_INVALID",
  },
  answered: () => undefined,
};

/**
 * Gives `sub` and the attributes of the user of an access token, as the application's web hook wants
 * them. An attribute never stands for a claim that has a meaning of its own. Throws ACCESS_TOKEN_INVALID,
 * and SCOPE_INSUFFICIENT without `openid`. Source: OpenID Connect Core 1.0 section 5.3, D-19, D-60.
 */
export const getUserInfo = (
  world: World,
  authorization: string | undefined,
): Promise<GetUserInfoResponse> =>
  noted(world, ends, {}, async (know) => {
    const session = await sessionOf(world, authorization);
    know({ ...clientOf(session.client), userId: session.userId });
    if (!readScope(session.token.scope).includes("openid")) throw new Refusal("SCOPE_INSUFFICIENT");
    const details = Object.entries(await detailsOf(world, session));
    const claims = Object.fromEntries(details.filter(([name]) => !registeredClaims.has(name)));
    return { claims: { ...claims, sub: session.userId } };
  });

async function detailsOf(
  world: World,
  { token, client, userId }: Session,
): Promise<Readonly<Record<string, unknown>>> {
  const claims = token.family.userDetails ?? {};
  if (client.application?.customizeUserDetails === undefined) return claims;
  const scopes = readScope(token.scope);
  const draft = { client, userId, scopes, claims, contextCustomParams: null };
  return customizeUserDetails(world, draft);
}
