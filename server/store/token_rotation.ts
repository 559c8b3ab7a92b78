// Exchanging refresh tokens: one winner, an answer that may be asked for again, and no reuse.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { Statement } from "./statement.ts";
import { Unmet } from "./statement.ts";
import type { NewAccessToken } from "./token_family.ts";
import type { RotationValues, StandingRow } from "./token_rotation_statements.ts";
import { exchangeIn, lookIn, repeatIn, revokeReusedIn } from "./token_rotation_statements.ts";
import { unavailable } from "./unavailable.ts";

/** A refresh token that is presented, and what it is to be exchanged for. */
export interface Rotation {
  /** Hash of the presented token. */
  readonly presented: string;
  /** Who presents it, and has proven to be this client. */
  readonly clientId: string;
  /** Derived from the presented token, so that it is the same each time. */
  readonly successor: { readonly hash: string; readonly expiresAt: Milliseconds };
  readonly access: NewAccessToken;
  readonly now: Milliseconds;
}

/** What became of a rotation; `rotate` of the tokens says what each means. */
export type RotationResult = "rotated" | "repeated" | "reused" | "unknown";

// Only callers who present the same token at the same moment make each other start anew.
const attempts = 10;

/** Gives `rotate` of the tokens. Source: D-62, SEC-23, RFC 9700 section 4.14. */
export function rotateIn(durable: Durable): (rotation: Rotation) => Promise<RotationResult> {
  const { db } = durable;
  const [exchange, repeat] = [exchangeIn(db), repeatIn(db)];
  const [look, revokeReused] = [lookIn(db), revokeReusedIn(db)];
  const happens = async (unit: readonly Statement[]): Promise<boolean> => {
    try {
      await durable.unit(unit);
      return true;
    } catch (error) {
      if (error instanceof Unmet) return false;
      throw error;
    }
  };
  return async (rotation) => {
    const values = valuesOf(rotation);
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      if (await happens(exchange(values))) return "rotated";
      if (await happens(repeat(values))) return "repeated";
      const [seen] = await durable.rows(look(values));
      if (!seen) return "unknown";
      const isUsed = seen.state === "used";
      if (!isUsed && seen.revoked_at !== null) return "unknown";
      // Whatever makes a reuse of it stays true, so it need not be in one step with the revocation.
      if (isUsed && (seen.revoked_at !== null || !isRepeatable(seen, values))) {
        await durable.touched(revokeReused({ familyId: seen.family_id, now: values.now }));
        return "reused";
      }
    }
    throw unavailable(new Error("a refresh token is presented too often at the same moment"));
  };
}

const valuesOf = ({ presented, clientId, successor, access, now }: Rotation): RotationValues => ({
  presented,
  clientId,
  now,
  successor: successor.hash,
  successorExpiresAt: successor.expiresAt,
  access: access.hash,
  accessScope: access.scope,
  accessIssuedAt: access.issuedAt,
  accessExpiresAt: access.expiresAt,
});

// An access token that is gone had been used, for sweeping keeps those that were not.
const isRepeatable = (seen: StandingRow, { successor, now }: RotationValues): boolean =>
  seen.successor_hash === successor &&
  seen.successor_state === "active" &&
  seen.successor_expires_at !== null &&
  seen.successor_expires_at > now &&
  seen.access_seen !== null &&
  seen.access_used_at === null;
