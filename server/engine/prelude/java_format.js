// String.format: Java's conversions of numbers, texts and characters.
import { hashOfText, javaHash, javaText, nameOfClass } from "./java_classes.js";
import { exceptionClass, exceptionOf } from "./java_throwables.js";

const illegalFormat = "java.util.IllegalFormatException";
exceptionClass(illegalFormat, "java.lang.IllegalArgumentException");
for (const kind of [
  "IllegalFormatConversionException",
  "MissingFormatArgumentException",
  "UnknownFormatConversionException",
]) {
  exceptionClass(`java.util.${kind}`, illegalFormat);
}

const directive = /%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;
const group = (digits) => digits.replace(/\B(?=(?:\d{3})+(?!\d))/g, ",");

/** Digits of a number that is not negative, rounded half up as Java does it, on its decimal text. */
const roundedHalfUp = (value, places) => {
  const [mantissa, exponent = "0"] = String(value).split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  const digits = BigInt(whole + fraction);
  const drop = fraction.length - Number(exponent) - places;
  const scaled =
    drop <= 0 ? digits * 10n ** BigInt(-drop) : (digits / 10n ** BigInt(drop - 1) + 5n) / 10n;
  const text = String(scaled).padStart(places + 1, "0");
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
};

const scientific = (value, places) => {
  const [mantissa, exponent] = value.toExponential(places).split("e");
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
};

const classOf = (value) =>
  typeof value === "string"
    ? "java.lang.String"
    : typeof value === "number"
      ? "java.lang.Double"
      : (nameOfClass(value?.constructor) ?? typeof value);

const refused = (value, kind) =>
  exceptionOf("java.util.IllegalFormatConversionException", `${kind} != ${classOf(value)}`);

const integerOf = (value, kind) => {
  const plain = typeof value === "object" ? (value.toBigInt?.() ?? value.valueOf()) : value;
  if (typeof plain === "bigint" || Number.isInteger(plain)) return BigInt(plain);
  throw refused(value, kind);
};

const numberOf = (value, kind) => {
  const plain = typeof value === "object" ? Number(value) : value;
  if (typeof plain === "number") return plain;
  throw refused(value, kind);
};

/** A number with its sign and its groups, as the flags want them. */
const signed = (isNegative, digits, flags) => {
  const [whole, ...rest] = digits.split(".");
  const text = [flags.includes(",") ? group(whole) : whole, ...rest].join(".");
  if (isNegative) return flags.includes("(") ? `(${text})` : `-${text}`;
  return `${flags.includes("+") ? "+" : flags.includes(" ") ? " " : ""}${text}`;
};

const decimal =
  (write) =>
  (value, { flags, precision, kind }) => {
    const number = numberOf(value, kind);
    if (!Number.isFinite(number)) return String(number);
    const isNegative = number < 0 || Object.is(number, -0);
    return signed(isNegative, write(Math.abs(number), precision ?? 6), flags);
  };

/** Two's complement of the smallest of Java's integers that holds the number. */
const based =
  (radix, prefix) =>
  (value, { flags, kind }) => {
    const integer = integerOf(value, kind);
    const bits = integer >= -(2n ** 31n) ? 32 : 64;
    const digits = (integer < 0n ? BigInt.asUintN(bits, integer) : integer).toString(radix);
    return flags.includes("#") ? prefix + digits : digits;
  };

const cut = (text, { precision }) => (precision === undefined ? text : text.slice(0, precision));

const conversions = {
  b: (value, how) => cut(String(typeof value === "boolean" ? value : value !== null), how),
  c: (value) => (typeof value === "number" ? String.fromCodePoint(value) : javaText(value)),
  d(value, { flags, kind }) {
    const integer = integerOf(value, kind);
    return signed(integer < 0n, String(integer < 0n ? -integer : integer), flags);
  },
  e: decimal(scientific),
  f: decimal(roundedHalfUp),
  g: decimal((value, places) =>
    value !== 0 && (value < 1e-4 || value >= 10 ** places)
      ? scientific(value, Math.max(0, places - 1))
      : roundedHalfUp(
          value,
          Math.max(0, places - 1 - (value === 0 ? 0 : Math.floor(Math.log10(value)))),
        ),
  ),
  h: (value) =>
    ((typeof value === "string" ? hashOfText(value) : javaHash(value)) >>> 0).toString(16),
  o: based(8, "0"),
  s: (value, how) => cut(javaText(value), how),
  x: based(16, "0x"),
};

const padded = (text, { flags, width }) => {
  if (width === undefined) return text;
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0")) return text.padStart(width);
  const [sign] = /^[-+ (]|^/.exec(text);
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
};

const optional = (digits) => (digits === undefined ? undefined : Number(digits));

const converted = (value, how, directiveText) => {
  const convert = conversions[how.kind.toLowerCase()];
  if (convert === undefined || (how.kind !== how.kind.toLowerCase() && /[dfo]/i.test(how.kind))) {
    throw exceptionOf(
      "java.util.UnknownFormatConversionException",
      `Conversion = '${directiveText.at(-1)}'`,
    );
  }
  const isNull = (value === null || value === undefined) && !/[bhs]/i.test(how.kind);
  const text = padded(isNull ? "null" : convert(value, how), how);
  return how.kind === how.kind.toLowerCase() ? text : text.toUpperCase();
};

/** `String.format(pattern, ...values)` of Java. A first argument that is a Locale is left out. */
export const formatText = (first, ...rest) => {
  const hasLocale = first === null || (typeof first === "object" && !(first instanceof String));
  const [pattern, ...values] = hasLocale ? rest : [first, ...rest];
  let next = 0;
  let last = 0;
  return String(pattern).replace(
    directive,
    (all, position, again, flags, width, precision, kind) => {
      const how = { flags, width: optional(width), precision: optional(precision), kind };
      if (kind === "%") return padded("%", how);
      if (kind === "n") return "\n";
      last = again === undefined ? (position === undefined ? next++ : position - 1) : last;
      if (last < values.length) return converted(values[last], how, all);
      throw exceptionOf("java.util.MissingFormatArgumentException", `Format specifier '${all}'`);
    },
  );
};
