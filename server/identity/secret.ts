// Secrets of API clients: stored as a slow hash, verified by a fast one when seen before.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  argon2,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { promisify } from "node:util";
import { LRUCache } from "lru-cache";
import { turnstile } from "./turnstile.ts";

/**
 * A key outside the database that enters every hash, with the id of the master key it came from.
 */
export interface Pepper {
  readonly id: string;
  readonly key: KeyObject;
}

/** Verifies secrets of API clients within bounds of memory and work. */
export interface SecretVerifier {
  /**
   * Tells whether a secret is the one that was hashed. `stored`: the text of `hashSecret`, or
   * undefined for a client that does not exist, which costs the same and is never right. Throws
   * RATE_LIMITED with the fact `retry_after` (seconds) when too many verifications are waiting, in
   * all or in one lane. `admit` is called before a slow hash is begun, and only then: neither for a
   * secret that is remembered nor for one whose hash is under way. It names the lane in which to wait;
   * what it throws ends the call. Without it each client has a lane, and all that do not exist have one.
   * A secret is remembered for the place `from` alone that it came from: elsewhere it might be a guess.
   */
  verify(
    clientId: string,
    secret: string,
    stored: string | undefined,
    admit?: () => string,
    from?: string,
  ): Promise<boolean>;
}

/** The bounds of a verifier. */
export interface SecretVerifierOptions {
  /** All that hashes may have been made with. */
  readonly peppers: readonly [Pepper, ...Pepper[]];
  /** How many slow hashes run at once, 19 MiB each; 2 unless given. */
  readonly running?: number;
  /** How many may wait for their turn; 32 unless given. */
  readonly waiting?: number;
  /** How many may wait in one lane; 8 unless given. */
  readonly waitingPerLane?: number;
  /** How many last right secrets are remembered, by client and place; 10,000 unless given. */
  readonly remembered?: number;
}

interface Stored {
  readonly pepperId: string;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const memoryKib = 19 * 1024;
const passes = 2;
const parallelism = 1;
const saltBytes = 16;
const tagBytes = 32;
const secretLimit = 1024;

const parameters = `m=${memoryKib},t=${passes},p=${parallelism}`;
const form = /^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=([\w-]{8})\$([\w+/]{22})\$([\w+/]{43})$/;

const argon2id = promisify(argon2);

// One lane for all clients that do not exist, so that made-up ids never fill the places of real
// clients. The lane of a client that exists begins with another word, whatever its id is.
const laneOf = (clientId: string, stored: string | undefined): string =>
  stored === undefined ? "unknown" : `client ${clientId}`;

const unpadded = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

const slowHash = (secret: string, salt: Buffer, pepper: Pepper): Promise<Buffer> =>
  argon2id("argon2id", {
    message: secret,
    nonce: salt,
    secret: pepper.key.export(),
    parallelism,
    memory: memoryKib,
    passes,
    tagLength: tagBytes,
  });

const readStored = (text: string): Stored => {
  const match = form.exec(text);
  assert.ok(match !== null, "a stored client secret has not the form of one");
  const [, pepperId, salt, tag] = match as unknown as [string, string, string, string];
  return { pepperId, salt: Buffer.from(salt, "base64"), tag: Buffer.from(tag, "base64") };
};

/**
 * Hashes the secret of an API client for storing. `secret`: at most 1024 characters. Returns text
 * that holds algorithm, parameters, the pepper's id, salt and hash: Argon2id of 19 MiB, 2 passes, 1
 * lane, a fresh salt of 128 bits. Takes some 50 ms in the thread pool. Source: OWASP Password
 * Storage, RFC 9106, D-08, SEC-54.
 */
export const hashSecret = async (secret: string, pepper: Pepper): Promise<string> => {
  assert.ok(secret.length <= secretLimit, "a client secret is longer than 1024 characters");
  const salt = randomBytes(saltBytes);
  const tag = await slowHash(secret, salt, pepper);
  return `$argon2id$v=19$${parameters},keyid=${pepper.id}$${unpadded(salt)}$${unpadded(tag)}`;
};

/**
 * Makes a verifier. A secret that was right is remembered by an HMAC under a key that lives only as
 * long as the verifier; the stored hash enters it, so that a changed secret is forgotten at once.
 * Calls with the same client and secret share one slow hash while it runs. Comparisons take
 * constant time. A stored hash under an unknown pepper is a fault. Source: D-08, SEC-14, SEC-54,
 * SEC-75, SEC-76.
 */
export const secretVerifier = (options: SecretVerifierOptions): SecretVerifier => {
  const { peppers, running = 2, waiting = 32, waitingPerLane = 8, remembered = 10_000 } = options;
  const byId = new Map(peppers.map((pepper) => [pepper.id, pepper]));
  const ownKey = createSecretKey(randomBytes(32));
  const right = new LRUCache<string, Buffer>({ max: remembered });
  const underWay = new Map<string, Promise<boolean>>();
  const turns = turnstile({ running, waiting, waitingPerLane });
  // What the secret of a client that does not exist is compared with: random, so never equal.
  const nobodys: Stored = {
    pepperId: peppers[0].id,
    salt: randomBytes(saltBytes),
    tag: randomBytes(tagBytes),
  };

  const verifySlowly = async (
    clientId: string,
    secret: string,
    text: string | undefined,
    lane: string,
  ): Promise<boolean> => {
    const stored = text === undefined ? nobodys : readStored(text);
    const pepper = byId.get(stored.pepperId);
    assert.ok(
      pepper !== undefined,
      `client ${clientId}: the pepper of its secret is not known here`,
    );
    const tag = await turns.pass(lane, () => slowHash(secret, stored.salt, pepper));
    return timingSafeEqual(tag, stored.tag);
  };

  /** Tells whether this secret was right before, without a slow hash. */
  const remembers = (whose: string, mac: Buffer): boolean => {
    const known = right.get(whose);
    return known !== undefined && timingSafeEqual(known, mac);
  };

  return {
    async verify(clientId, secret, stored, admit = () => laneOf(clientId, stored), from = "") {
      if (secret.length > secretLimit) return false;
      const whose = JSON.stringify([from, clientId]);
      const question = JSON.stringify([whose, stored ?? null, secret]);
      const mac = createHmac("sha256", ownKey).update(question).digest();
      if (remembers(whose, mac)) return true;
      const name = mac.toString("base64url");
      let answer = underWay.get(name);
      if (answer === undefined) {
        const slowly = verifySlowly(clientId, secret, stored, admit());
        answer = slowly.finally(() => underWay.delete(name));
        underWay.set(name, answer);
      }
      const isRight = await answer;
      if (isRight) right.set(whose, mac);
      return isRight;
    },
  };
};
