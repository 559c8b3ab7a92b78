// One at a time, in the order of asking, inside one process.

/**
 * Gives a function that does works one after the other, in the order in which they were given, and gives what each
 * one gives; a work that fails does not stop the next one. A work that waits for another of the same turns waits
 * for ever.
 */
export function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<void> = Promise.resolve();
  const nothing = (): void => undefined;
  return (work) => {
    const mine = last.then(work);
    last = mine.then(nothing, nothing);
    return mine;
  };
}
