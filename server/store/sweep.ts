// Removing what has expired, a bounded number of rows a step.

/** How many rows a step deletes at most, so that no other caller waits long. */
export const sweepStep = 500;

/**
 * Repeats `step` until it finds less than a full step, and gives how many rows it deleted in all. `full` is 1
 * where a step may leave some for the next one.
 */
export async function sweepAll(step: () => Promise<number>, full = sweepStep): Promise<number> {
  for (let swept = 0; ; ) {
    const found = await step();
    swept += found;
    if (found < full) return swept;
  }
}
