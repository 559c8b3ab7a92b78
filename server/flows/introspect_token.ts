// What a resource server learns of a token.
import type {
  IntrospectTokenRequest,
  IntrospectTokenResponse,
} from "../../gen/gatewright/v1/token.ts";
import { toSeconds } from "../core/clock.ts";
import { hashToken, isTokenForm } from "../identity/opaque_token.ts";
import type { Credentials } from "./authenticate.ts";
import { authenticate, demandApiScope, doors, findClient } from "./authenticate.ts";
import type { World } from "./world.ts";

const inactive: IntrospectTokenResponse = { active: false, amr: [] };

/**
 * Says whether an access token can be used now, and for whom and what; for anything else only that it is
 * not active. A token that was asked about counts as used (D-62). Throws CLIENT_CREDENTIALS_REJECTED,
 * and PERMISSION_MISSING without the API scope.
 * Source: RFC 7662 section 2.2, Token introspection, D-19, SEC-28.
 */
export async function introspectToken(
  world: World,
  request: IntrospectTokenRequest,
  credentials: Credentials,
): Promise<IntrospectTokenResponse> {
  const caller = await authenticate(world, doors.introspection, credentials);
  demandApiScope(caller, "onegini_api_token_introspection");
  if (!isTokenForm(request.token)) return inactive;
  const hash = hashToken(request.token);
  const token = await world.store.tokens.findAccess(hash, world.clock.now());
  if (!token) return inactive;
  if (token.usedAt === null) await world.store.tokens.markUsed(hash, world.clock.now());
  const { family } = token;
  const client = (await findClient(world, family.clientId))?.client;
  const isUser = family.userId !== null;
  return {
    active: true,
    scope: token.scope,
    clientId: family.clientId,
    sub: family.userId ?? undefined,
    tokenType: "bearer",
    exp: toSeconds(token.expiresAt),
    iat: toSeconds(token.issuedAt),
    iss: world.policy.issuer,
    amr: isUser ? [family.tokenType, ...family.amr] : [],
    appIdentifier: client?.application?.id,
    appVersion: client?.version,
    appPlatform: client?.platform,
    profileId: family.profileId ?? undefined,
    userDetails: isUser ? (family.userDetails ?? {}) : undefined,
  };
}
