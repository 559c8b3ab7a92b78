// The token endpoint: a table of grants.
import type { IssueTokenRequest, IssueTokenResponse } from "../../gen/gatewright/v1/token.ts";
import { Refusal } from "../core/refusal.ts";
import type { Credentials } from "./authenticate.ts";
import { authenticate, doors } from "./authenticate.ts";
import { clientCredentials } from "./grants/client_credentials.ts";
import type { Grant } from "./grants/grant.ts";
import { refreshToken } from "./grants/refresh_token.ts";
import type { World } from "./world.ts";

/** The grants by `grant_type`. Source: D-60. */
export const grants: ReadonlyMap<string, Grant> = new Map([
  ["refresh_token", refreshToken],
  ["client_credentials", clientCredentials],
]);

/**
 * Gives tokens for a grant. Throws CLIENT_CREDENTIALS_REJECTED before it looks at the grant,
 * GRANT_TYPE_UNSUPPORTED for one that is no row of the table, and what the row throws.
 * Source: RFC 6749 sections 5 and 6.
 */
export async function issueToken(
  world: World,
  request: IssueTokenRequest,
  credentials: Credentials,
): Promise<IssueTokenResponse> {
  const client = await authenticate(world, doors.oauth, credentials);
  const grant = grants.get(request.grantType);
  if (!grant) throw new Refusal("GRANT_TYPE_UNSUPPORTED");
  return grant(world, client, request);
}
