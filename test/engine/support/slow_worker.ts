// A worker whose CACHE answers a little later, as one behind a network does.
import { setTimeout as sleep } from "node:timers/promises";
import { serveScripts } from "../../../server/engine/worker.ts";
import { mapCache } from "./map_cache.ts";

const cache = mapCache();
const later = async <T>(give: () => T): Promise<Awaited<T>> => {
  await sleep(1);
  return await give();
};

await serveScripts({
  cache: {
    store: (...given) => later(() => cache.store(...given)),
    fetch: (key) => later(() => cache.fetch(key)),
    delete: (key) => later(() => cache.delete(key)),
    take: (key) => later(() => cache.take(key)),
  },
});
