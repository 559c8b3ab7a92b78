// Who is logged in now: kept in memory, so that it ends with the app.
import type { CallOptions } from "../client.ts";
import type { Connection } from "./connection.ts";
import { SdkError } from "./error.ts";
import type { Names } from "./refusals.ts";
import { reasonOf } from "./refusals.ts";
import type { UserProfile } from "./types.ts";

/** How a user was let in. */
export type LoginKind = "PIN" | "FINGERPRINT" | "CUSTOM" | "STATELESS" | "IMPLICIT";

/** A login. */
export interface Login {
  readonly profile: UserProfile;
  readonly kind: LoginKind;
  readonly accessToken: string;
  readonly idToken: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What the server gave for a login. */
export interface Granted {
  readonly accessToken: string;
  readonly idToken?: string | undefined;
  /** Seconds. */
  readonly expiresIn: number;
}

/** The logins of an app: one of a user who was asked, one of a user who was not. */
export interface Session {
  /** Until it expires. */
  readonly login: Login | undefined;
  readonly implicit: Login | undefined;
  /** Takes the place of the login of the same sort. */
  begin(profile: UserProfile, kind: LoginKind, granted: Granted): void;
  /** Ends the login of the user who was asked, and gives it when it could still be used. */
  end(): Login | undefined;
  /** Ends every login of a user; of all of them without an id. */
  forget(profileId?: string): void;
  /** Gives the login of a user with a profile. Throws USER_NOT_AUTHENTICATED and STATELESS_USER_NOT_ALLOWED. */
  demand(): Login;
  /** Makes a call with the access token of a login, which ends when the server does not take the token. */
  call<T>(
    login: Login,
    signal: AbortSignal,
    make: (options: CallOptions) => Promise<T>,
    names?: Names,
  ): Promise<T>;
}

/** Gives a session in which nobody is logged in. `now`: milliseconds since the epoch. */
export function openSession(connection: Connection, now: () => number): Session {
  let login: Login | undefined;
  let implicit: Login | undefined;
  const living = (one: Login | undefined): Login | undefined =>
    one && now() < one.expiresAt ? one : undefined;
  return {
    get login() {
      return living(login);
    },
    get implicit() {
      return living(implicit);
    },
    begin(profile, kind, { accessToken, idToken, expiresIn }) {
      const expiresAt = now() + expiresIn * 1000;
      const begun = { profile, kind, accessToken, idToken, expiresAt };
      if (kind === "IMPLICIT") implicit = begun;
      else login = begun;
    },
    end() {
      const ended = living(login);
      login = undefined;
      return ended;
    },
    forget(profileId) {
      const isMeant = (one: Login | undefined): boolean =>
        profileId === undefined || one?.profile.profileId === profileId;
      if (isMeant(login)) login = undefined;
      if (isMeant(implicit)) implicit = undefined;
    },
    demand() {
      const found = living(login);
      if (!found) throw new SdkError("USER_NOT_AUTHENTICATED", "No user is logged in.");
      if (found.kind !== "STATELESS") return found;
      throw new SdkError("STATELESS_USER_NOT_ALLOWED", "A stateless user cannot do this.");
    },
    async call(used, signal, make, names) {
      const headers = { authorization: `Bearer ${used.accessToken}` };
      const send = (options: CallOptions) => make({ ...options, headers });
      try {
        return await connection.call(signal, send, names);
      } catch (error) {
        const isEnded = error instanceof SdkError && reasonOf(error) === "ACCESS_TOKEN_INVALID";
        if (isEnded && login === used) login = undefined;
        throw error;
      }
    },
  };
}
