// Names the syntax of older script engines that a rejected line was probably written for.

const hints: readonly { readonly form: RegExp; readonly hint: string }[] = [
  {
    form: /\bfor\s+each\s*\(/,
    hint: "`for each (x in list)` is not JavaScript; write `for (const x of list)`",
  },
  {
    form: /\bcatch\s*\(\s*\w+\s+if\b/,
    hint: "a conditional catch is not JavaScript; test the error inside of one catch",
  },
  {
    form: /\bfunction\b\s*\w*\s*\([^)]*\)\s*[^\s{]/,
    hint: "a function without braces is not JavaScript; write `{ return ...; }` or an arrow",
  },
];

/** Gives the hint for a line of a source (counted from 1) at which parsing stopped, if one fits. */
export const syntaxHint = (source: string, line: number): string | undefined => {
  const lines = source.split("\n");
  // Parsing may stop at the first token of the next line.
  const near = [lines[line - 1], lines[line - 2]];
  return hints.find(({ form }) => near.some((text) => text !== undefined && form.test(text)))?.hint;
};
