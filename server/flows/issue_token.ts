// The token endpoint: a table of grants.
import type { IssueTokenRequest, IssueTokenResponse } from "../../gen/gatewright/v1/token.ts";
import { Refusal } from "../core/refusal.ts";
import type { Credentials } from "./authenticate.ts";
import { authenticate } from "./authenticate.ts";
import { clientOf } from "./client.ts";
import { demandVersion } from "./devices/version.ts";
import { doors } from "./doors.ts";
import type { Ends } from "./events/noted.ts";
import { noted } from "./events/noted.ts";
import { clientCredentials } from "./grants/client_credentials.ts";
import type { Grant } from "./grants/grant.ts";
import { implicitAuthentication, implicitGrantType } from "./grants/implicit_authentication.ts";
import { refreshToken } from "./grants/refresh_token.ts";
import type { World } from "./world.ts";

/** The grants by `grant_type`. Source: D-60, D-65. */
export const grants: ReadonlyMap<string, Grant> = new Map([
  ["refresh_token", refreshToken],
  ["client_credentials", clientCredentials],
  [implicitGrantType, implicitAuthentication],
]);

type Refused = Ends<IssueTokenResponse>["refused"];

// A wrong PIN is noted where its user is known, and so is what was given.
const refused: Refused = {
  REQUEST_INVALID: "TOKEN_REQUEST_INVALID",
  GRANT_TYPE_NOT_ALLOWED: "TOKEN_REQUEST_DISABLED_GRANT_TYPE",
  GRANT_TYPE_UNSUPPORTED: "TOKEN_REQUEST_UNSUPPORTED_GRANT_TYPE",
  GRANT_INVALID: "TOKEN_REQUEST_INVALID_GRANT",
  PROFILE_REVOKED: "TOKEN_REQUEST_INVALID_PROFILE_ID",
  SCOPE_INVALID: "TOKEN_REQUEST_SCOPE_INVALID",
  VERSION_DISABLED: "CLIENT_VALIDATION_VERSION_DISABLED",
};

const refusedFingerprint: Refused = {
  ...refused,
  REQUEST_INVALID: "TOKEN_REQUEST_FINGER_PRINT_INVALID_REQUEST",
  GRANT_INVALID: "TOKEN_REQUEST_FINGER_PRINT_INVALID_REFRESH_TOKEN",
};

/**
 * Gives tokens for a grant. Throws CLIENT_CREDENTIALS_REJECTED before it looks at the grant,
 * VERSION_DISABLED for an app installation whose version is, GRANT_TYPE_UNSUPPORTED for one that is no row
 * of the table, and what the row throws.
 * Source: RFC 6749 sections 5 and 6.
 */
export function issueToken(
  world: World,
  request: IssueTokenRequest,
  credentials: Credentials,
): Promise<IssueTokenResponse> {
  const { grantType, authenticator } = request;
  const ends: Ends<IssueTokenResponse> = {
    refused: authenticator === "fingerprint" ? refusedFingerprint : refused,
    answered: () => undefined,
  };
  const details = { grant_type: grants.has(grantType) ? grantType : undefined };
  return noted(world, ends, { details }, async (know) => {
    const client = await authenticate(world, doors.oauth, credentials);
    know(clientOf(client));
    demandVersion(client, "login");
    const grant = grants.get(grantType);
    if (!grant) throw new Refusal("GRANT_TYPE_UNSUPPORTED");
    return grant(world, client, request);
  });
}
