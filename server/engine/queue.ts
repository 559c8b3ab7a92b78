// A queue that serves its keys in turns, so that nobody waits for all that another has put in.

/** Items by key. A key is served once, then the next key, and so on; within a key first come is first. */
export interface FairQueue<T> {
  /** How many items wait. */
  readonly size: number;
  /** How many items of one key wait. */
  sizeOf(key: string): number;
  /** Puts an item behind the others of its key, or, with `ahead`, before those that were not. */
  push(key: string, item: T, ahead?: boolean): void;
  /** Takes the next item out, of a key that `allows`; undefined when there is none. */
  next(allows?: (key: string) => boolean): T | undefined;
  /** Takes one item out; false when it is not there. */
  remove(key: string, item: T): boolean;
  /** Takes all items of a key out. */
  drain(key: string): T[];
  /** Takes out the items of every key, from its first on, for as long as they are over. */
  expire(isOver: (item: T) => boolean): T[];
}

interface Bucket<T> {
  readonly ahead: T[];
  readonly behind: T[];
}

/** Opens an empty queue. Its bounds are its user's affair. Source: our design, fair between scripts. */
export const openFairQueue = <T>(): FairQueue<T> => {
  /** In the order of their turns: a key that was served goes to the end. */
  const buckets = new Map<string, Bucket<T>>();
  let size = 0;

  const sizeOf = (key: string): number => {
    const bucket = buckets.get(key);
    return bucket === undefined ? 0 : bucket.ahead.length + bucket.behind.length;
  };
  const forget = (key: string): void => {
    if (sizeOf(key) === 0) buckets.delete(key);
  };
  const firstOf = ({ ahead, behind }: Bucket<T>): T[] => (ahead.length > 0 ? ahead : behind);

  return {
    get size() {
      return size;
    },
    sizeOf,
    push(key, item, ahead = false) {
      const bucket = buckets.get(key) ?? { ahead: [], behind: [] };
      buckets.set(key, bucket);
      (ahead ? bucket.ahead : bucket.behind).push(item);
      size++;
    },
    next(allows) {
      for (const [key, bucket] of buckets) {
        if (allows !== undefined && !allows(key)) continue;
        const item = firstOf(bucket).shift();
        buckets.delete(key);
        if (bucket.ahead.length + bucket.behind.length > 0) buckets.set(key, bucket);
        size--;
        return item;
      }
      return undefined;
    },
    remove(key, item) {
      const bucket = buckets.get(key);
      for (const items of bucket === undefined ? [] : [bucket.ahead, bucket.behind]) {
        const index = items.indexOf(item);
        if (index < 0) continue;
        items.splice(index, 1);
        size--;
        forget(key);
        return true;
      }
      return false;
    },
    drain(key) {
      const { ahead, behind } = buckets.get(key) ?? { ahead: [], behind: [] };
      buckets.delete(key);
      size -= ahead.length + behind.length;
      return [...ahead, ...behind];
    },
    expire(isOver) {
      const over: T[] = [];
      for (const [key, bucket] of buckets) {
        for (const items of [bucket.ahead, bucket.behind]) {
          const kept = items.findIndex((item) => !isOver(item));
          over.push(...items.splice(0, kept < 0 ? items.length : kept));
        }
        forget(key);
      }
      size -= over.length;
      return over;
    },
  };
};
