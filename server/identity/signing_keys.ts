// Our keys for signing ID tokens: made, sealed, published ahead of use, rotated by arithmetic.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { after, type Milliseconds } from "../core/clock.ts";
import type { Sealer } from "./seal.ts";

/**
 * The times of a signing key; `retiredAt` and `expiresAt` are set together, when it is replaced.
 */
export interface SigningKeyTimes {
  readonly kid: string;
  /** It signs from this instant on. */
  readonly activeFrom: Milliseconds;
  /** It signs no more from this instant on. */
  readonly retiredAt: Milliseconds | undefined;
  /** It is published no more from this instant on, and can be removed. */
  readonly expiresAt: Milliseconds | undefined;
}

/** A signing key as it is stored. */
export interface SigningKeyRow extends SigningKeyTimes {
  /** The public JWK as JSON: kty, crv, x, y, kid, use, alg. */
  readonly publicJwk: string;
  /** The private JWK as JSON, sealed for `signing_key/<kid>`. */
  readonly sealedPrivateJwk: string;
}

/** A key ready to sign with. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The encoded header of tokens signed with it: alg, kid and typ JWT. */
  readonly header: string;
}

/** The keys of one moment's rows, opened. */
export interface KeyRing {
  /** Gives the key that signs at an instant; that there is none is a fault. */
  signingKey(now: Milliseconds): SigningKey;
  /** Gives the JWK set to publish at an instant, public members only. */
  jwks(now: Milliseconds): { readonly keys: readonly Readonly<Record<string, string>>[] };
}

/** How signing keys rotate. */
export interface RotationPolicy {
  /** How long a key signs before the next one takes over. */
  readonly period: Milliseconds;
  /** How long a key is published before it signs: at least as long as others cache our JWK set. */
  readonly announcement: Milliseconds;
  /**
   * How long a key stays published after another took over: at least the longest life of an ID
   * token.
   */
  readonly retention: Milliseconds;
}

/** What a rotation is due to do; three empty parts when there is nothing. */
export interface Rotation {
  /** Make a key that signs from this instant on. */
  readonly create: Milliseconds | undefined;
  /** Write these times into these rows. */
  readonly retire: readonly SigningKeyTimes[];
  /** Remove these rows. */
  readonly remove: readonly string[];
}

const sealedAs = (kid: string): string => `signing_key/${kid}`;

/**
 * Makes a signing key on P-256 that signs from `activeFrom` on. Its `kid` is its RFC 7638
 * thumbprint. Returns the row to store, the private half sealed. Source: D-61, SEC-18, SEC-19.
 */
export const generateSigningKey = async (
  sealer: Sealer,
  activeFrom: Milliseconds,
): Promise<SigningKeyRow> => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y, d } = privateKey.export({ format: "jwk" }) as Record<string, string>;
  assert.ok(kty && crv && x && y && d, "a generated key lacks a member");
  const kid = await calculateJwkThumbprint({ kty, crv, x, y });
  return {
    kid,
    publicJwk: JSON.stringify({ kty, crv, x, y, kid, use: "sig", alg: "ES256" }),
    sealedPrivateJwk: sealer.seal(sealedAs(kid), JSON.stringify({ kty, crv, x, y, d })),
    activeFrom,
    retiredAt: undefined,
    expiresAt: undefined,
  };
};

/**
 * Gives the rows to publish at an instant: those that will sign, sign, or signed not too long ago.
 */
export const publishedRows = <Row extends SigningKeyTimes>(
  rows: readonly Row[],
  now: Milliseconds,
): Row[] => rows.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);

/**
 * Gives the row that signs at an instant: of those that are active, the one that became so last,
 * and of equals the one with the greater `kid`, so that all processes choose alike. Undefined when
 * none is active.
 */
export const signingRow = <Row extends SigningKeyTimes>(
  rows: readonly Row[],
  now: Milliseconds,
): Row | undefined =>
  rows
    .filter(({ activeFrom }) => activeFrom <= now)
    .filter(({ retiredAt }) => retiredAt === undefined || retiredAt > now)
    .sort((a, b) => a.activeFrom - b.activeFrom || (a.kid < b.kid ? -1 : 1))
    .at(-1);

/**
 * Says what is due at an instant for the keys to rotate by the policy. A first key signs at once.
 * The next one is made `announcement` before the present one has signed for `period`, or, when that
 * was missed, so that it still is announced as long. Keys that another has taken over from are
 * retired as of that moment and removed after `retention`. Doing what it says and asking again
 * gives nothing more to do, so it may be run at any time and by any process that holds the lock of
 * these rows. To rotate at once, store a key with `activeFrom` now. Source: D-61, SEC-18.
 */
export const nextRotation = (
  rows: readonly SigningKeyTimes[],
  now: Milliseconds,
  policy: RotationPolicy,
): Rotation => {
  const current = signingRow(rows, now);
  const announced = rows.some(({ activeFrom }) => activeFrom > now);
  const soonest = after(now, policy.announcement);
  const isDue =
    !announced && current !== undefined && after(current.activeFrom, policy.period) <= soonest;
  const retiredAt = current?.activeFrom ?? now;
  const expiresAt = after(retiredAt, policy.retention);
  const superseded = rows
    .filter((row) => row.retiredAt === undefined && row.activeFrom <= now && row !== current)
    .map(({ kid, activeFrom }) => ({ kid, activeFrom, retiredAt, expiresAt }));
  return {
    create: current === undefined ? now : isDue ? soonest : undefined,
    retire: publishedRows(superseded, now),
    remove: [...rows, ...superseded]
      .filter((row) => row.expiresAt !== undefined && row.expiresAt <= now)
      .map(({ kid }) => kid),
  };
};

const openKey = async (row: SigningKeyRow, sealer: Sealer): Promise<SigningKey> => {
  const jwk = JSON.parse(sealer.open(sealedAs(row.kid), row.sealedPrivateJwk));
  assert.equal(
    await calculateJwkThumbprint(jwk),
    row.kid,
    "a signing key is not the one of its row",
  );
  const header = Buffer.from(JSON.stringify({ alg: "ES256", kid: row.kid, typ: "JWT" }));
  return {
    kid: row.kid,
    privateKey: createPrivateKey({ key: jwk, format: "jwk" }),
    header: header.toString("base64url"),
  };
};

/**
 * Opens the keys of stored rows. The ring is a value of that moment: it answers for any instant as
 * these rows have it, so keys announced in them take over without a new ring; make a new one when
 * rows change. Only keys that are not retired are opened, and only they sign. A row that cannot be
 * opened is a fault. Source: D-61, SEC-18.
 */
export const openKeyRing = async (
  rows: readonly SigningKeyRow[],
  sealer: Sealer,
): Promise<KeyRing> => {
  const unretired = rows.filter((row) => row.retiredAt === undefined);
  const opened = await Promise.all(unretired.map((row) => openKey(row, sealer)));
  const keys = new Map(opened.map((key) => [key.kid, key]));
  const published = new Map(rows.map((row) => [row.kid, JSON.parse(row.publicJwk)]));
  return {
    signingKey(now) {
      const row = signingRow(unretired, now);
      const key = row === undefined ? undefined : keys.get(row.kid);
      assert.ok(key !== undefined, "there is no active signing key");
      return key;
    },
    jwks: (now) => ({ keys: publishedRows(rows, now).map(({ kid }) => published.get(kid)) }),
  };
};
