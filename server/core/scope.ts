// Scopes: what is asked for, what is allowed, what is granted.
import { Refusal } from "./refusal.ts";

// RFC 6749 section 3.3: printable ASCII without the double quote and the backslash.
const token = /^[!#-[\]-~]+$/;

/** Reads a `scope` parameter: scope tokens separated by single spaces; empty gives none. */
export const readScope = (text: string | undefined): string[] =>
  text === undefined || text === "" ? [] : text.split(" ");

/**
 * Gives the scopes that are granted: those asked for, each once, in the order asked; the default ones
 * when none is asked for. Throws SCOPE_INVALID when one is malformed or not allowed, so that granted
 * is always a part of allowed, and what a script says can never widen it.
 * Source: Custom Registration v2, parameter scope; RFC 6749 section 3.3; SEC-24.
 */
export function grantScopes(
  asked: readonly string[],
  allowed: readonly string[],
  defaults: readonly string[],
): string[] {
  const wanted = asked.length === 0 ? defaults : asked;
  for (const scope of wanted) {
    if (!token.test(scope) || !allowed.includes(scope)) throw new Refusal("SCOPE_INVALID");
  }
  return [...new Set(wanted)];
}
