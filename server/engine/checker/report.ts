// What is wrong with a script as lines for people, the source line with a mark below it.
import type { Place, ScriptProblem } from "../script.ts";

const windowLength = 100;

/** Characters that a terminal would act on, or that would move the mark. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Gives a problem as lines: `FILE:LINE:COLUMN: error: message`, its hint, and at most 100 characters of
 * the source with a mark below the place. A problem that refuses nothing is a warning.
 */
export const problemLines = (
  file: string,
  source: string,
  { message, hint, place, refused }: ScriptProblem,
): readonly string[] => [
  `${[file.replace(unprintable, "?"), ...(place ? [place.line, place.column] : [])].join(":")}: ${
    refused ? "error" : "warning"
  }: ${message.replace(unprintable, "?")}`,
  ...(hint === undefined ? [] : [`  ${hint}`]),
  ...(place === undefined ? [] : excerpt(source, place)),
];

/** The part of a source line around a place, and a mark below it. */
const excerpt = (source: string, { line, column }: Place): readonly string[] => {
  const text = [...(source.split("\n")[line - 1] ?? "")];
  const start = Math.max(0, column - 1 - windowLength / 2);
  const shown = text.slice(start, start + windowLength).join("");
  const mark = `${" ".repeat(column - 1 - start)}^`;
  return [`    ${shown.replace(unprintable, " ").trimEnd()}`, `    ${mark}`];
};
