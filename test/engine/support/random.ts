// Random choices that a seed repeats.

/** Gives numbers from 0 up to 1, the same ones for the same seed (xorshift of 32 bits). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

/** Chooses one of `items`, each as often as its weight says. */
export const weighted = <T extends { readonly weight: number }>(
  items: readonly T[],
  random: () => number,
): T => {
  let left = random() * items.reduce((sum, { weight }) => sum + weight, 0);
  for (const item of items) {
    left -= item.weight;
    if (left < 0) return item;
  }
  return items.at(-1) as T;
};
