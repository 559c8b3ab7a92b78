// Keys that clients publish at an address of their own: fetched rarely, kept through failures.

import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { type Clock, type Milliseconds, milliseconds } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { Refusal } from "../core/refusal.ts";
import {
  type ClientKeys,
  clientKeyCache,
  type Jwk,
  judgeJwk,
  jwksText,
  keyLimit,
  noKeys,
} from "./client_keys.ts";
import { isJsonObject, type Refuse, readJson } from "./strict_json.ts";

/** The answer of a client's key server. `body`: whole, and bounded by whoever fetched it. */
export interface JwksResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

/**
 * Fetches an address through the egress policy, without redirects, with a deadline; rejects when
 * there is no answer. Whether plain http to the own machine is allowed is decided there.
 */
export type FetchJwks = (url: string) => Promise<JwksResponse>;

/** Where fetched sets are kept, shared by processes or not; losing an entry costs one fetch. */
export interface JwksCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttl: Milliseconds): Promise<void>;
}

/** What `remoteJwks` needs, and its times. */
export interface RemoteJwksOptions {
  readonly fetch: FetchJwks;
  readonly cache: JwksCache;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a fetched set is used without asking again; an hour unless given. */
  readonly freshFor?: Milliseconds;
  /** How long a fetched set serves when it cannot be fetched again; a day unless given. */
  readonly keepFor?: Milliseconds;
}

/** A client and the key it claims to have signed with. */
export interface RemoteKeyRequest {
  readonly clientId: string;
  /** The client's registered `jwks_uri`. */
  readonly url: string;
  readonly kid: string;
}

interface KeptSet {
  readonly fetchedAt: number;
  /** The text of `jwksText`. */
  readonly jwks: string;
}

const hour = 3_600_000;
const pauseWithSet = 60_000;
// Without a set the client is locked out, so one failed fetch must not cost it a minute.
const pauseWithoutSet = 5_000;
const bodyLimit = 64 * 1024;
const urlLimit = 2048;
const clientLimit = 10_000;

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const parseUrl = (value: unknown): URL | undefined =>
  typeof value === "string" && value.length <= urlLimit
    ? (URL.parse(value) ?? undefined)
    : undefined;

/**
 * Tells whether a parsed address is https, or http to the own machine, and nothing but an address.
 */
const isJwksAddress = (url: URL): boolean =>
  (url.protocol === "https:" || (url.protocol === "http:" && loopback.test(url.hostname))) &&
  url.username === "" &&
  url.password === "" &&
  url.hash === "";

/**
 * Reads the `jwks_uri` that a client registers. Returns it in normal form. Throws
 * CLIENT_METADATA_INVALID with the facts `field` and `detail` unless it is an https address of at
 * most 2048 characters without user, password and fragment. Plain http to the own machine is let
 * through, for the egress policy to decide on when it is fetched. Source: RFC 7591 section 2,
 * SEC-16, SEC-17, SEC-56.
 */
export const readJwksUri = (value: unknown): string => {
  const url = parseUrl(value);
  if (url !== undefined && isJwksAddress(url)) return url.href;
  const detail = "jwks_uri must be an https address without user, password and fragment";
  throw new Refusal("CLIENT_METADATA_INVALID", { field: "jwks_uri", detail });
};

const unusable: Refuse = (why) => {
  throw new Error(why);
};

/**
 * Reads a published set. Keys that are not for ES256 are passed over, since a client may publish
 * keys for other purposes too, and so may be a private one that got there by mistake: it is not
 * used.
 */
const readPublished = ({ status, body }: JwksResponse): Jwk[] => {
  if (status !== 200) return unusable(`the answer has status ${status}`);
  if (body.byteLength > bodyLimit) return unusable("the answer is longer than 64 KiB");
  const set = readJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength), unusable);
  const keys = isJsonObject(set) ? set.keys : undefined;
  if (!Array.isArray(keys)) return unusable("the answer has no array of keys");
  if (keys.length > keyLimit) return unusable(`the answer has more than ${keyLimit} keys`);
  const fit = keys.map(judgeJwk).filter((judged): judged is Jwk => !("problem" in judged));
  const distinct = new Set(fit.map(({ kid }) => kid)).size === fit.length;
  return distinct ? fit : unusable("two keys of the answer share a kid");
};

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/**
 * Gives a function from a client, its `jwks_uri` and a `kid` to the client's keys. A set is fetched
 * when there is none, when it is no longer fresh, or when it lacks the `kid`; but for each client
 * at most once a minute, or once in five seconds while there is no good set, with one fetch in
 * flight, whatever callers send. When a fetch fails the last good set serves until `keepFor` after
 * it was fetched; without one the answer is no keys, so that the client is refused like any other
 * and the log says why. Rejects only when the cache does. Bounded: 10,000 clients' last tries and
 * imported sets. Source: RFC 7517 section 5, SEC-14, SEC-17.
 */
export const remoteJwks = (
  options: RemoteJwksOptions,
): ((request: RemoteKeyRequest) => Promise<ClientKeys>) => {
  const { fetch, cache, clock, log } = options;
  const freshFor = options.freshFor ?? milliseconds(hour);
  const keepFor = options.keepFor ?? milliseconds(24 * hour);
  const imported = clientKeyCache(clientLimit);
  const tries = new LRUCache<string, Milliseconds>({ max: clientLimit });
  const flights = new Map<string, Promise<ClientKeys>>();

  const age = (set: KeptSet): number => clock.now() - set.fetchedAt;

  const read = async (key: string): Promise<KeptSet | undefined> => {
    const text = await cache.get(key);
    const set = text === undefined ? undefined : (JSON.parse(text) as KeptSet);
    return set !== undefined && age(set) < keepFor ? set : undefined;
  };

  const fetchSet = async ({ url, clientId }: RemoteKeyRequest): Promise<KeptSet | undefined> => {
    try {
      const parsed = parseUrl(url);
      if (parsed === undefined || !isJwksAddress(parsed))
        return unusable("the address is not https");
      return { fetchedAt: clock.now(), jwks: jwksText(readPublished(await fetch(parsed.href))) };
    } catch (error) {
      log.warn("client keys could not be fetched", {
        client_id: clientId,
        url,
        why: reasonOf(error),
      });
      return undefined;
    }
  };

  const refresh = async (key: string, request: RemoteKeyRequest): Promise<ClientKeys> => {
    // Read again: what an earlier flight fetched may be newer than what led here.
    const last = await read(key);
    const pause = last === undefined ? pauseWithoutSet : pauseWithSet;
    const tried = tries.get(key);
    if (tried === undefined || clock.now() - tried >= pause) {
      tries.set(key, clock.now());
      const set = await fetchSet(request);
      if (set !== undefined) {
        await cache.set(key, JSON.stringify(set), keepFor);
        return imported(set.jwks);
      }
    }
    return last === undefined ? noKeys : imported(last.jwks);
  };

  return async (request) => {
    const key = hash("sha256", JSON.stringify([request.clientId, request.url]), "base64url");
    const set = await read(key);
    if (set !== undefined && age(set) < freshFor) {
      const keys = imported(set.jwks);
      if (keys.has(request.kid)) return keys;
    }
    const flight = flights.get(key) ?? refresh(key, request).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
};
