// java.lang's numbers, Boolean, Character and Math.
import { compareValues, hashOfText, javaClass, staticClass } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

const bytesOfNumber = (value) => BigInt.asUintN(64, doubleBits(value));
const doubleBits = (value) => new BigInt64Array(new Float64Array([value]).buffer)[0];
const foldedHash = (bits) => Number(BigInt.asIntN(32, bits ^ (bits >> 32n)));

/** The hash of a number: an Integer's where it is one, a Double's otherwise. */
export const hashOfNumber = (value) =>
  Number.isInteger(value) && !Object.is(value, -0)
    ? value === (value | 0)
      ? value
      : foldedHash(BigInt.asUintN(64, BigInt(value)))
    : foldedHash(bytesOfNumber(value));

/** A floating-point number as Java writes it. */
const doubleText = (value) => {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return "-0.0";
  if (size === 0 || (size >= 1e-3 && size < 1e7)) {
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  const [mantissa, exponent] = value.toExponential().split("e");
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
};

const badNumber = (text) =>
  exceptionOf(
    "java.lang.NumberFormatException",
    text === null || text === undefined ? "null" : `For input string: "${text}"`,
  );

const digitsOf = (radix) =>
  new RegExp(`^[+-]?[${"0123456789abcdefghijklmnopqrstuvwxyz".slice(0, radix)}]+$`, "i");

/** Reads the whole numbers between two bounds; a number is cut to them as a cast would. */
const integerReader =
  (least, most) =>
  (value, radix = 10) => {
    if (typeof value === "number" || value instanceof Number) return Math.trunc(value);
    if (value === null || value === undefined || !digitsOf(radix).test(value))
      throw badNumber(value);
    const number = Number.parseInt(value, radix);
    if (number >= least && number <= most) return number;
    throw badNumber(value);
  };

const doubleForm = /^\s*[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[fd]?)\s*$/i;
const readDouble = (value) => {
  if (typeof value === "number") return value;
  if (value === null || value === undefined) throw exceptionOf("java.lang.NullPointerException");
  if (!doubleForm.test(value)) throw badNumber(value);
  return Number(
    String(value)
      .trim()
      .replace(/(?<=\d\.?)[fd]$/i, ""),
  );
};

const readBoolean = (value) =>
  typeof value === "boolean" ? value : String(value).toLowerCase() === "true";

/** Boxed classes: `new java.lang.Integer("1")` gives a number object, `valueOf` a plain value. */
const boxedClass = (name, read, type, members) => {
  function Boxed(value) {
    return Object(read(value));
  }
  const hashCode = (value) => value.hashCode();
  Object.assign(Boxed, { compare: compareValues, hashCode, ...members });
  const { toString: write = String } = members;
  Boxed.toString = (...values) => (values.length === 0 ? name : write(...values));
  Boxed.valueOf = (value, radix) => read(value, radix);
  Object.defineProperty(Boxed, Symbol.hasInstance, {
    value: (value) => typeof value === type || typeof value?.valueOf?.() === type,
  });
  return javaClass(name, Boxed);
};

const { max, min } = Math;
const sum = (one, other) => one + other;
const signum = Math.sign;

/** The members of the classes of whole numbers with so many bits. */
const integerMembers = (parse, bits, bounds) => {
  const unsigned = (value) => BigInt.asUintN(bits, BigInt(Math.trunc(value)));
  return {
    [parse]: integerReader(bounds.MIN_VALUE, bounds.MAX_VALUE),
    ...bounds,
    BYTES: bits / 8,
    SIZE: bits,
    bitCount: (value) => unsigned(value).toString(2).replaceAll("0", "").length,
    max,
    min,
    signum,
    sum,
    toBinaryString: (value) => unsigned(value).toString(2),
    toHexString: (value) => unsigned(value).toString(16),
    toOctalString: (value) => unsigned(value).toString(8),
    toString: (value, radix = 10) => Math.trunc(value).toString(radix),
  };
};

/** The classes of whole numbers: bits, and the name of the method that reads text. */
const integerClasses = [
  ["java.lang.Integer", 32, "parseInt"],
  ["java.lang.Long", 64, "parseLong"],
  ["java.lang.Short", 16, "parseShort"],
  ["java.lang.Byte", 8, "parseByte"],
];
for (const [name, bits, parse] of integerClasses) {
  const bounds = { MAX_VALUE: 2 ** (bits - 1) - 1, MIN_VALUE: -(2 ** (bits - 1)) };
  const members = integerMembers(parse, bits, bounds);
  boxedClass(name, members[parse], "number", members);
}

const floatMembers = {
  MAX_VALUE: Number.MAX_VALUE,
  MIN_VALUE: Number.MIN_VALUE,
  NEGATIVE_INFINITY: Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
  POSITIVE_INFINITY: Number.POSITIVE_INFINITY,
  isFinite: Number.isFinite,
  isInfinite: (value) => Math.abs(value) === Number.POSITIVE_INFINITY,
  isNaN: (value) => Number.isNaN(Number(value)),
  max,
  min,
  sum,
  toString: (value) => doubleText(Number(value)),
};
boxedClass("java.lang.Double", readDouble, "number", { parseDouble: readDouble, ...floatMembers });
const readFloat = (value) => Math.fround(readDouble(value));
boxedClass("java.lang.Float", readFloat, "number", { parseFloat: readFloat, ...floatMembers });
boxedClass("java.lang.Number", readDouble, "number", {});
boxedClass("java.lang.Boolean", readBoolean, "boolean", {
  FALSE: false,
  TRUE: true,
  logicalAnd: (one, other) => one && other,
  logicalOr: (one, other) => one || other,
  logicalXor: (one, other) => one !== other,
  parseBoolean: readBoolean,
});

const letterOf = (value) =>
  typeof value === "number" ? String.fromCodePoint(value) : String(value);
const isKind = (kind) => (value) => kind.test(letterOf(value));
const like = (change) => (value) =>
  typeof value === "number" ? change(letterOf(value)).codePointAt(0) : change(String(value));
const digit = (value, radix = 36) => {
  const number = Number.parseInt(letterOf(value), radix);
  return Number.isNaN(number) ? -1 : number;
};

const blanks = "\t\n\v\f\r\x1c\x1d\x1e\x1f";

/** A character is a text of length one, or its code. */
function Character(value) {
  return Object(letterOf(value));
}
Object.assign(Character, {
  compare: (one, other) => letterOf(one).charCodeAt(0) - letterOf(other).charCodeAt(0),
  digit,
  forDigit: (value, radix) => (value >= 0 && value < radix ? value.toString(radix) : "\0"),
  getNumericValue: (value) => digit(value),
  hashCode: (value) => hashOfText(letterOf(value)),
  isAlphabetic: isKind(/^\p{Alphabetic}$/u),
  isDigit: isKind(/^\p{Nd}$/u),
  isLetter: isKind(/^\p{L}$/u),
  isLetterOrDigit: isKind(/^[\p{L}\p{Nd}]$/u),
  isLowerCase: isKind(/^\p{Lowercase}$/u),
  isSpaceChar: isKind(/^\p{Z}$/u),
  isUpperCase: isKind(/^\p{Uppercase}$/u),
  isWhitespace: (value) =>
    blanks.includes(letterOf(value)) || /^(?![\xA0\u2007\u202F])\p{Z}$/u.test(letterOf(value)),
  toChars: (code) => String.fromCodePoint(code).split(""),
  toLowerCase: like((letter) => letter.toLowerCase()),
  toString: letterOf,
  toUpperCase: like((letter) => letter.toUpperCase()),
  valueOf: letterOf,
});
javaClass("java.lang.Character", Character);

const exact = (compute) => (one, other) => {
  const result = compute(one, other);
  if (Number.isSafeInteger(result)) return result;
  throw exceptionOf("java.lang.ArithmeticException", "long overflow");
};
const divisor = (value) => {
  if (value !== 0) return value;
  throw exceptionOf("java.lang.ArithmeticException", "/ by zero");
};
const functions = Object.getOwnPropertyNames(Math).filter((name) => name !== "random");
staticClass("java.lang.Math", {
  ...Object.fromEntries(functions.map((name) => [name, Math[name]])),
  addExact: exact(sum),
  floorDiv: (one, other) => Math.floor(one / divisor(other)),
  floorMod: (one, other) => ((one % divisor(other)) + other) % other,
  multiplyExact: exact((one, other) => one * other),
  negateExact: exact((one) => -one),
  random: () => Math.random(),
  rint(value) {
    const low = Math.floor(value);
    return value - low === 0.5 ? low + (low & 1) : Math.round(value);
  },
  signum,
  subtractExact: exact((one, other) => one - other),
  toDegrees: (angle) => (angle * 180) / Math.PI,
  toIntExact(value) {
    if (value === (value | 0)) return value;
    throw exceptionOf("java.lang.ArithmeticException", "integer overflow");
  },
  toRadians: (angle) => (angle / 180) * Math.PI,
});
