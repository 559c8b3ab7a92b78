// What a run of checks or tests came to.

/** How many passed, and the titles of what failed and of what was skipped, each with its reason. */
export interface Tally {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/** Gives tallies as one. */
export const together = (...all: readonly Tally[]): Tally => ({
  passed: all.reduce((sum, { passed }) => sum + passed, 0),
  failed: all.flatMap(({ failed }) => failed),
  skipped: all.flatMap(({ skipped }) => skipped),
});

/**
 * Gives the last page of a run: what was skipped and what failed by name, and, alone on the last line,
 * `N passed, N failed`, followed by `, N skipped` when something was.
 */
export function lastPage({ passed, failed, skipped }: Tally): string {
  const list = (head: string, titles: readonly string[]) =>
    titles.length === 0 ? [] : [`${head}:`, ...titles.map((title) => `  ${title}`), ""];
  const counts = [`${passed} passed`, `${failed.length} failed`];
  if (skipped.length > 0) counts.push(`${skipped.length} skipped`);
  return [...list("Skipped", skipped), ...list("Failed", failed), counts.join(", ")].join("\n");
}

/** Whether a run is good: nothing failed, and something was looked at. */
export const good = ({ passed, failed }: Tally): boolean => failed.length === 0 && passed > 0;
