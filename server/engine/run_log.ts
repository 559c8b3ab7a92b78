// The log lines of one run, bounded and masked.
import type { Mask } from "./mask.ts";
import type { LogLevel, LogLine, Place } from "./script.ts";

/** The log of one run. */
export interface RunLog {
  /** When it was opened, in milliseconds since the epoch. */
  readonly openedAt: number;
  /** The same moment by performance.now: what host calls count from, so that both are of one clock. */
  readonly opened: number;
  readonly lines: readonly LogLine[];
  /** Adds a line. Once the bound is reached one last line says so and later ones are dropped. */
  add(level: LogLevel, text: string, place?: Place): void;
}

/**
 * Sees each line before it is kept: as it will be, and its text before it was masked. What it throws
 * keeps the line out and reaches whoever adds it.
 */
export type LineObserver = (line: LogLine, bareText: string) => void;

/** What a line costs beside its text, so that empty lines are bounded as well. */
const lineOverheadBytes = 16;

/** Opens a log that keeps up to `limitBytes` of UTF-8. Source: D-23, D-26, D-30. */
export const openRunLog = (limitBytes: number, mask: Mask, observe?: LineObserver): RunLog => {
  const lines: LogLine[] = [];
  let left = limitBytes;
  const [openedAt, opened] = [Date.now(), performance.now()];
  const push = (level: LogLevel, text: string, bareText: string, place?: Place): void => {
    const at = openedAt + performance.now() - opened;
    const line = { at, level, text, ...(place === undefined ? {} : { place }) };
    observe?.(line, bareText);
    lines.push(line);
  };
  return {
    openedAt,
    opened,
    lines,
    add(level, text, place) {
      if (left <= 0) return;
      const safe = mask(text);
      left -= Buffer.byteLength(safe) + lineOverheadBytes;
      if (left >= 0) push(level, safe, text, place);
      else {
        const full = `the log is full at ${limitBytes} bytes; this and later lines are dropped`;
        push("warn", full, full);
      }
      if (left === 0) left = -1;
    },
  };
};
