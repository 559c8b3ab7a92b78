// java.math.BigInteger, on the whole numbers of the language.
import { addMethods, compareValues, JavaObject, javaClass } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

const digits = "0123456789abcdefghijklmnopqrstuvwxyz";

const parsed = (given, radix) => {
  const text = String(given).toLowerCase();
  const [, sign, rest] = /^([+-]?)([0-9a-z]+)$/.exec(text) ?? [];
  let value = 0n;
  for (const letter of rest ?? "!") {
    const digit = digits.indexOf(letter);
    if (digit < 0 || digit >= radix) {
      throw exceptionOf("java.lang.NumberFormatException", `For input string: "${given}"`);
    }
    value = value * BigInt(radix) + BigInt(digit);
  }
  return sign === "-" ? -value : value;
};

const hexOf = (bytes) =>
  Array.from(bytes, (byte) => (byte & 0xff).toString(16).padStart(2, "0")).join("");
const unsigned = (bytes) => (bytes.length === 0 ? 0n : BigInt(`0x${hexOf(bytes)}`));

const integerOf = (...given) => {
  const [first, second] = given;
  if (typeof first === "bigint") return first;
  if (ArrayBuffer.isView(first)) return BigInt.asIntN(first.length * 8, unsigned(first));
  return ArrayBuffer.isView(second)
    ? BigInt(first) * unsigned(second)
    : parsed(first, second ?? 10);
};

/** The number of bits that a number takes beside its sign. */
const bitLength = (value) =>
  (value < 0n ? -value - 1n : value).toString(2).replace(/^0$/, "").length;

const power = (base, exponent, modulus) => {
  let [result, factor] = [1n, mod(base, modulus)];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * factor) % modulus;
    factor = (factor * factor) % modulus;
  }
  return result % modulus;
};
const mod = (value, modulus) => ((value % modulus) + modulus) % modulus;
const divisor = (one, other) =>
  other === 0n ? (one < 0n ? -one : one) : divisor(other, one % other);

const nonZero = (value) => {
  if (value !== 0n) return value;
  throw exceptionOf("java.lang.ArithmeticException", "BigInteger divide by zero");
};

class BigInteger extends JavaObject {
  constructor(...given) {
    super();
    this.value = integerOf(...given);
  }
  static valueOf(value) {
    return new BigInteger(BigInt(Math.trunc(value)));
  }
  bitLength() {
    return bitLength(this.value);
  }
  compareTo(other) {
    return compareValues(this.value, other.value);
  }
  equals(other) {
    return other instanceof BigInteger && other.value === this.value;
  }
  intValue() {
    return Number(BigInt.asIntN(32, this.value));
  }
  longValue() {
    return Number(BigInt.asIntN(64, this.value));
  }
  doubleValue() {
    return Number(this.value);
  }
  modPow(exponent, modulus) {
    return new BigInteger(power(this.value, exponent.value, nonZero(modulus.value)));
  }
  signum() {
    return this.value < 0n ? -1 : this.value > 0n ? 1 : 0;
  }
  testBit(at) {
    return ((this.value >> BigInt(at)) & 1n) === 1n;
  }
  toBigInt() {
    return this.value;
  }
  toByteArray() {
    const length = Math.floor(bitLength(this.value) / 8) + 1;
    const hex = BigInt.asUintN(length * 8, this.value)
      .toString(16)
      .padStart(length * 2, "0");
    return Int8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
  }
  toString(radix = 10) {
    return this.value.toString(radix);
  }
}
const operations = {
  abs: (one) => (one < 0n ? -one : one),
  add: (one, other) => one + other,
  and: (one, other) => one & other,
  divide: (one, other) => one / nonZero(other),
  gcd: (one, other) => divisor(one, other),
  max: (one, other) => (compareValues(one, other) > 0 ? one : other),
  min: (one, other) => (compareValues(one, other) < 0 ? one : other),
  mod: (one, other) => mod(one, nonZero(other)),
  multiply: (one, other) => one * other,
  negate: (one) => -one,
  not: (one) => ~one,
  or: (one, other) => one | other,
  pow: (one, count) => one ** BigInt(count),
  remainder: (one, other) => one % nonZero(other),
  shiftLeft: (one, count) => one << BigInt(count),
  shiftRight: (one, count) => one >> BigInt(count),
  subtract: (one, other) => one - other,
  xor: (one, other) => one ^ other,
};
for (const name of Object.keys(operations)) {
  addMethods(BigInteger, {
    [name]: function (other) {
      return new BigInteger(operations[name](this.value, other?.value ?? other));
    },
  });
}
Object.assign(BigInteger, {
  ONE: new BigInteger(1n),
  TEN: new BigInteger(10n),
  TWO: new BigInteger(2n),
  ZERO: new BigInteger(0n),
});
javaClass("java.math.BigInteger", BigInteger);
