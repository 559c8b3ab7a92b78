// The public keys of OAuth clients: checked at registration, imported once, kept in bounds.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject } from "node:crypto";
import { LRUCache } from "lru-cache";
import { Refusal } from "../core/refusal.ts";

/** A registered public key, reduced to the members that matter to us. */
export interface Jwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly kid: string;
  readonly x: string;
  readonly y: string;
}

/** The keys of one client by `kid`. */
export type ClientKeys = ReadonlyMap<string, KeyObject>;

/** The keys of a client that does not exist or whose keys cannot be had: none. */
export const noKeys: ClientKeys = new Map();

/** Why a key is not accepted: the member at fault, and what to do about it. */
export interface JwkProblem {
  readonly member: string;
  readonly problem: string;
}

/** The most keys that one client may have. Source: SEC-17. */
export const keyLimit = 20;

const kidLimit = 255;

// What private and symmetric keys have and a public one must not (RFC 7518 sections 6.2 to 6.4).
const secretMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

// Control characters, line and paragraph separators and lone surrogates have no place in a name.
const unreadable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

type Members = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Members | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.assign(Object.create(null), value)
    : undefined;

const isCoordinate = (value: unknown): value is string => {
  if (typeof value !== "string" || value.length !== 43) return false;
  return Buffer.from(value, "base64url").toString("base64url") === value;
};

const isKid = (value: unknown): value is string =>
  typeof value === "string" &&
  value.length > 0 &&
  value.length <= kidLimit &&
  !unreadable.test(value);

const permitsVerify = (operations: unknown): boolean =>
  operations === undefined || (Array.isArray(operations) && operations.includes("verify"));

const rules: readonly (readonly [
  member: string,
  holds: (value: unknown) => boolean,
  problem: string,
])[] = [
  ["kty", (kty) => kty === "EC", "must be EC"],
  ["crv", (crv) => crv === "P-256", "must be P-256"],
  ["kid", isKid, "must be 1 to 255 readable characters"],
  ["alg", (alg) => alg === undefined || alg === "ES256", "must be ES256 or absent"],
  ["use", (use) => use === undefined || use === "sig", "must be sig or absent"],
  ["key_ops", permitsVerify, "must list verify or be absent"],
  ["x", isCoordinate, "must be 32 bytes as 43 characters of base64url"],
  ["y", isCoordinate, "must be 32 bytes as 43 characters of base64url"],
];

const isOnCurve = ({ kty, crv, x, y }: Jwk): boolean => {
  try {
    createPublicKey({ key: { kty, crv, x, y }, format: "jwk" });
    return true;
  } catch (error) {
    // Anything else than a refused key is a fault of ours.
    if ((error as NodeJS.ErrnoException).code === "ERR_CRYPTO_INVALID_JWK") return false;
    throw error;
  }
};

/**
 * Judges one key. Returns it reduced to what matters, or the member that is wrong and what to do
 * about it. Accepts public EC keys on P-256 whose point is on the curve and whose `alg`, `use` and
 * `key_ops`, where present, fit ES256 signatures. Members unknown to us are dropped. Source: RFC
 * 7517 section 4, RFC 7518 section 6.2, SEC-01, SEC-16.
 */
export const judgeJwk = (value: unknown): Jwk | JwkProblem => {
  const members = membersOf(value);
  if (members === undefined) return { member: "", problem: "must be an object" };
  const secret = secretMembers.find((name) => name in members);
  if (secret !== undefined) {
    return { member: secret, problem: "must not be sent: register the public key only" };
  }
  const broken = rules.find(([name, holds]) => !holds(members[name]));
  if (broken !== undefined) return { member: broken[0], problem: broken[2] };
  const { kid, x, y } = members as unknown as Jwk;
  const jwk: Jwk = { kty: "EC", crv: "P-256", kid, x, y };
  return isOnCurve(jwk) ? jwk : { member: "x", problem: "and y are no point of the curve" };
};

const refuse = (field: string, problem: string): never => {
  throw new Refusal("CLIENT_METADATA_INVALID", { field, detail: `${field} ${problem}` });
};

/**
 * Reads the JWK set that a client registers. `value`: parsed JSON, `{keys: [...]}`. Returns 1 to 20
 * keys in the given order. Throws CLIENT_METADATA_INVALID with the facts `field` (the path of what
 * is wrong) and `detail` (what to do about it) when there are none or too many, when any is not a
 * public P-256 key for ES256, or when two share a `kid`. Source: RFC 7591 section 2, D-01, SEC-16.
 */
export const readJwks = (value: unknown): Jwk[] => {
  const keys = membersOf(value)?.keys;
  if (!Array.isArray(keys)) return refuse("jwks.keys", "must be an array of keys");
  if (keys.length === 0) return refuse("jwks.keys", "must have at least one key");
  if (keys.length > keyLimit) return refuse("jwks.keys", `must have at most ${keyLimit} keys`);
  const seen = new Set<string>();
  return keys.map((key, index) => {
    const place = `jwks.keys[${index}]`;
    const judged = judgeJwk(key);
    if ("problem" in judged) {
      return refuse(judged.member === "" ? place : `${place}.${judged.member}`, judged.problem);
    }
    if (seen.has(judged.kid)) return refuse(`${place}.kid`, "must differ from the other keys' kid");
    seen.add(judged.kid);
    return judged;
  });
};

/**
 * Imports keys that were checked before. Returns them by `kid`. A key that is not one of P-256, or
 * two of one `kid`, is a fault: it was checked when it was stored. Costs about a third of a
 * signature verification for each key, so keep the result: see `clientKeyCache`.
 */
export const importKeys = (jwks: readonly Jwk[]): ClientKeys => {
  const keys = new Map<string, KeyObject>();
  for (const { kty, crv, x, y, kid } of jwks) {
    const key = createPublicKey({ key: { kty, crv, x, y }, format: "jwk" });
    assert.equal(key.asymmetricKeyDetails?.namedCurve, "prime256v1", "a client key is not P-256");
    keys.set(kid, key);
  }
  assert.equal(keys.size, jwks.length, "two keys of a client share a kid");
  return keys;
};

/**
 * Writes checked keys as the text to store, `{"keys": [...]}`, which is also the key under which
 * `clientKeyCache` keeps them imported.
 */
export const jwksText = (jwks: readonly Jwk[]): string => JSON.stringify({ keys: jwks });

/**
 * Gives a function from a stored JWK set (the text of `jwksText`) to its imported keys, which keeps
 * the most recently used sets. `entryLimit`: how many sets are kept, about 1 KiB each. Equal texts
 * are equal keys, so nothing goes stale: a client whose keys change has another text.
 */
export const clientKeyCache = (entryLimit = 10_000): ((text: string) => ClientKeys) => {
  const kept = new LRUCache<string, ClientKeys>({ max: entryLimit });
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const keys = importKeys((JSON.parse(text) as { keys: Jwk[] }).keys);
    kept.set(text, keys);
    return keys;
  };
};
