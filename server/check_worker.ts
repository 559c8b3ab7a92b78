// The worker file of the offline checker: scripts are loaded in it, and none is run.
import { serveScripts } from "./engine/worker.ts";

const closed = (): never => {
  throw new RangeError("there is no cache behind the checker");
};

await serveScripts({ cache: { store: closed, fetch: closed, delete: closed, take: closed } });
