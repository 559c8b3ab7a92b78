// java.lang.String.
import { decoded } from "./java_charsets.js";
import { javaClass, javaText } from "./java_classes.js";
import { formatText } from "./java_format.js";
import { isText } from "./java_text.js";

const isBytes = (value) => ArrayBuffer.isView(value);

const textOf = (value, ...rest) => {
  if (value === undefined) return "";
  if (!isBytes(value)) return Array.isArray(value) ? value.join("") : javaText(value);
  const [offset, length] = rest;
  return typeof offset === "number"
    ? decoded(value.slice(offset, offset + length), rest[2])
    : decoded(value, offset);
};

/** `new java.lang.String(x)` is a string object of the language; calling it gives a plain string. */
function JavaString(...values) {
  const text = textOf(...values);
  return new.target === undefined ? text : Object(text);
}
Object.assign(JavaString, {
  copyValueOf: (letters) => letters.join(""),
  format: formatText,
  join(separator, ...parts) {
    const [first] = parts;
    const list = parts.length === 1 && typeof first === "object" ? [...first] : parts;
    return list.map(javaText).join(separator);
  },
  valueOf: (value) => (Array.isArray(value) ? value.join("") : javaText(value)),
});
javaClass("java.lang.String", JavaString);
Object.defineProperty(JavaString, Symbol.hasInstance, { value: isText });
