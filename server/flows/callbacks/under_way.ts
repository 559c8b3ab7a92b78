// Deliveries under way: so many to a URL and in all, so that slow receivers hold up no other.
import type { Claim } from "../../store/callbacks.ts";

/** How many deliveries there are at a time. */
export interface Bounds {
  readonly perUrl: number;
  readonly inAll: number;
}

// Whoever takes longer is slow; together they get half of the room, however many they are.
const slowMs = 1_000;

/** The deliveries under way. */
export interface UnderWay {
  /**
   * Gives how many callbacks may be claimed now and which URLs have no room. Whatever is claimed so, all of
   * it to one URL even, can be begun at once. The limit is 0 when there is no room at all.
   */
  room(): Pick<Claim, "limit" | "except">;
  /** Holds a delivery to a URL until it ends, and tells `ended` then. It must not reject. */
  hold(url: string, delivery: Promise<void>, ended: () => void): void;
  /** Resolves when all that are under way now have ended. */
  drained(): Promise<void>;
}

/** Gives a count of deliveries under way, at first none. */
export function openUnderWay({ perUrl, inAll }: Bounds): UnderWay {
  const byUrl = new Map<string, number>();
  // Those whose last delivery took long.
  const slow = new Set<string>();
  const all = new Set<Promise<void>>();

  const count = (url: string, by: 1 | -1): void => {
    const now = (byUrl.get(url) ?? 0) + by;
    if (now === 0) byUrl.delete(url);
    else byUrl.set(url, now);
  };

  /** Gives the slow ones while they have all that is theirs. */
  function crowded(): Iterable<string> {
    const held = [...slow].reduce((sum, url) => sum + (byUrl.get(url) ?? 0), 0);
    return held >= inAll / 2 ? slow : [];
  }

  return {
    room() {
      const full = [...byUrl].filter(([, held]) => held >= perUrl).map(([url]) => url);
      const except = new Set([...full, ...crowded()]);
      const others = [...byUrl].filter(([url]) => !except.has(url)).map(([, held]) => held);
      const limit = Math.max(0, Math.min(perUrl - Math.max(0, ...others), inAll - all.size));
      return { limit, except: [...except] };
    },
    hold(url, delivery, ended) {
      count(url, 1);
      const begun = performance.now();
      const held = delivery.then(() => {
        if (performance.now() - begun > slowMs) slow.add(url);
        else slow.delete(url);
        count(url, -1);
        all.delete(held);
        ended();
      });
      all.add(held);
    },
    async drained() {
      await Promise.all(all);
    },
  };
}
