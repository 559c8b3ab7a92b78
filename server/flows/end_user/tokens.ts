// The logins of a user that have tokens: listed, and ended.
import type {
  DeleteTokenRequest,
  DeleteTokenResponse,
  ListTokensRequest,
  ListTokensResponse,
  UserToken,
} from "../../../gen/gatewright/v1/end_user.ts";
import { Refusal } from "../../core/refusal.ts";
import { readScope } from "../../core/scope.ts";
import type { UserLogin } from "../../store/user_tokens.ts";
import type { Credentials } from "../authenticate.ts";
import type { Configuration } from "../configuration.ts";
import { readId } from "../devices/named.ts";
import type { World } from "../world.ts";
import { endUserCaller, listLimit } from "./caller.ts";
import { applicationName } from "./list_devices.ts";

const shown = (configuration: Configuration, login: UserLogin): UserToken => ({
  id: login.id,
  clientName:
    login.applicationId === null
      ? (configuration.clients.get(login.clientId)?.client.name ?? login.clientId)
      : applicationName(configuration, login.applicationId),
  deviceName: login.deviceName ?? undefined,
  createdAt: login.issuedAt,
  scopes: readScope(login.scope),
  type: login.tokenType,
  refreshTokenIssued: login.refreshes,
  expired: login.isExpired,
});

/**
 * Lists the logins of a user, on devices and of static clients, newest first. One is left out once its
 * access tokens are expired and it has no refresh token to go on with. Throws USER_DATA_NOT_FOUND when
 * there are none, API_CREDENTIALS_REJECTED, PERMISSION_MISSING.
 * Source: Access token API, List access tokens; D-63.
 */
export async function listTokens(
  world: World,
  request: ListTokensRequest,
  credentials: Credentials,
): Promise<ListTokensResponse> {
  const agent = await endUserCaller(world, credentials);
  const userId = readId("user_id", request.userId);
  const logins = await world.store.userTokens.list(userId, world.clock.now(), listLimit);
  const type = logins.length > 0 ? "API_TOKENS_LISTED" : "API_TOKENS_NO_DATA_FOUND";
  world.events.add({ type, userId, agent }, world.origin);
  if (logins.length === 0) throw new Refusal("USER_DATA_NOT_FOUND");
  const configuration = world.configuration();
  return { tokens: logins.map((login) => shown(configuration, login)) };
}

const deletion = {
  revoked: "API_TOKEN_REMOVED",
  foreign: "API_TOKEN_NOT_REMOVED_FORBIDDEN",
  unknown: "API_TOKEN_NOT_REMOVED_NOT_FOUND",
} as const;

/**
 * Ends a login of a user with all its tokens. One that is not there, or another user's, is answered alike
 * and stays. Throws API_CREDENTIALS_REJECTED, PERMISSION_MISSING.
 * Source: Access token API, Delete access token; D-63, SEC-84.
 */
export async function deleteToken(
  world: World,
  request: DeleteTokenRequest,
  credentials: Credentials,
): Promise<DeleteTokenResponse> {
  const agent = await endUserCaller(world, credentials);
  const userId = readId("user_id", request.userId);
  const id = readId("token_id", request.tokenId);
  const now = world.clock.now();
  const end = await world.store.userTokens.revoke(userId, id, "removed_by_api", now);
  const details = { token_id: id };
  world.events.add({ type: deletion[end], userId, agent, details }, world.origin);
  return {};
}
