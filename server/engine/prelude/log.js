// LOG, console and print: lines that are kept with the execution.
import { call } from "./bridge.js";
import { apply, freeze, hide, stringify } from "./builtins.js";
import { findClass, JavaObject, javaText } from "./java_classes.js";

const levels = ["trace", "debug", "info", "warn", "error"];

const { slice } = String.prototype;
const traceLength = 256;

/**
 * Adds a line to the log of the run. The host finds in the beginning of the trace where the script
 * wrote it; the trace is that of an error which no script has touched.
 */
export const writeLog = (level, text) => {
  call("log", level, text, apply(slice, new Error().stack, [0, traceLength]));
};

const isPlain = (value) =>
  typeof value === "object" &&
  value !== null &&
  !(value instanceof Error || value instanceof JavaObject || value instanceof String);

/** Objects are shown as JSON, which logs of scripts are read for. */
const shown = (value) => {
  if (!isPlain(value)) return javaText(value);
  try {
    return stringify(value) ?? javaText(value);
  } catch {
    return javaText(value);
  }
};

/** Fills `{}` in order; an error at the end that has no place of its own shows its stack. */
const filled = (message, values) => {
  let next = 0;
  const text = shown(message).replace(/\{\}/g, (hole) =>
    next < values.length ? shown(values[next++]) : hole,
  );
  const last = values[values.length - 1];
  return next < values.length && last instanceof Error ? `${text}\n${last}\n${last.stack}` : text;
};

const LOG = {};
for (const level of levels) {
  LOG[level] = (message, ...values) => writeLog(level, filled(message, values));
  LOG[`is${level[0].toUpperCase()}${level.slice(1)}Enabled`] = () => true;
}
hide(globalThis, "LOG", freeze(LOG));

const line =
  (level) =>
  (...values) =>
    writeLog(level, values.map(shown).join(" "));
const printed = line("info");
hide(
  globalThis,
  "console",
  freeze({
    debug: line("debug"),
    error: line("error"),
    info: printed,
    log: printed,
    trace: line("trace"),
    warn: line("warn"),
  }),
);
hide(globalThis, "print", printed);

hide(findClass("java.lang.Throwable").prototype, "printStackTrace", function () {
  writeLog("error", `${this}\n${this.stack}`);
});
