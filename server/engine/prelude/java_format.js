// String.format: the conversions that scripts use.
import { javaText } from "./java_classes.js";

const directive = /%(?:(\d+)\$)?([-0,+ ]*)(\d+)?(?:\.(\d+))?([sSdfexXbcn%])/g;
const group = (digits) => digits.replace(/\B(?=(?:\d{3})+(?!\d))/g, ",");
const digitsOr = (text, otherwise) => (text === undefined ? otherwise : Number(text));

const conversions = {
  S: (value) => javaText(value).toUpperCase(),
  X: (value) => (value >>> 0).toString(16).toUpperCase(),
  b: (value) => String(Boolean(value)),
  c: (value) => javaText(value),
  d: (value, flags) => {
    const digits = String(Math.trunc(Number(value)));
    return flags.includes(",") ? group(digits) : digits;
  },
  e: (value, _flags, precision) => Number(value).toExponential(digitsOr(precision, 6)),
  f: (value, _flags, precision) => Number(value).toFixed(digitsOr(precision, 6)),
  s: (value, _flags, precision) => javaText(value).slice(0, digitsOr(precision, undefined)),
  x: (value) => (value >>> 0).toString(16),
};

const pad = (text, flags, width) => {
  if (width === undefined) return text;
  if (flags.includes("-")) return text.padEnd(Number(width));
  return text.padStart(Number(width), flags.includes("0") ? "0" : " ");
};

/** `String.format(pattern, ...values)` of Java. */
export const formatText = (pattern, ...values) => {
  let next = 0;
  return String(pattern).replace(directive, (_all, position, flags, width, precision, kind) => {
    if (kind === "%") return "%";
    if (kind === "n") return "\n";
    const value = position === undefined ? values[next++] : values[position - 1];
    return pad(conversions[kind](value, flags, precision), flags, width);
  });
};
