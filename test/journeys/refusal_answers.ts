// How each documented refusal is answered, written down once more as the documents have it.
import type { ReasonName } from "../../proto/contract.ts";
import type { Actors, Ask } from "./doors.ts";

/** How a refusal is answered through both doors. */
export interface Answered {
  /** Status and `error` of the REST answer. */
  readonly status: number;
  readonly word: string;
  /** The reason of the ErrorInfo, and the status code, of the gRPC answer. */
  readonly reason: ReasonName;
  readonly code: number;
}

/** A request and the refusal that it provokes. */
export interface Row extends Answered {
  readonly name: string;
  readonly ask: (actors: Actors) => Ask | Promise<Ask>;
}

const as = (status: number, word: string, reason: ReasonName, code: number): Answered => ({
  status,
  word,
  reason,
  code,
});

/** The documented answers. */
export const answered = {
  malformed: as(400, "invalid_request", "REQUEST_INVALID", 3),
  missing: as(400, "invalid_request", "CLIENT_AUTHENTICATION_MISSING", 3),
  failed: as(400, "invalid_client", "CLIENT_AUTHENTICATION_FAILED", 16),
  rejected: as(401, "invalid_client", "CLIENT_CREDENTIALS_REJECTED", 16),
  noPermission: as(403, "insufficient_permissions", "PERMISSION_MISSING", 7),
  noProvider: as(404, "invalid_idp_identifier", "IDP_NOT_FOUND", 5),
  disabled: as(403, "idp_disabled", "IDP_DISABLED", 7),
  noTransaction: as(400, "invalid_transaction", "TRANSACTION_INVALID", 9),
  noScope: as(400, "invalid_scope", "SCOPE_INVALID", 3),
  noProfile: as(400, "invalid_profile", "PROFILE_INVALID", 3),
  scriptFailed: as(500, "internal_server_error", "SCRIPT_FAILED", 13),
  notAllowed: as(400, "unauthorized_client", "GRANT_TYPE_NOT_ALLOWED", 7),
  unsupported: as(400, "unsupported_grant_type", "GRANT_TYPE_UNSUPPORTED", 3),
  noGrant: as(400, "invalid_grant", "GRANT_INVALID", 9),
  wrongPin: as(400, "invalid_grant", "PIN_WRONG", 9),
  profileRevoked: as(400, "invalid_grant", "PROFILE_REVOKED", 9),
  noAccessToken: as(401, "invalid_token", "ACCESS_TOKEN_INVALID", 16),
  noOpenid: as(403, "insufficient_scope", "SCOPE_INSUFFICIENT", 7),
  noMetadata: as(400, "invalid_client_metadata", "CLIENT_METADATA_INVALID", 3),
  noAdministrator: as(401, "unauthorized", "ADMIN_CREDENTIALS_REJECTED", 16),
  noSetup: as(400, "invalid_request", "SETUP_INVALID", 3),
  notFound: as(404, "not_found", "OBJECT_NOT_FOUND", 5),
  notRecorded: as(409, "not_recorded", "EXECUTION_NOT_RECORDED", 9),
  conflict: as(409, "conflict", "OBJECT_CONFLICT", 10),
} as const;
