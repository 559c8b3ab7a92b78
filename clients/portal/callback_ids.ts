// Which callbacks were handled already.

/**
 * The ids of callbacks that were handled. A portal of several processes gives its own, over a store that they share: a
 * table with the id as its key does.
 */
export interface CallbackIds {
  has(id: string): Promise<boolean>;
  add(id: string): Promise<void>;
}

/**
 * Gives ids in memory: those of the last callbacks, 10,000 unless told. The server repeats a callback for hours, so that
 * a process that was started anew, or one of several, may take a repetition for something new.
 */
export function callbackIdsInMemory(limit = 10_000): CallbackIds {
  const ids = new Set<string>();
  return {
    has: async (id) => ids.has(id),
    async add(id) {
      ids.add(id);
      const [oldest] = ids;
      if (ids.size > limit && oldest !== undefined) ids.delete(oldest);
    },
  };
}
