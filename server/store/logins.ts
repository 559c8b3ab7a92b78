// Logins with a refresh token that stands for a PIN or a fingerprint: counted, looked up, exchanged or
// ended in one step.
import type { Durable } from "./durable.ts";
import type { Denied, LoggedIn, Presented, Reused } from "./login.ts";
import { isAlive, keptBy, loginAtOnceIn } from "./login_at_once.ts";
import { loginStatementsOf } from "./login_statements.ts";
import type { RefreshToken, TokenFamily } from "./token_family.ts";
import type { Exchange } from "./token_rotation.ts";
import { rotateIn } from "./token_rotation.ts";
import { findRefreshIn, refreshTokenOf } from "./tokens.ts";
import type { Steps } from "./transaction_steps.ts";
import { inSteps } from "./transaction_steps.ts";

/**
 * Logins. Each is decided by one atomic step that holds the profile's row from its first statement on, so
 * parallel ones for a profile come one after the other: of many wrong tokens at most `limit` are ever
 * looked up, and right ones cost no try. Only a token that is not the profile's counts; a right one sets
 * the counter back, which belongs to the authenticator that counts. Source: D-42, D-43, D-62, SEC-53.
 */
export interface Logins {
  /** Tells whether a token is right, and counts it when it is not; uses nothing up. */
  check(presented: Presented): Promise<{ outcome: "right"; family: TokenFamily } | Denied>;
  /**
   * Exchanges a token for what `offer` gives for its family, and notes the login. What `offer` throws is
   * thrown, and then nothing has happened. "rotated": the token was active; it is used now.
   * "repeated": it was used, but neither its successor nor the access token given with it was: the new
   * access token is in the place of that one. "reused": one of them was.
   */
  exchange(
    presented: Presented,
    offer: (family: TokenFamily) => Exchange,
  ): Promise<LoggedIn | Reused | Denied>;
  /** Ends the family of a token, whatever state the token is in. */
  end(presented: Presented, reason: string): Promise<{ outcome: "ended"; userId: string } | Denied>;
}

interface Right {
  readonly outcome: "right";
  readonly token: RefreshToken;
  readonly userId: string;
}

/** Gives the logins in the durable store. */
export function loginsIn(durable: Durable): Logins {
  const statement = loginStatementsOf(durable);
  const judge = judgeIn(durable, statement);
  const rotate = rotateIn(durable);
  const atOnce = loginAtOnceIn(durable, statement);
  return {
    check: (presented) =>
      inSteps(durable, async (steps) => {
        const judged = await judge(steps, presented);
        if (judged.outcome !== "right") return judged;
        const { token, userId } = judged;
        return isAlive(token, presented.now)
          ? { outcome: "right", family: token.family }
          : { outcome: "invalid", userId };
      }),
    exchange: async (presented, offer) =>
      (await atOnce(presented, offer)) ??
      inSteps(durable, async (steps) => {
        const judged = await judge(steps, presented);
        if (judged.outcome !== "right") return judged;
        const { token, userId } = judged;
        const { now } = presented;
        if (!isAlive(token, now)) return { outcome: "invalid", userId };
        const outcome = await rotate(steps, token, offer(token.family), now);
        if (outcome === "reused" || outcome === "invalid") return { outcome, userId };
        // Who holds the profile and has judged the token needs no further try beside this one.
        await steps.touched(statement.settle({ ...presented, kept: keptBy(presented), limit: 0 }));
        return { outcome, family: token.family };
      }),
    end: (presented, reason) =>
      inSteps(durable, async (steps) => {
        const judged = await judge(steps, presented);
        if (judged.outcome !== "right") return judged;
        const { token, userId } = judged;
        const family = { familyId: token.family.id, reason, now: presented.now };
        await steps.touched(statement.revokeFamily(family));
        return { outcome: "ended", userId };
      }),
  };
}

// A profile that was registered anew for somebody else has nothing to do with the tokens of before.
const isOf = (family: TokenFamily, { clientId, profileId }: Presented, userId: string): boolean =>
  family.clientId === clientId && family.profileId === profileId && family.userId === userId;

/** Gives what holds the profile, looks the token up, and makes a wrong one cost what it costs. */
function judgeIn(
  durable: Durable,
  statement: ReturnType<typeof loginStatementsOf>,
): (steps: Steps, presented: Presented) => Promise<Right | Denied> {
  const find = findRefreshIn(durable);
  const counted = async (
    { rows, touched }: Steps,
    presented: Presented,
    { userId, failures }: { userId: string; failures: number },
  ): Promise<Denied> => {
    const [guessable] = await rows(statement.findGuessable(presented));
    // As the right one would be answered: who ended a login ends the guessing of its PIN as well.
    if (!guessable) return { outcome: "invalid", userId };
    const { limit } = presented;
    if (limit > 0 && failures + 1 >= limit) {
      await touched(statement.revokeAll({ ...presented, reason: "pin_failures" }));
      await touched(statement.remove(presented));
      return { outcome: "exhausted", userId };
    }
    await touched(statement.count(presented));
    return { outcome: "wrong", userId, remaining: limit > 0 ? limit - failures - 1 : undefined };
  };
  return async (steps, presented) => {
    const [held] = await steps.rows(statement.hold(presented));
    if (!held) return { outcome: "gone" };
    const { user_id: userId, failures } = held;
    const [row] = await steps.rows(find(presented));
    const token = row && refreshTokenOf(row);
    const { tokenType, onWrong } = presented;
    if (token && isOf(token.family, presented, userId)) {
      if (token.family.tokenType === tokenType) return { outcome: "right", token, userId };
      // A PIN that is tried where wrong ones are not counted is as wrong as they are.
      if (onWrong === "count") return { outcome: "invalid", userId };
    }
    if (onWrong === "count") return counted(steps, presented, { userId, failures });
    const reason = "wrong_token";
    const removed = await steps.touched(statement.revokeOfType({ ...presented, reason }));
    return { outcome: removed > 0 ? "removed" : "invalid", userId };
  };
}
