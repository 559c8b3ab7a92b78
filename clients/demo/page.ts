// Lines on a terminal or in a file: their width, their colours, and where times stand.
import { stripVTControlCharacters, styleText } from "node:util";

/** A colour or style by the name that Node has for it, or several. */
export type Format = Parameters<typeof styleText>[0];

/** Where lines are put. */
export interface Page {
  /** Columns, 60 to 100: those of the terminal within these bounds, 80 where there is none. */
  readonly width: number;
  /** Gives the text in a style, or as it is where the stream is no terminal or wants no colours. */
  paint(format: Format, text: string): string;
  put(line?: string): void;
  /** Puts a line with a time in milliseconds at its right end, when there is one to show. */
  putTimed(line: string, ms: number | undefined): void;
  /**
   * Puts a text in as many lines as it takes, the first one after `first`, others after `others`.
   */
  putWrapped(text: string, first: string, others: string): void;
}

/** Columns that are kept for a time at the right end of a line. */
export const timeWidth = 9;

const narrowest = 60;
const widest = 100;

/** Gives a time as people read it: a tenth of a millisecond, or whole ones from a second on. */
const shownMs = (ms: number): string => `${ms.toFixed(ms < 1000 ? 1 : 0)} ms`;

/** Gives the columns that a text takes, not counting what only paints it. */
export const columnsOf = (text: string): number => stripVTControlCharacters(text).length;

/**
 * Breaks a text into lines of at most `width` characters: between words, and within longer ones.
 */
function wrapped(text: string, width: number): string[] {
  const lines = [""];
  const whole = new RegExp(`.{1,${width}}`, "g");
  for (const word of text.split(" ").flatMap((longer) => longer.match(whole) ?? [""])) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}

/** Opens a page on a stream. Colours are left to Node, which minds NO_COLOR and FORCE_COLOR. */
export function openPage(stream: NodeJS.WriteStream): Page {
  const width = Math.min(Math.max(stream.columns ?? 80, narrowest), widest);
  const paint = (format: Format, text: string): string => styleText(format, text, { stream });
  const put = (line = ""): void => void stream.write(`${line}\n`);
  return {
    width,
    paint,
    put,
    putTimed(line, ms) {
      if (ms === undefined) return put(line);
      const time = shownMs(ms).padStart(timeWidth);
      put(line + " ".repeat(Math.max(width - timeWidth - columnsOf(line), 0)) + paint("dim", time));
    },
    putWrapped(text, first, others) {
      const lines = wrapped(text, width - Math.max(columnsOf(first), columnsOf(others)));
      for (const [index, line] of lines.entries()) put(`${index === 0 ? first : others}${line}`);
    },
  };
}
