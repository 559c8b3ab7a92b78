// Remembers which script versions compute for long, so that others need not wait for them.
import { LRUCache } from "lru-cache";

/** A version is heavy after a run of so much processor time, until so many in a row took less. */
export interface WeightRules {
  readonly heavyMs: number;
  readonly lightRuns: number;
}

/** The rules of a deployment. Source: our design, separate lanes. */
export const weightRules: WeightRules = { heavyMs: 50, lightRuns: 20 };

/** The versions whose last runs were heavy. */
export interface Weights {
  isHeavy(version: string): boolean;
  /** A run of a version took so many milliseconds of processor time. */
  ran(version: string, cpuMs: number): void;
}

/** The versions that are remembered; the one that ran longest ago makes room. */
const versionsLimit = 1_000;

/** Opens weights that know of no heavy version. */
export const openWeights = (
  { heavyMs, lightRuns }: WeightRules,
  limit = versionsLimit,
): Weights => {
  /** How many light runs in a row make each of them light again. */
  const left = new LRUCache<string, number>({ max: limit });
  return {
    isHeavy: (version) => left.has(version),
    ran(version, cpuMs) {
      if (cpuMs >= heavyMs) {
        left.set(version, lightRuns);
        return;
      }
      const runs = left.get(version);
      if (runs === undefined) return;
      if (runs > 1) left.set(version, runs - 1);
      else left.delete(version);
    },
  };
};
