// Budgets that fill up again with time, for any number of keys in a table of fixed size.
import { hash, randomBytes } from "node:crypto";
import type { Clock, Milliseconds } from "./clock.ts";
import { milliseconds } from "./clock.ts";

/** One kind of budget. */
export interface Budget {
  /** What may be spent at once. */
  readonly capacity: number;
  /** What comes back in a second. */
  readonly perSecond: number;
}

/** The budgets of one kind, one for each key. */
export interface Buckets {
  /** Gives the time until one unit can be spent; 0 when it can be now. */
  wait(key: readonly string[]): Milliseconds;
  /**
   * Takes `cost` from the budget of a key, or gives it back when it is negative. A budget may go below
   * nothing by once its capacity, so that nobody waits for longer than two fillings.
   */
  spend(key: readonly string[], cost: number): void;
}

const waysPerSet = 8;
const unit = 1;
// Far less than a unit: what rounding leaves of a wait that is over.
const roundingError = 1e-6;

/**
 * Opens the budgets of one kind, all full. They lie in typed arrays, `sets` (8,192 unless given) of
 * eight, found by a hash of the key under a random one of this table, so that nobody can choose keys
 * that meet in a set; nothing is allocated for a key. A new key takes the place of the budget of its set
 * that is least used up: any number of keys that were made up leaves alone those that are used up. When
 * the clock is set back nothing fills up by that, and from there it goes on. Source: SEC-75, SEC-76.
 */
export function openBuckets(budget: Budget, clock: Clock, sets = 8_192): Buckets {
  const { capacity, perSecond } = budget;
  const size = sets * waysPerSet;
  const ownKey = randomBytes(32).toString("hex");
  const tags = [new Uint32Array(size), new Uint32Array(size)] as const;
  const used = new Float64Array(size);
  const asOf = new Float64Array(size);

  const hashed = (key: readonly string[]) => {
    const bytes = hash("sha256", ownKey + JSON.stringify(key), "buffer");
    const start = (bytes.readUInt32LE(0) % sets) * waysPerSet;
    return { start, tag: [bytes.readUInt32LE(4), bytes.readUInt32LE(8)] as const };
  };

  /** Fills a budget up to the present and gives what of it is used up. */
  const refill = (at: number, now: number): number => {
    const elapsed = Math.max(0, now - (asOf[at] as number));
    const left = Math.max(0, (used[at] as number) - (elapsed * perSecond) / 1000);
    used[at] = left;
    asOf[at] = now;
    return left;
  };

  const find = ({ start, tag }: ReturnType<typeof hashed>): number | undefined => {
    for (let at = start; at < start + waysPerSet; at++) {
      if (tags[0][at] === tag[0] && tags[1][at] === tag[1]) return at;
    }
    return undefined;
  };

  const makePlace = ({ start, tag }: ReturnType<typeof hashed>, now: number): number => {
    let place = start;
    for (let at = start; at < start + waysPerSet; at++) {
      if (refill(at, now) < (used[place] as number)) place = at;
    }
    [tags[0][place], tags[1][place]] = tag;
    used[place] = 0;
    return place;
  };

  return {
    wait(key) {
      const at = find(hashed(key));
      const missing = at === undefined ? 0 : refill(at, clock.now()) + unit - capacity;
      return milliseconds(missing < roundingError ? 0 : (missing / perSecond) * 1000);
    },
    spend(key, cost) {
      const now = clock.now();
      const name = hashed(key);
      const known = find(name);
      // Whoever has nothing to get back needs no place.
      if (known === undefined && cost <= 0) return;
      const at = known ?? makePlace(name, now);
      used[at] = Math.min(2 * capacity, Math.max(0, refill(at, now) + cost));
    },
  };
}
