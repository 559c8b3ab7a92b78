// A worker file whose store behind CACHE is down.
import { serveScripts } from "../../../server/engine/worker.ts";

const down = (): never => {
  throw new Error("the store is down");
};

await serveScripts({ cache: { store: down, fetch: down, delete: down, take: down } });
