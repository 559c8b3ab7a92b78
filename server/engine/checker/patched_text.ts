// A text that is changed place by place and still knows where each of its characters was at first.

/** Puts `insert` in place of the characters from `from` up to `to`. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** A text and the edits that have made it, each in the offsets of its moment. */
export interface PatchedText {
  readonly text: string;
  readonly edits: readonly Edit[];
}

/** Applies edits, of which none touches a character before the one that is applied next. */
export const patch = ({ text, edits }: PatchedText, next: readonly Edit[]): PatchedText => {
  const ordered = next.toSorted((one, other) => other.from - one.from);
  let changed = text;
  for (const { from, to, insert } of ordered) {
    changed = changed.slice(0, from) + insert + changed.slice(to);
  }
  return { text: changed, edits: [...edits, ...ordered] };
};

/** The offset in the first text of a character; of an inserted one, the offset where it was put. */
export const originOf = ({ edits }: PatchedText, offset: number): number => {
  let origin = offset;
  for (const { from, to, insert } of edits.toReversed()) {
    if (origin >= from + insert.length) origin += to - from - insert.length;
    else if (origin > from) origin = from;
  }
  return origin;
};
