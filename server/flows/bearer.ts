// Users who call with their access token.
import { Refusal } from "../core/refusal.ts";
import { readAuthorization } from "../identity/basic.ts";
import { hashToken, isTokenForm } from "../identity/opaque_token.ts";
import type { AccessToken } from "../store/token_family.ts";
import { findClient } from "./authenticate.ts";
import type { Client } from "./client.ts";
import type { World } from "./world.ts";

/** A user's session, as an access token proves it. */
export interface Session {
  readonly token: AccessToken;
  readonly client: Client;
  readonly userId: string;
}

/** Tells whether an Authorization header has an access token, and not an assertion or anything else. */
export function hasAccessToken(authorization: string | undefined): boolean {
  const value = bearerOf(authorization);
  return value !== undefined && isTokenForm(value);
}

/**
 * Gives the session of the access token in an Authorization header, and notes the token's use. Throws
 * ACCESS_TOKEN_INVALID when there is none, or it is unknown, expired, revoked, or a client's own.
 * Source: RFC 6750 section 3.1, D-40, D-62.
 */
export async function sessionOf(world: World, authorization: string | undefined): Promise<Session> {
  const value = bearerOf(authorization);
  const token = value === undefined ? undefined : await activeToken(world, value);
  const client = token && (await findClient(world, token.family.clientId))?.client;
  const userId = token?.family.userId ?? null;
  if (!token || !client || userId === null) throw new Refusal("ACCESS_TOKEN_INVALID");
  return { token, client, userId };
}

/**
 * Finds an access token that can be used now, and notes its use; undefined for any other text.
 * Source: D-62.
 */
export async function activeToken(world: World, value: string): Promise<AccessToken | undefined> {
  if (!isTokenForm(value)) return undefined;
  const [hash, now] = [hashToken(value), world.clock.now()];
  const token = await world.store.tokens.findAccess(hash, now);
  if (token?.usedAt === null) await world.store.tokens.markUsed(hash, now);
  return token;
}

/** Gives the value behind `Bearer`; undefined for other schemes. Throws REQUEST_INVALID. */
function bearerOf(authorization: string | undefined): string | undefined {
  try {
    const header = readAuthorization(authorization);
    return header?.scheme === "bearer" ? header.token : undefined;
  } catch (error) {
    const isOther = error instanceof Refusal && error.reason === "CLIENT_AUTHENTICATION_MISSING";
    if (isOther) return undefined;
    throw error;
  }
}
