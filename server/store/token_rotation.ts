// Exchanging refresh tokens: one winner, an answer that may be asked for again, and no reuse.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { Statement } from "./statement.ts";
import type { NewAccessToken, RefreshToken } from "./token_family.ts";
import type { RotationValues } from "./token_rotation_statements.ts";
import { exchangeIn, repeatIn, revokeReusedIn } from "./token_rotation_statements.ts";
import type { Steps } from "./transaction_steps.ts";

/** What a refresh token is exchanged for. */
export interface Exchange {
  /** Derived from the presented token, so that it is the same each time. */
  readonly successor: { readonly hash: string; readonly expiresAt: Milliseconds };
  readonly access: NewAccessToken;
}

/** What became of an exchange; `exchange` of the logins says what each means. */
export type RotationResult = "rotated" | "repeated" | "reused" | "invalid";

/** Exchanges a refresh token whose family lives, as a part of a transaction. */
export type Rotate = (
  steps: Steps,
  presented: RefreshToken,
  exchange: Exchange,
  now: Milliseconds,
) => Promise<RotationResult>;

/** Gives what exchanges refresh tokens. Source: D-62, SEC-23, RFC 9700 section 4.14. */
export function rotateIn({ db }: Durable): Rotate {
  const [exchangeOf, repeatOf] = [exchangeIn(db), repeatIn(db)];
  const revokeReused = revokeReusedIn(db);
  return async (steps, presented, exchange, now) => {
    const values = rotationValuesOf(presented, exchange, now);
    if (presented.state === "active") {
      // Somebody may have revoked the family since it was looked at.
      return (await happens(steps, exchangeOf(values))) ? "rotated" : "invalid";
    }
    if (await happens(steps, repeatOf(values))) return "repeated";
    await steps.touched(revokeReused({ familyId: presented.family.id, now }));
    return "reused";
  };
}

// Those that can fail come first and change nothing when they do.
async function happens({ touched }: Steps, statements: readonly Statement[]): Promise<boolean> {
  for (const { query, expect } of statements) {
    if ((await touched(query)) !== expect) return false;
  }
  return true;
}

/** Gives the values of the statements of an exchange. */
export const rotationValuesOf = (
  { hash, family }: RefreshToken,
  { successor, access }: Exchange,
  now: Milliseconds,
): RotationValues => ({
  presented: hash,
  clientId: family.clientId,
  now,
  successor: successor.hash,
  successorExpiresAt: successor.expiresAt,
  access: access.hash,
  accessScope: access.scope,
  accessIssuedAt: access.issuedAt,
  accessExpiresAt: access.expiresAt,
  accessClaims: access.claims === undefined ? null : JSON.stringify(access.claims),
});
