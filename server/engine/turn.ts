// Lets one guest in at a time, so that no run pays for the time of another, and scripts in turns.
import { LRUCache } from "lru-cache";
import { openFairQueue } from "./queue.ts";

/** So long the thread may go from guest to guest before it looks at what came from outside. */
const breathMs = 2;
/** Whoever kept the turn for longer comes after those that did not. */
const slowMs = 25;
const slowLimit = 1_000;

/**
 * The turn of a worker's thread. A guest that may go on is resumed by the event loop a little later,
 * and another one could run in between; whoever holds the turn is the only one that does. Scripts are
 * served one after the other, so that one whose runs are all slow holds up its own; of one script's
 * runs those that were in the guest before come first, because they hold an instance.
 */
export class Turn {
  #isTaken = false;
  #since = 0;
  #begun = 0;
  #whose = "";
  readonly #slow = new LRUCache<string, true>({ max: slowLimit });
  readonly #waiting = openFairQueue<Waiting>();

  /** Calls `go` when the turn is the caller's: at once if nobody has it, otherwise when its time comes. */
  take(go: () => void, script = "", wasInside = false): void {
    if (this.#isTaken) {
      this.#waiting.push(script, { script, go }, wasInside);
      return;
    }
    this.#since = performance.now();
    this.#hand({ script, go });
  }

  /** Gives the turn back, to the next who waits for it; after a while to who has come meanwhile, too. */
  give(): void {
    if (performance.now() - this.#begun > slowMs) this.#slow.set(this.#whose, true);
    else this.#slow.delete(this.#whose);
    if (performance.now() - this.#since <= breathMs) {
      this.#pass();
      return;
    }
    // Messages, answers and timers get in here; nobody takes the turn before all of them have queued.
    setImmediate(() => {
      this.#since = performance.now();
      this.#pass();
    });
  }

  #pass(): void {
    const waiting = this.#waiting;
    const next = waiting.next((script) => !this.#slow.has(script)) ?? waiting.next();
    this.#isTaken = false;
    if (next !== undefined) this.#hand(next);
  }

  #hand({ script, go }: Waiting): void {
    this.#isTaken = true;
    this.#begun = performance.now();
    this.#whose = script;
    go();
  }
}

interface Waiting {
  readonly script: string;
  readonly go: () => void;
}
