// The OpenPGP key of the server.
import assert from "node:assert/strict";
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { OpenPgpKeyTable } from "./schema.ts";

/** An OpenPGP key pair of the server. */
export interface StoredOpenPgpKey {
  /** In upper-case hexadecimal. */
  readonly fingerprint: string;
  /** Armored. */
  readonly publicKey: string;
  /** The armored private key, sealed. */
  readonly sealedPrivate: string;
  readonly createdAt: Milliseconds;
}

/** The key, which all processes share. Source: D-53. */
export interface OpenPgpKeys {
  /** Gives the key, or undefined when none was made yet. */
  find(): Promise<StoredOpenPgpKey | undefined>;
  /** Adds the first key of all, and gives the one that stands: of two processes one is first. */
  addFirst(key: StoredOpenPgpKey): Promise<StoredOpenPgpKey>;
}

/** Gives the key in the durable store. */
export function openPgpKeysIn(durable: Durable): OpenPgpKeys {
  const { db } = durable;
  const found = db.selectFrom("open_pgp_key").selectAll().where("id", "=", 1).compile();
  const find = async (): Promise<StoredOpenPgpKey | undefined> => {
    const [row] = await durable.rows(found);
    return row && keyOf(row);
  };
  return {
    find,
    async addFirst(key) {
      const insert = db
        .insertInto("open_pgp_key")
        .values({
          id: 1,
          fingerprint: key.fingerprint,
          public_key: key.publicKey,
          sealed_private: key.sealedPrivate,
          created_at: key.createdAt,
        })
        .onConflict((conflict) => conflict.column("id").doNothing());
      await durable.touched(insert.compile());
      const first = await find();
      assert(first, "the first key is never removed");
      return first;
    },
  };
}

const keyOf = (row: OpenPgpKeyTable): StoredOpenPgpKey => ({
  fingerprint: row.fingerprint,
  publicKey: row.public_key,
  sealedPrivate: row.sealed_private,
  createdAt: row.created_at as Milliseconds,
});
