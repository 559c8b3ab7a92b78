// Which scripts a worker knows already: their source crosses to it once, not with every run.
import type { ToWorker } from "./message.ts";
import { type Script, versionName } from "./script.ts";

/** The door's side of what one worker was told. */
export interface Told {
  /** Gives the number of a script in this worker, after telling the worker what it does not know. */
  numberOf(script: Script): number;
}

/** Both sides keep scripts of so many bytes in all; beyond that they forget everything and start anew. */
const toldLimitBytes = 16 * 1024 * 1024;
/** What a script costs beside its source, so that their number is bounded too. */
const overheadBytes = 1_024;
const bytesPerCharacter = 2;

/**
 * Opens the memory of what a worker was told; `say` sends to it, and messages arrive in order, so
 * both sides know the same at every task. A number is never given twice.
 */
export const openTold = (say: (message: ToWorker) => void, limitBytes = toldLimitBytes): Told => {
  const numbers = new Map<string, number>();
  let last = 0;
  let bytes = 0;
  return {
    numberOf(script) {
      const key = `${script.version} ${versionName(script)}`;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      const size = overheadBytes + script.source.length * bytesPerCharacter;
      if (numbers.size > 0 && bytes + size > limitBytes) {
        say({ kind: "forget" });
        numbers.clear();
        bytes = 0;
      }
      bytes += size;
      numbers.set(key, ++last);
      say({ kind: "script", number: last, script });
      return last;
    },
  };
};
