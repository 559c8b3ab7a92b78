// Claims from outside: objects that are nothing but data, and names that are ours.
import { messageOf } from "../../../proto/contract.ts";
import { registeredClaims } from "../../identity/id_token.ts";
import type { Json, JsonObject } from "../../identity/strict_json.ts";

const inherited = "__proto__";

/** Gives a JSON value whose objects have no prototype, and no member that could give them one. */
function plain(value: Json): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "object" && value !== null ? plainClaims(value) : value;
}

/**
 * Gives the members of an object that was read from outside that `wanted` lets through, as an object
 * without a prototype, at every depth without a member `__proto__`. Source: SEC-83.
 */
export function plainClaims(
  object: JsonObject,
  wanted: (name: string) => boolean = () => true,
): Record<string, unknown> {
  const claims: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(object)) {
    if (name !== inherited && wanted(name)) claims[name] = plain(value);
  }
  return claims;
}

// What an access token says under names of its own, beside what introspection answers.
const accessTokenClaims = [
  "aud",
  "nbf",
  "jti",
  "scp",
  "cid",
  "username",
  "ver",
  "usl",
  "usage_count",
  "cnf",
  "act",
];

/**
 * Tells whether a claim of an access token is the server's to make: the registered ones, and all that
 * introspection answers. Source: RFC 9068 section 2.2, RFC 7662 section 2.2.
 */
export const isAccessTokenClaim = (name: string): boolean =>
  accessTokenClaims.includes(name) ||
  messageOf("IntrospectTokenResponse").fields.some((field) => field.name === name);

const ownDetails: ReadonlySet<string> = new Set(["verified_claims", "group_permissions"]);

/**
 * Tells whether a claim about a user is closed to web hooks: the documented ones, and all registered
 * claims of ID tokens. Source: Customize User Details Web Hook, D-19.
 */
export const isProtectedDetail = (name: string): boolean =>
  ownDetails.has(name) || registeredClaims.has(name) || name.startsWith("urn:onegini.com:oidc:");
