// Lets one guest in at a time, so that no run pays for the time of another.

/**
 * The turn of a worker's thread. A guest that may go on is resumed by the event loop a little later,
 * and another one could run in between; whoever holds the turn is the only one that does.
 */
export class Turn {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  /** Calls `go` when the turn is the caller's: at once if nobody has it, otherwise in order. */
  take(go: () => void): void {
    if (this.#isTaken) {
      this.#waiting.push(go);
      return;
    }
    this.#isTaken = true;
    go();
  }

  /** Gives the turn back, to the next who waits for it. */
  give(): void {
    const next = this.#waiting.shift();
    this.#isTaken = next !== undefined;
    next?.();
  }
}
