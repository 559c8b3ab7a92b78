// java.lang beside texts and numbers: System, Class, StringBuilder, and StringJoiner of java.util.
import {
  findClass,
  JavaObject,
  javaClass,
  javaText,
  MissingClass,
  staticClass,
} from "./java_classes.js";
import { formatText } from "./java_format.js";
import { exceptionOf } from "./java_throwables.js";
import { writeLog } from "./log.js";

const printer = (level) => ({
  print: (value) => writeLog(level, javaText(value)),
  printf: (...values) => writeLog(level, formatText(...values)),
  println: (value = "") => writeLog(level, javaText(value)),
});

const identities = new WeakMap();
let lastIdentity = 0;

const outOfBounds = (message) => exceptionOf("java.lang.ArrayIndexOutOfBoundsException", message);

staticClass("java.lang.System", {
  arraycopy(from, at, to, toAt, length) {
    if (
      at < 0 ||
      toAt < 0 ||
      length < 0 ||
      at + length > from.length ||
      toAt + length > to.length
    ) {
      throw outOfBounds("arraycopy: last index is beyond the end of an array");
    }
    const copied = Array.prototype.slice.call(from, at, at + length);
    for (let index = 0; index < length; index++) to[toAt + index] = copied[index];
  },
  currentTimeMillis: () => Date.now(),
  err: printer("error"),
  getProperty: (_name, otherwise) => otherwise ?? null,
  getenv: () => null,
  identityHashCode(value) {
    if (typeof value !== "object" || value === null) return 0;
    if (!identities.has(value)) identities.set(value, ++lastIdentity);
    return identities.get(value);
  },
  lineSeparator: () => "\n",
  nanoTime: () => Date.now() * 1_000_000,
  out: printer("info"),
});

staticClass("java.lang.Class", {
  forName(name) {
    const found = findClass(String(name));
    if (found === undefined) throw new MissingClass(String(name));
    return found.class;
  },
});

const isText = (value) => typeof value === "string" || value instanceof String;

class StringBuilder extends JavaObject {
  #text;
  constructor(text) {
    super();
    this.#text = typeof text === "number" || text === undefined ? "" : javaText(text);
  }
  append(value, ...range) {
    const text = Array.isArray(value) ? value.join("") : javaText(value);
    this.#text += range.length === 2 ? text.slice(...range) : text;
    return this;
  }
  appendCodePoint(code) {
    this.#text += String.fromCodePoint(code);
    return this;
  }
  capacity() {
    return this.#text.length;
  }
  charAt(index) {
    if (index >= 0 && index < this.#text.length) return this.#text[index];
    throw exceptionOf(
      "java.lang.StringIndexOutOfBoundsException",
      `index ${index},length ${this.#text.length}`,
    );
  }
  compareTo(other) {
    return this.#text.compareTo(String(other));
  }
  delete(from, to) {
    return this.replace(from, to, "");
  }
  deleteCharAt(index) {
    this.charAt(index);
    return this.replace(index, index + 1, "");
  }
  indexOf(part, from) {
    return this.#text.indexOf(part, from);
  }
  insert(index, value) {
    return this.replace(index, index, javaText(value));
  }
  isEmpty() {
    return this.#text === "";
  }
  lastIndexOf(part, from) {
    return this.#text.lastIndexOf(part, from);
  }
  length() {
    return this.#text.length;
  }
  replace(from, to, text) {
    this.#text = this.#text.slice(0, from) + text + this.#text.slice(Math.max(from, to));
    return this;
  }
  reverse() {
    this.#text = [...this.#text].reverse().join("");
    return this;
  }
  setCharAt(index, letter) {
    this.charAt(index);
    this.replace(index, index + 1, letter);
  }
  setLength(length) {
    this.#text = this.#text.slice(0, length).padEnd(length, "\0");
  }
  substring(from, to) {
    return this.#text.substring(from, to);
  }
  toJSON() {
    return this.#text;
  }
  toString() {
    return this.#text;
  }
}
javaClass("java.lang.StringBuilder", StringBuilder);
javaClass("java.lang.StringBuffer", class StringBuffer extends StringBuilder {});
javaClass("java.lang.CharSequence", function CharSequence() {});
Object.defineProperty(findClass("java.lang.CharSequence"), Symbol.hasInstance, {
  value: (value) => isText(value) || value instanceof StringBuilder,
});

class StringJoiner extends JavaObject {
  #parts = [];
  #marks;
  constructor(separator, start = "", end = "") {
    super();
    this.#marks = [separator, start, end];
  }
  add(part) {
    this.#parts.push(javaText(part));
    return this;
  }
  length() {
    return this.toString().length;
  }
  toString() {
    const [separator, start, end] = this.#marks;
    return start + this.#parts.join(separator) + end;
  }
}
javaClass("java.util.StringJoiner", StringJoiner);

class StringTokenizer extends JavaObject {
  #tokens;
  constructor(text, marks = " \t\n\r\f") {
    super();
    const parts = [""];
    for (const letter of String(text)) {
      if (marks.includes(letter)) parts.push("");
      else parts[parts.length - 1] += letter;
    }
    this.#tokens = parts.filter((part) => part !== "");
  }
  countTokens() {
    return this.#tokens.length;
  }
  hasMoreTokens() {
    return this.#tokens.length > 0;
  }
  hasMoreElements() {
    return this.hasMoreTokens();
  }
  nextElement() {
    return this.nextToken();
  }
  nextToken() {
    if (this.hasMoreTokens()) return this.#tokens.shift();
    throw exceptionOf("java.util.NoSuchElementException");
  }
}
javaClass("java.util.StringTokenizer", StringTokenizer);
