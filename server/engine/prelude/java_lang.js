// java.lang: strings, numbers, System and StringBuilder, and Java's methods on plain strings.
import { extendPrototype } from "./builtins.js";
import { fromUtf8, utf8 } from "./java_bytes.js";
import {
  findClass,
  hashOfText,
  JavaObject,
  javaClass,
  javaText,
  staticClass,
} from "./java_classes.js";
import { formatText } from "./java_format.js";
import { exceptionOf } from "./java_throwables.js";
import { writeLog } from "./log.js";

/** `new java.lang.String(x)` is a string object of the language; calling it gives a plain string. */
function JavaString(value) {
  const isBytes = ArrayBuffer.isView(value);
  const text = value === undefined ? "" : isBytes ? fromUtf8(value) : javaText(value);
  return new.target === undefined ? text : Object(text);
}
JavaString.valueOf = javaText;
JavaString.format = formatText;
JavaString.join = (separator, ...parts) => {
  const [first] = parts;
  const list = parts.length === 1 && typeof first === "object" ? [...first] : parts;
  return list.map(javaText).join(separator);
};
javaClass("java.lang.String", JavaString);

const isText = (value) => typeof value === "string" || value instanceof String;
const order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

extendPrototype(String.prototype, {
  compareTo(other) {
    return order(String(this), String(other));
  },
  compareToIgnoreCase(other) {
    return order(this.toLowerCase(), String(other).toLowerCase());
  },
  contains(part) {
    return this.includes(String(part));
  },
  equals(other) {
    return isText(other) && String(this) === String(other);
  },
  equalsIgnoreCase(other) {
    return isText(other) && this.toLowerCase() === String(other).toLowerCase();
  },
  getBytes() {
    return utf8(this);
  },
  getClass() {
    return JavaString.class;
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
  matches(pattern) {
    return new RegExp(`^(?:${pattern})$`).test(this);
  },
  replaceFirst(pattern, replacement) {
    return this.replace(new RegExp(pattern), replacement);
  },
  strip() {
    return this.trim();
  },
  toCharArray() {
    return this.split("");
  },
});

extendPrototype(Number.prototype, {
  compareTo(other) {
    return order(Number(this), Number(other));
  },
  doubleValue() {
    return Number(this);
  },
  equals(other) {
    return typeof other === "number" && Number(this) === other;
  },
  hashCode() {
    return this | 0;
  },
  intValue() {
    return this | 0;
  },
  longValue() {
    return Math.trunc(this);
  },
});

extendPrototype(Boolean.prototype, {
  booleanValue() {
    return this.valueOf();
  },
  equals(other) {
    return this.valueOf() === other;
  },
});

const parseInteger = (value, radix = 10) => {
  if (typeof value === "number") return Math.trunc(value);
  const number = /^[+-]?[0-9a-z]+$/i.test(value) ? Number.parseInt(value, radix) : Number.NaN;
  if (!Number.isNaN(number)) return number;
  throw exceptionOf("java.lang.NumberFormatException", `For input string: "${value}"`);
};

const parseBoolean = (value) => String(value).toLowerCase() === "true";

/** Boxed classes: `new java.lang.Integer("1")` gives a number object, `valueOf` a plain value. */
const boxedClass = (name, read, members) => {
  function Boxed(value) {
    return Object(read(value));
  }
  Object.assign(Boxed, members);
  Boxed.valueOf = (value) => read(value);
  Boxed.toString = (value) => (value === undefined ? name : String(value));
  return javaClass(name, Boxed);
};
const compare = order;
const toHexString = (value) => (value >>> 0).toString(16);
boxedClass("java.lang.Integer", parseInteger, {
  parseInt: parseInteger,
  compare,
  toHexString,
  MAX_VALUE: 2147483647,
  MIN_VALUE: -2147483648,
});
boxedClass("java.lang.Long", parseInteger, {
  parseLong: parseInteger,
  compare,
  MAX_VALUE: Number.MAX_SAFE_INTEGER,
  MIN_VALUE: Number.MIN_SAFE_INTEGER,
});
boxedClass("java.lang.Double", Number, { parseDouble: Number, compare });
boxedClass("java.lang.Boolean", parseBoolean, { parseBoolean, TRUE: true, FALSE: false });

const { abs, ceil, floor, max, min, pow, round, sqrt } = Math;
staticClass("java.lang.Math", {
  abs,
  ceil,
  floor,
  max,
  min,
  pow,
  random: () => Math.random(),
  round,
  sqrt,
});

const printer = (level) => ({ println: (value) => writeLog(level, javaText(value)) });
staticClass("java.lang.System", {
  currentTimeMillis: () => Date.now(),
  nanoTime: () => Date.now() * 1_000_000,
  getProperty: () => null,
  getenv: () => null,
  lineSeparator: () => "\n",
  out: printer("info"),
  err: printer("error"),
});

class StringBuilder extends JavaObject {
  #text;
  constructor(text) {
    super();
    this.#text = isText(text) ? String(text) : "";
  }
  append(value) {
    this.#text += javaText(value);
    return this;
  }
  charAt(index) {
    return this.#text[index];
  }
  deleteCharAt(index) {
    this.#text = this.#text.slice(0, index) + this.#text.slice(index + 1);
    return this;
  }
  indexOf(part) {
    return this.#text.indexOf(part);
  }
  insert(index, value) {
    this.#text = this.#text.slice(0, index) + javaText(value) + this.#text.slice(index);
    return this;
  }
  length() {
    return this.#text.length;
  }
  reverse() {
    this.#text = [...this.#text].reverse().join("");
    return this;
  }
  setLength(length) {
    this.#text = this.#text.slice(0, length);
  }
  toString() {
    return this.#text;
  }
}
javaClass("java.lang.StringBuilder", StringBuilder);
javaClass("java.lang.StringBuffer", class extends findClass("java.lang.StringBuilder") {});
