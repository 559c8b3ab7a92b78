// The table of authenticators: two have names of their own, all others are scripts.
import type { Authenticator, Place } from "./authenticator.ts";
import { custom } from "./custom.ts";
import { fingerprint } from "./fingerprint.ts";
import { pin } from "./pin.ts";

const reserved: ReadonlyMap<string, Authenticator> = new Map([
  ["pin", pin],
  ["fingerprint", fingerprint],
]);

const rows: readonly Authenticator[] = [...reserved.values(), custom];

/** Gives the row that an id falls under, whether or not there is such an authenticator. */
export const rowOf = (id: string): Authenticator => reserved.get(id) ?? custom;

/** An authenticator whose login is a refresh token. */
export type TokenAuthenticator = Authenticator & Required<Pick<Authenticator, "onWrongToken">>;

/** Gives the authenticator that a refresh token stands for. Another name is a fault. Source: D-43. */
export function tokenAuthenticatorOf(name = "pin"): TokenAuthenticator {
  const row = reserved.get(name);
  if (row?.onWrongToken === undefined) {
    throw new Error(`no refresh token stands for the authenticator ${name}`);
  }
  return row as TokenAuthenticator;
}

/** Gives the ids of the authenticators that users of an application may have, in the order of lists. */
export const usableIds = (place: Place): string[] =>
  [...new Set([...reserved.keys(), ...place.application.customAuthenticators])].filter((id) =>
    rowOf(id).isUsable(place, id),
  );

/** Tells whether a recent login of this token type is enough for registering an authenticator. */
export const vouches = (tokenType: string): boolean =>
  rows.some((row) => row.tokenType === tokenType && row.vouches);
