// Where in a source text an offset is, counted as QuickJS counts.
import type { Place } from "../script.ts";

/** The place of an offset: lines end with a line feed, columns are code points, both from 1. */
export const placeAt = (source: string, offset: number): Place => {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return { line, column: [...before.slice(lineStart)].length + 1 };
};
