// The end of a token at its client's wish.
import type { RevokeTokenRequest, RevokeTokenResponse } from "../../gen/gatewright/v1/token.ts";
import { hashToken } from "../identity/opaque_token.ts";
import type { Credentials } from "./authenticate.ts";
import { authenticate, doors } from "./authenticate.ts";
import type { World } from "./world.ts";

/**
 * Ends a token of the calling client. A refresh token takes its access tokens along; an access token
 * leaves the refresh token. What is unknown or another client's changes nothing, and the answer is the
 * same. Source: RFC 7009 sections 2.1 and 2.2, OAuth endpoints, SEC-27.
 */
export async function revokeToken(
  world: World,
  request: RevokeTokenRequest,
  credentials: Credentials,
): Promise<RevokeTokenResponse> {
  const client = await authenticate(world, doors.oauth, credentials);
  const hash = hashToken(request.token);
  const refresh = await world.store.tokens.findRefresh(hash);
  if (refresh?.family.clientId === client.id) {
    await world.store.tokens.revokeFamily(refresh.family.id, "revoked", world.clock.now());
  } else {
    await world.store.tokens.revokeAccess(hash, client.id, world.clock.now());
  }
  return {};
}
