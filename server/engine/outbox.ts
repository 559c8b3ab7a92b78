// Results on their way to the door: several cross at once, and none waits for another script.
import type { FromWorker } from "./message.ts";

/** What a worker has to say. */
export interface Outbox {
  /** Takes the result of a task of `version`, which leaves with others of the same moment and version. */
  put(message: FromWorker, version: string): void;
  /** A guest of `version` is about to be entered, and nobody knows for how long. */
  entering(version: string | undefined): void;
}

/**
 * Opens an outbox. Waking up the door costs more than all else that a quick run costs outside of its
 * guest, so results wait until the thread looks outside again; but what a script keeps back is its
 * own: a guest of another one may be stuck, and the results would be lost with the worker.
 */
export const openOutbox = (post: (messages: readonly FromWorker[]) => void): Outbox => {
  let waiting: FromWorker[] = [];
  let whose = "";
  const flush = (): void => {
    if (waiting.length === 0) return;
    const messages = waiting;
    waiting = [];
    post(messages);
  };
  return {
    put(message, version) {
      if (version !== whose) flush();
      whose = version;
      if (waiting.push(message) === 1) setImmediate(flush);
    },
    entering(version) {
      if (version !== whose) flush();
    },
  };
};
