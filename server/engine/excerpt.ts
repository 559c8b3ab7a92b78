// Shows two long texts where they differ.

const length = 400;
const before = 40;

/** Gives both texts, or of long ones the part around their first difference. */
export const excerpts = (expected: string, got: string): { expected: string; got: string } => {
  let same = 0;
  while (same < expected.length && expected[same] === got[same]) same++;
  const isLong = Math.max(expected.length, got.length) > length;
  const from = isLong && same > length - before ? same - before : 0;
  return { expected: excerpt(expected, from), got: excerpt(got, from) };
};

const excerpt = (text: string, from: number): string => {
  const part = text.slice(from, from + length).toWellFormed();
  return `${from > 0 ? "…" : ""}${part}${from + length < text.length ? "…" : ""}`;
};
