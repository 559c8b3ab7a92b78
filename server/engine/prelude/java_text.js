// Java's methods on plain strings, where the language has none of that name.
import { extendPrototype } from "./builtins.js";
import { findClass, hashOfText } from "./java_classes.js";
import { moduleExports } from "./modules.js";

/** Tells whether a value is a string, as Java sees it. */
export const isText = (value) => typeof value === "string" || value instanceof String;

/** The first difference of two texts, or that of their lengths. */
const difference = (one, other) => {
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    if (one[at] !== other[at]) return one.charCodeAt(at) - other.charCodeAt(at);
  }
  return one.length - other.length;
};

const folded = (text) => String(text).toUpperCase().toLowerCase();

extendPrototype(String.prototype, {
  chars() {
    return Array.from(this, (letter) => letter.charCodeAt(0));
  },
  compareTo(other) {
    return difference(String(this), String(other));
  },
  compareToIgnoreCase(other) {
    return difference(folded(this), folded(other));
  },
  contains(part) {
    return this.includes(String(part));
  },
  contentEquals(other) {
    return String(this) === String(other);
  },
  equals(other) {
    return isText(other) && String(this) === String(other);
  },
  equalsIgnoreCase(other) {
    return isText(other) && folded(this) === folded(other);
  },
  formatted(...values) {
    return moduleExports("java_format.js").formatText(String(this), ...values);
  },
  getBytes(charset) {
    return moduleExports("java_charsets.js").encoded(this, charset);
  },
  getClass() {
    return findClass("java.lang.String").class;
  },
  hashCode() {
    return hashOfText(String(this));
  },
  intern() {
    return String(this);
  },
  isBlank() {
    return this.trim() === "";
  },
  isEmpty() {
    return this.length === 0;
  },
  lines() {
    return this.split(/\r\n|\r|\n/);
  },
  matches(pattern) {
    return moduleExports("java_regex.js").matchesWhole(pattern, String(this));
  },
  regionMatches(...values) {
    const ignoresCase = typeof values[0] === "boolean" ? values.shift() : false;
    const [at, other, otherAt, length] = values;
    const [one, two] = [this.substr(at, length), String(other).substr(otherAt, length)];
    return ignoresCase ? folded(one) === folded(two) : one === two;
  },
  replaceFirst(pattern, replacement) {
    return moduleExports("java_regex.js").replacedByJava(String(this), pattern, replacement);
  },
  strip() {
    return this.trim();
  },
  stripLeading() {
    return this.trimStart();
  },
  stripTrailing() {
    return this.trimEnd();
  },
  subSequence(from, to) {
    return this.substring(from, to);
  },
  toCharArray() {
    return this.split("");
  },
});
