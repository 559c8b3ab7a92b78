// The exchanges of a step, in the order in which they began.
import type { Witness } from "./exchange.ts";

/** An exchange; without a status it has not ended. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  /** Whether it began within another one, which waited for it. */
  readonly isInner: boolean;
  readonly status?: number;
  readonly ms?: number;
}

/** Remembers exchanges. */
export interface Recorder {
  readonly witness: Witness;
  /** Gives what there is since the last time. */
  take(): readonly Recorded[];
  /** All exchanges so far. */
  count(): number;
}

/** Opens a recorder with nothing in it. */
export function openRecorder(): Recorder {
  let rows: Recorded[] = [];
  let count = 0;
  return {
    witness(method, url) {
      const began = performance.now();
      const isInner = rows.some(({ status }) => status === undefined);
      const place = rows.push({ method, url, isInner }) - 1;
      const mine = rows;
      count += 1;
      return (status) => {
        mine[place] = { method, url, isInner, status, ms: performance.now() - began };
      };
    },
    take() {
      const taken = rows;
      rows = [];
      return taken;
    },
    count: () => count,
  };
}
