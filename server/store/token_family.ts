// Tokens and their families, as the rest of the server sees them. Only hashes of tokens come here.
import type { Selectable } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import type { TokenFamilyTable } from "./schema.ts";

/** What one login or registration gave rise to: all tokens that share its fate. */
export interface TokenFamily {
  readonly id: string;
  readonly clientId: string;
  /** Null for a client's own tokens. */
  readonly userId: string | null;
  readonly profileId: string | null;
  readonly identityProvider: string | null;
  /** `DEFAULT`, `STATELESS_AUTHENTICATION` ... */
  readonly tokenType: string;
  /** Scope tokens separated by spaces. */
  readonly scope: string;
  /** The script's values, without the token type. Source: D-19. */
  readonly amr: readonly string[];
  /** Further attributes of the user, as the script gave them; any JSON object. */
  readonly userDetails: Readonly<Record<string, unknown>> | null;
  readonly authTime: Milliseconds;
  readonly createdAt: Milliseconds;
  readonly revokedAt: Milliseconds | null;
  readonly revokedReason: string | null;
}

/** What a new family is made of. */
export type NewTokenFamily = Omit<TokenFamily, "revokedAt" | "revokedReason">;

/** A new access token. `hash` is SHA-256 of the token. Source: SEC-22. */
export interface NewAccessToken {
  readonly hash: string;
  readonly scope: string;
  readonly issuedAt: Milliseconds;
  readonly expiresAt: Milliseconds;
  /** Claims that a web hook added; any JSON object. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/** A new refresh token. `hash` is SHA-256 of the token. */
export interface NewRefreshToken {
  readonly hash: string;
  readonly createdAt: Milliseconds;
  readonly expiresAt: Milliseconds;
}

/** An access token that counts. */
export interface AccessToken extends NewAccessToken {
  /** When it was first used; null until then. */
  readonly usedAt: Milliseconds | null;
  readonly family: TokenFamily;
}

/** A refresh token in whatever state. */
export interface RefreshToken extends NewRefreshToken {
  readonly state: "active" | "used";
  readonly usedAt: Milliseconds | null;
  /** What a used one was exchanged for. */
  readonly successorHash: string | null;
  readonly family: TokenFamily;
}

/** The columns of a family beside those of a token, whose names would clash. */
export const familyColumns = [
  "token_family.id as family_id",
  "token_family.client_id",
  "token_family.user_id",
  "token_family.profile_id",
  "token_family.identity_provider",
  "token_family.token_type",
  "token_family.scope as family_scope",
  "token_family.amr",
  "token_family.user_details",
  "token_family.auth_time",
  "token_family.created_at as family_created_at",
  "token_family.revoked_at",
  "token_family.revoked_reason",
] as const;

/** A row with `familyColumns`. */
export type FamilyRow = Omit<Selectable<TokenFamilyTable>, "id" | "scope" | "created_at"> & {
  readonly family_id: string;
  readonly family_scope: string;
  readonly family_created_at: number;
};

/** Reads the family from a row with `familyColumns`. */
export const familyOf = (row: FamilyRow): TokenFamily => ({
  id: row.family_id,
  clientId: row.client_id,
  userId: row.user_id,
  profileId: row.profile_id,
  identityProvider: row.identity_provider,
  tokenType: row.token_type,
  scope: row.family_scope,
  amr: JSON.parse(row.amr),
  userDetails: row.user_details === null ? null : JSON.parse(row.user_details),
  authTime: row.auth_time as Milliseconds,
  createdAt: row.family_created_at as Milliseconds,
  revokedAt: row.revoked_at as Milliseconds | null,
  revokedReason: row.revoked_reason,
});
