// keyv over one space of the ephemeral store: for what may be lost or doubled, never for what may
// happen once.
import assert from "node:assert/strict";
import { keyvStorageCapability } from "keyv";
import { milliseconds } from "../core/clock.ts";
import type { Ephemeral, Space } from "./ephemeral.ts";

/**
 * Gives a storage adapter of keyv in a space. A failing store makes every call reject; nothing here emits
 * errors, so a keyv without a listener for them rejects too, and a failure never looks like a miss. keyv
 * sets the namespace, which it must be given; counts time by the machine's clock; and hands over the
 * instant at which an entry ends. `keyOf` tells under which key of the space an entry is.
 * Source: our measurement, keyv has no verb for what may happen once.
 */
export const adapterOver = (ephemeral: Ephemeral, space: Space) => ({
  namespace: undefined as string | undefined,
  get capabilities() {
    return keyvStorageCapability(this);
  },
  keyOf(key: string): string {
    assert(this.namespace, "a cache has a namespace");
    return `${this.namespace}:${key}`;
  },
  get(key: string) {
    return ephemeral.get(space, this.keyOf(key));
  },
  async has(key: string) {
    return (await ephemeral.get(space, this.keyOf(key))) !== undefined;
  },
  async set(key: string, value: unknown, expires?: number) {
    assert(typeof value === "string" && expires !== undefined, "an entry is a text that expires");
    const ttl = Math.max(1, expires - Date.now());
    await ephemeral.put(space, this.keyOf(key), value, milliseconds(ttl));
    return true;
  },
  delete(key: string) {
    return ephemeral.remove(space, this.keyOf(key));
  },
});
