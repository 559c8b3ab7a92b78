// The keys that sign ID tokens: their public half, and their private half sealed.
import type { CompiledQuery } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { Append } from "./event_chain.ts";
import { appendIn } from "./event_chain.ts";
import type { SigningKeyTable } from "./schema.ts";
import { Unmet } from "./statement.ts";

/** A signing key. `retiredAt` and `expiresAt` are null until it is retired. */
export interface SigningKey {
  readonly kid: string;
  /** The public JWK (RFC 7517); it has no private member. */
  readonly publicJwk: Readonly<Record<string, unknown>>;
  /** The private JWK, sealed by the caller: this room never sees it open. Source: SEC-19. */
  readonly sealedPrivate: string;
  readonly createdAt: Milliseconds;
  /** From when on it signs. */
  readonly activeFrom: Milliseconds;
  /** From when on it signs no more. */
  readonly retiredAt: Milliseconds | null;
  /** Until when it is published, so that what it signed can be checked. */
  readonly expiresAt: Milliseconds | null;
}

/** What a new key is made of. */
export type NewSigningKey = Omit<SigningKey, "retiredAt" | "expiresAt">;

/** The signing keys. */
export interface SigningKeys {
  /** Gives all keys, the one that becomes active first first. */
  list(): Promise<readonly SigningKey[]>;
  /**
   * Adds a key only when no key is there that is not retired; false when there is one. Of several
   * processes that start at once exactly one gets true. Source: D-61.
   */
  addFirst(key: NewSigningKey): Promise<boolean>;
  /** Adds a key beside those that are there, and appends `events` in the same step. */
  add(key: NewSigningKey, events?: Append): Promise<void>;
  /** Retires a key that is not yet retired; false when there is none. */
  retire(kid: string, retiredAt: Milliseconds, expiresAt: Milliseconds): Promise<boolean>;
  /** Removes a key for good. */
  remove(kid: string): Promise<void>;
}

/** Gives the signing keys in the durable store. */
export function signingKeysIn(durable: Durable): SigningKeys {
  const { db } = durable;
  // Whoever writes this row makes others wait, so that only one looks for a first key at a time.
  const lock = db
    .updateTable("configuration_revision")
    .set((row) => ({ revision: row.ref("revision") }))
    .compile();
  return {
    async list() {
      const rows = await db
        .selectFrom("signing_key")
        .selectAll()
        .orderBy("active_from")
        .orderBy("kid")
        .execute();
      return rows.map(keyOfRow);
    },
    async addFirst(key) {
      const insert = insertFirst(durable, key);
      try {
        await durable.unit([
          { query: lock, expect: 1 },
          { query: insert, expect: 1 },
        ]);
        return true;
      } catch (error) {
        if (error instanceof Unmet && error.index === 1) return false;
        throw error;
      }
    },
    add: (key, events) =>
      durable.transaction(async (transaction) => {
        await transaction
          .insertInto("signing_key")
          .values({
            kid: key.kid,
            public_jwk: JSON.stringify(key.publicJwk),
            sealed_private: key.sealedPrivate,
            created_at: key.createdAt,
            active_from: key.activeFrom,
            retired_at: null,
            expires_at: null,
          })
          .execute();
        if (events) await appendIn(transaction, events);
      }),
    async retire(kid, retiredAt, expiresAt) {
      const query = db
        .updateTable("signing_key")
        .set({ retired_at: retiredAt, expires_at: expiresAt })
        .where("kid", "=", kid)
        .where("retired_at", "is", null)
        .compile();
      return (await durable.touched(query)) === 1;
    },
    async remove(kid) {
      await durable.touched(db.deleteFrom("signing_key").where("kid", "=", kid).compile());
    },
  };
}

function insertFirst({ db }: Durable, key: NewSigningKey): CompiledQuery {
  const unretired = db.selectFrom("signing_key").select("kid").where("retired_at", "is", null);
  return db
    .insertInto("signing_key")
    .columns(["kid", "public_jwk", "sealed_private", "created_at", "active_from"])
    .expression((on) =>
      on
        .selectFrom("configuration_revision")
        .select(({ val, cast }) => [
          cast<string>(val(key.kid), "text").as("kid"),
          cast<string>(val(JSON.stringify(key.publicJwk)), "text").as("public_jwk"),
          cast<string>(val(key.sealedPrivate), "text").as("sealed_private"),
          cast<number>(val(key.createdAt), "bigint").as("created_at"),
          cast<number>(val(key.activeFrom), "bigint").as("active_from"),
        ])
        .where(({ not, exists }) => not(exists(unretired))),
    )
    .compile();
}

const keyOfRow = (row: SigningKeyTable): SigningKey => ({
  kid: row.kid,
  publicJwk: JSON.parse(row.public_jwk),
  sealedPrivate: row.sealed_private,
  createdAt: row.created_at as Milliseconds,
  activeFrom: row.active_from as Milliseconds,
  retiredAt: row.retired_at as Milliseconds | null,
  expiresAt: row.expires_at as Milliseconds | null,
});
