// LOG and console: lines that are kept with the execution.
import { placeOf } from "../position.ts";
import type { LogLevel } from "../script.ts";
import { answer, type Binding } from "../world.ts";

const levels: ReadonlySet<unknown> = new Set<LogLevel>(["trace", "debug", "info", "warn", "error"]);

const isLevel = (level: unknown): level is LogLevel => levels.has(level);

/**
 * The operation behind LOG and console: level, text and the trace of the call; placeholders are filled
 * in by the guest. Source: D-23.
 */
export const logBinding: Binding = {
  name: "LOG",
  operations: {
    log: ([level, text, trace], world) => {
      const place = typeof trace === "string" ? placeOf(trace) : undefined;
      world.log.add(isLevel(level) ? level : "info", String(text), place);
      return answer(null);
    },
  },
};
