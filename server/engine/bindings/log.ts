// LOG and console: lines that are kept with the execution.
import type { LogLevel } from "../script.ts";
import { answer, type Binding } from "../world.ts";

const levels: ReadonlySet<unknown> = new Set<LogLevel>(["trace", "debug", "info", "warn", "error"]);

const isLevel = (level: unknown): level is LogLevel => levels.has(level);

/** The operation behind LOG and console; placeholders are filled in by the guest. Source: D-23. */
export const logBinding: Binding = {
  name: "LOG",
  operations: {
    log: ([level, text], world) => {
      world.log.add(isLevel(level) ? level : "info", String(text));
      return answer(null);
    },
  },
};
