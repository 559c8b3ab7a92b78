// The worker file of the engine's tests: CACHE is a map in the thread, and `fetch("together")` a gate.
import { entryData, serveScripts } from "../../../server/engine/worker.ts";
import { mapCache } from "./map_cache.ts";

const { gather = 0 } = (entryData() ?? {}) as { gather?: number };

const cache = mapCache();
const gathered: ((value: null) => void)[] = [];

/** Answers nobody until `gather` scripts have asked, and then all of them in one go. */
const together = (): Promise<null> =>
  new Promise((resolve) => {
    gathered.push(resolve);
    if (gathered.length === gather) for (const answer of gathered) answer(null);
  });

await serveScripts({
  cache: { ...cache, fetch: (key) => (key === "together" ? together() : cache.fetch(key)) },
});
