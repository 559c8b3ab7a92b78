// The log lines of one run, bounded and masked.
import type { Mask } from "./mask.ts";
import type { LogLevel, LogLine } from "./script.ts";

/** The log of one run. */
export interface RunLog {
  readonly lines: readonly LogLine[];
  /** Adds a line. Once the bound is reached one last line says so and later ones are dropped. */
  add(level: LogLevel, text: string): void;
}

/** What a line costs beside its text, so that empty lines are bounded as well. */
const lineOverheadBytes = 16;

/** Opens a log that keeps up to `limitBytes` of UTF-8. Source: D-23, D-26, D-30. */
export const openRunLog = (limitBytes: number, mask: Mask): RunLog => {
  const lines: LogLine[] = [];
  let left = limitBytes;
  const push = (level: LogLevel, text: string): void => {
    lines.push({ at: Date.now(), level, text });
  };
  return {
    lines,
    add(level, text) {
      if (left <= 0) return;
      const safe = mask(text);
      left -= Buffer.byteLength(safe) + lineOverheadBytes;
      if (left >= 0) push(level, safe);
      else push("warn", `the log is full at ${limitBytes} bytes; this and later lines are dropped`);
      if (left === 0) left = -1;
    },
  };
};
