// What nearly every login needs, in one step that shares its commit with others.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { Denied, LoggedIn, Presented } from "./login.ts";
import type { HeldRow, loginStatementsOf } from "./login_statements.ts";
import type { Statement } from "./statement.ts";
import { Unmet } from "./statement.ts";
import type { RefreshToken, TokenFamily } from "./token_family.ts";
import type { Exchange } from "./token_rotation.ts";
import { rotationValuesOf } from "./token_rotation.ts";
import { exchangeIn } from "./token_rotation_statements.ts";
import { findRefreshIn, refreshTokenOf } from "./tokens.ts";

/** Tells whether a token and its family can still be used. */
export const isAlive = ({ expiresAt, family }: RefreshToken, now: Milliseconds): boolean =>
  expiresAt > now && family.revokedAt === null;

/** Gives what a login leaves of the counter of wrong PINs: nothing of it, or all. */
export const keptBy = ({ onWrong }: Presented): 0 | 1 => (onWrong === "count" ? 0 : 1);

type AtOnce = (
  presented: Presented,
  offer: (family: TokenFamily) => Exchange,
) => Promise<LoggedIn | Denied | undefined>;

/**
 * Gives what exchanges an active token, or counts a wrong one, in one unit; undefined, and nothing has
 * happened, when that does not settle it. What was looked up before is only what never changes of a
 * token, and is told to nobody: right and wrong tokens wait alike for the profile's row, and either is
 * settled only while another try is left, so that of parallel guesses no more count than one after the
 * other. Source: SEC-53; our measurement, seven times as many logins as by transactions of their own.
 */
export function loginAtOnceIn(
  durable: Durable,
  statement: ReturnType<typeof loginStatementsOf>,
): AtOnce {
  const find = findRefreshIn(durable);
  const exchange = exchangeIn(durable.db);
  const happened = async (unit: readonly Statement[]) => {
    try {
      return await durable.unit(unit);
    } catch (error) {
      if (error instanceof Unmet) return undefined;
      throw error;
    }
  };
  const count = async (presented: Presented): Promise<Denied | undefined> => {
    const results = await happened([{ query: statement.count(presented), expect: 1 }]);
    const [held] = (results?.[0]?.rows ?? []) as HeldRow[];
    if (!held) return undefined;
    const { limit } = presented;
    const remaining = limit > 0 ? limit - held.failures : undefined;
    return { outcome: "wrong", userId: held.user_id, remaining };
  };
  return async (presented, offer) => {
    const { clientId, profileId, tokenType, onWrong, now } = presented;
    const [row] = await durable.rows(find(presented));
    const token = row && refreshTokenOf(row);
    const family = token?.family;
    if (family?.clientId !== clientId || family.profileId !== profileId) {
      return onWrong === "count" ? count(presented) : undefined;
    }
    const isUsable = family.tokenType === tokenType && token?.state === "active";
    const exchanged = isUsable && isAlive(token, now) ? offered(offer, family) : undefined;
    if (!token || !exchanged) return undefined;
    const limit = onWrong === "count" ? presented.limit : 0;
    const settle = statement.settle({ ...presented, kept: keptBy(presented), limit });
    const values = rotationValuesOf(token, exchanged, now);
    const done = await happened([{ query: settle, expect: 1 }, ...exchange(values)]);
    return done && { outcome: "rotated", family };
  };
}

// What the offer throws must not be known before the token was judged, so that is left to who judges.
function offered(
  offer: (family: TokenFamily) => Exchange,
  family: TokenFamily,
): Exchange | undefined {
  try {
    return offer(family);
  } catch {
    return undefined;
  }
}
