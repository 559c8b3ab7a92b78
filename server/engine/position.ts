// Reads positions in the operator's source out of the interpreter's stack traces.
import type { Place } from "./script.ts";

/**
 * A frame of a script: a function with its position, or the bare position of a syntax error. Frames
 * of the prelude, of built-in functions and of text that the script evaluated have no file name like
 * this one.
 */
const ownFrame = /^ {4}at (?:.* \(([\w.-]+):(\d{1,9}):(\d{1,9})\)|([\w.-]+):(\d{1,9}):(\d{1,9}))$/;

/** Gives the frames of the script itself, at most `most` of them. Source: our design, diagnostics. */
export const ownFrames = (stack: string, most: number): string[] =>
  stack
    .split("\n")
    .filter((line) => ownFrame.test(line))
    .slice(0, most);

/**
 * Gives the position of the innermost frame of the script, undefined when there is none. Columns
 * count characters (code points), as the interpreter does.
 */
export const placeOf = (stack: string): Place | undefined => {
  for (const text of stack.split("\n")) {
    const [, , line, column, , bareLine, bareColumn] = ownFrame.exec(text) ?? [];
    if (line !== undefined) return { line: Number(line), column: Number(column) };
    if (bareLine !== undefined) return { line: Number(bareLine), column: Number(bareColumn) };
  }
  return undefined;
};
