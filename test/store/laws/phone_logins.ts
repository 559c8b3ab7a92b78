// Profiles on app installations that log in with refresh tokens, as the laws of logins need them.
import type { Milliseconds } from "../../../server/core/clock.ts";
import { milliseconds } from "../../../server/core/clock.ts";
import { randomId } from "../../../server/core/id.ts";
import type { Durable } from "../../../server/store/durable.ts";
import type { Presented } from "../../../server/store/login.ts";
import type { Logins } from "../../../server/store/logins.ts";
import { loginsIn } from "../../../server/store/logins.ts";
import type { Profiles } from "../../../server/store/profiles.ts";
import { profilesIn } from "../../../server/store/profiles.ts";
import type { Tokens } from "../../../server/store/tokens.ts";
import { tokensIn } from "../../../server/store/tokens.ts";
import { at, newAccess, newFamily, refreshLife, start } from "./new_tokens.ts";

/** A profile of user `ann` with the refresh token `r0` and the access token `a0`. */
export interface Phone {
  readonly clientId: string;
  readonly profileId: string;
  readonly familyId: string;
  /** Gives the hash of one of its tokens. */
  named(name: string): string;
  /** Presents a token of this hash as its PIN. */
  presented(hash: string, changes?: Partial<Presented>): Presented;
  /** Exchanges a token of this name, and gives the outcome. */
  rotate(from: string, to: string, access: string, now?: Milliseconds): Promise<string>;
  /** Presents a token that nobody has. */
  guess(changes?: Partial<Presented>): ReturnType<Logins["exchange"]>;
  /** Adds a family with a refresh token of this name for the fingerprint. */
  addFingerprint(name: string): Promise<void>;
  isLive(access: string, now?: Milliseconds): Promise<boolean>;
  /** Wrong tokens since the last right one; undefined when the profile is gone. */
  failures(): Promise<number | undefined>;
}

/** What presents a fingerprint. */
export const asFingerprint = { tokenType: "FINGER_PRINT", onWrong: "remove" } as const;

/** The parts of a store that logins are made of. */
export interface LoginStore {
  readonly durable: Durable;
  readonly tokens: Tokens;
  readonly logins: Logins;
  readonly profiles: Profiles;
  /** Registers a profile, on an installation of its own unless one is named. */
  register(clientId?: string): Promise<Phone>;
}

/** Gives the parts of an open store. */
export function loginStore(durable: Durable): LoginStore {
  const [tokens, logins] = [tokensIn(durable), loginsIn(durable)];
  const exchange = (presented: Presented, to: string, access: string) =>
    logins.exchange(presented, () => ({
      successor: { hash: to, expiresAt: milliseconds(presented.now + refreshLife * 1000) },
      access: newAccess(access, presented.now),
    }));
  const register = async (clientId = randomId()): Promise<Phone> => {
    const profileId = randomId();
    const owned = { clientId, profileId, userId: "ann" };
    const named = (name: string): string => `${profileId}-${name}`;
    const issue = (name: string, tokenType: string, registers: boolean) => {
      const family = newFamily({ ...owned, tokenType });
      const access = newAccess(named(name.replace("r", "a")));
      const refresh = { hash: named(name), createdAt: start, expiresAt: at(refreshLife) };
      const profile = registers ? "registers" : "admits";
      return tokens.issue({ profile, family, access, refresh }).then(() => family.id);
    };
    const familyId = await issue("r0", "DEFAULT", true);
    const presented: Phone["presented"] = (hash, changes = {}) => {
      const usual = { tokenType: "DEFAULT", onWrong: "count", limit: 5, now: at(1) } as const;
      return { clientId, profileId, hash, ...usual, ...changes };
    };
    return {
      clientId,
      profileId,
      familyId,
      named,
      presented,
      rotate: async (from, to, access, now = at(1)) =>
        (await exchange(presented(named(from), { now }), named(to), named(access))).outcome,
      guess: (changes) => exchange(presented(randomId(), changes), randomId(), randomId()),
      addFingerprint: async (name) => void (await issue(name, "FINGER_PRINT", false)),
      isLive: async (access, now = at(1)) =>
        (await tokens.findAccess(named(access), now)) !== undefined,
      async failures() {
        const row = durable.db.selectFrom("profile").select("failures");
        const found = row.where("client_id", "=", clientId).where("profile_id", "=", profileId);
        return (await found.executeTakeFirst())?.failures;
      },
    };
  };
  return { durable, tokens, logins, profiles: profilesIn(durable), register };
}
