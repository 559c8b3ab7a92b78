// What the process holds in memory, after everything that nobody needs was collected.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Memory in bytes: objects of this thread with what they own outside, and the whole process. */
export interface Held {
  readonly own: number;
  readonly process: number;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Collects garbage until turns of the event loop free no more, and says what is held. */
export const heldMemory = async (): Promise<Held> => {
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { own: heapUsed + external, process: rss };
};

/** A megabyte in bytes. */
export const megabyte = 1024 * 1024;
