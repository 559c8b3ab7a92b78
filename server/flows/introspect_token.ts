// What a resource server learns of a token.
import type {
  IntrospectTokenRequest,
  IntrospectTokenResponse,
} from "../../gen/gatewright/v1/token.ts";
import { toSeconds } from "../core/clock.ts";
import type { AccessToken } from "../store/token_family.ts";
import type { Credentials } from "./authenticate.ts";
import { authenticate, demandApiScope, findClient } from "./authenticate.ts";
import { activeToken } from "./bearer.ts";
import type { Client } from "./client.ts";
import { clientOf } from "./client.ts";
import { doors } from "./doors.ts";
import type { Ends } from "./events/noted.ts";
import { noted } from "./events/noted.ts";
import type { World } from "./world.ts";

const inactive: IntrospectTokenResponse = { active: false, amr: [] };

const ends: Ends<IntrospectTokenResponse> = {
  refused: {},
  answered: ({ active }) => (active ? "TOKEN_INTROSPECTION_SUCCESS" : "TOKEN_INTROSPECTION_FAILED"),
};

/**
 * Says whether an access token can be used now, and for whom and what; for anything else only that it is
 * not active. A token that was asked about counts as used (D-62). Throws CLIENT_CREDENTIALS_REJECTED,
 * and PERMISSION_MISSING without the API scope.
 * Source: RFC 7662 section 2.2, Token introspection, D-19, SEC-28.
 */
export const introspectToken = (
  world: World,
  request: IntrospectTokenRequest,
  credentials: Credentials,
): Promise<IntrospectTokenResponse> =>
  noted(world, ends, {}, async (know) => {
    const caller = await authenticate(world, doors.introspection, credentials);
    know({ agent: caller.id });
    demandApiScope(world, caller, "onegini_api_token_introspection");
    const token = await activeToken(world, request.token);
    const client = token && (await findClient(world, token.family.clientId))?.client;
    // A client that is gone takes its tokens along, whatever was under way when it went.
    if (!token || !client) return inactive;
    const { family } = token;
    know({ ...clientOf(client), userId: family.userId ?? undefined });
    return activeAnswer(world, token, client);
  });

function activeAnswer(world: World, token: AccessToken, client: Client): IntrospectTokenResponse {
  const { family } = token;
  const isUser = family.userId !== null;
  return {
    active: true,
    scope: token.scope,
    clientId: family.clientId,
    sub: family.userId ?? undefined,
    tokenType: "bearer",
    exp: toSeconds(token.expiresAt),
    iat: toSeconds(token.issuedAt),
    nbf: toSeconds(token.issuedAt),
    iss: world.policy.issuer,
    amr: isUser ? [family.tokenType, ...family.amr] : [],
    appIdentifier: client.application?.id,
    appVersion: client.version,
    appPlatform: client.platform,
    profileId: family.profileId ?? undefined,
    userDetails: isUser ? (family.userDetails ?? {}) : undefined,
    usageLimit: 0,
    additionalClaims: token.claims,
  };
}
