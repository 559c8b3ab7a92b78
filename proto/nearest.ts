// Guesses what a mistyped name was meant to be.

/**
 * Gives the one of `names` that a wrong one was most likely meant to be, or undefined when none is
 * near: at most a third of its letters apart. Names of the contract have underscores, so that humps and
 * hyphens count as such.
 */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const humps = wrong.slice(0, 64).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const folded = humps.replace(/-/g, "_");
  const apart = names.map((name) => ({ name, letters: distance(folded, name.replace(/-/g, "_")) }));
  const [best] = apart.sort((one, other) => one.letters - other.letters);
  return best && best.letters <= Math.ceil(best.name.length / 3) ? best.name : undefined;
}

/** Gives the number of letters to add, drop or change to make one word the other (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j += 1) {
      const changed = row[j]! + (letter === other[j] ? 0 : 1);
      next.push(Math.min(changed, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
