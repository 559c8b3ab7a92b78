// Keys of clients that publish them at a URL, as they were fetched last.
import assert from "node:assert/strict";
import { Keyv } from "keyv";
import type { Milliseconds } from "../core/clock.ts";
import type { Ephemeral } from "./ephemeral.ts";
import { adapterOver } from "./keyv_adapter.ts";

/** The fetched sets. Losing one costs a fetch. A call rejects with UNAVAILABLE when the store fails. */
export interface KeySets {
  /** Gives a set, or undefined when there is none. */
  get(key: string): Promise<string | undefined>;
  /** Keeps a set for `ttl`. */
  set(key: string, value: string, ttl: Milliseconds): Promise<void>;
}

/** Gives the sets in the ephemeral store. Source: SEC-17. */
export function keySetsIn(ephemeral: Ephemeral): KeySets {
  const store = adapterOver(ephemeral, "jwks");
  const keyv = new Keyv<string>({ store, namespace: "clients", checkExpired: false });
  return {
    get: async (key) => (await keyv.get<string>(key)) ?? undefined,
    async set(key, value, ttl) {
      assert(await keyv.set(key, value, ttl), "what keyv does not store rejects");
    },
  };
}
