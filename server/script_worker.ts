// The file that script workers start with: opens the store behind CACHE and serves scripts.
import type { Seconds } from "./core/clock.ts";
import { systemClock } from "./core/clock.ts";
import { entryData, serveScripts } from "./engine/worker.ts";
import { openScriptCache } from "./store/cache.ts";
import { engineOf } from "./store/engines/table.ts";

/** What the composition root tells a script worker. */
export interface ScriptWorkerData {
  /** URL of the ephemeral store. */
  readonly ephemeral: string;
  /** Life of a cache entry that names none. */
  readonly cacheTtl: Seconds;
}

const { ephemeral, cacheTtl } = entryData() as ScriptWorkerData;
const store = await engineOf(ephemeral).openEphemeral(ephemeral, systemClock, {
  atOnce: true,
});
const cache = openScriptCache(store, cacheTtl);
await serveScripts({
  cache: {
    ...cache,
    store: (key, value, ttl) => cache.store(key, value, ttl as Seconds | undefined),
  },
});
