// java.util.Random with Java's own numbers for a seed, and SecureRandom with bytes of the host.
import { call } from "./bridge.js";
import { fromBase64 } from "./java_bytes.js";
import { JavaObject, javaClass } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

/** Java's generator: 48 bits, multiplied and shifted on (Knuth's linear congruence). */
const multiplier = 0x5deece66dn;
const mask = (1n << 48n) - 1n;

class Random extends JavaObject {
  constructor(seed) {
    super();
    this.setSeed(seed === undefined ? Math.floor(Math.random() * 2 ** 48) : seed);
  }
  setSeed(seed) {
    this.state = (BigInt(Math.trunc(seed)) ^ multiplier) & mask;
    this.spare = null;
  }
  /** Up to 32 random bits, as a signed number when all 32 are wanted. */
  bits(count) {
    this.state = (this.state * multiplier + 0xbn) & mask;
    return Number(BigInt.asIntN(32, this.state >> BigInt(48 - count)));
  }
  nextBoolean() {
    return this.bits(1) !== 0;
  }
  nextBytes(bytes) {
    for (let at = 0; at < bytes.length; ) {
      let word = this.bits(32);
      for (let left = Math.min(4, bytes.length - at); left > 0; left--, word >>= 8) {
        bytes[at++] = (word << 24) >> 24;
      }
    }
  }
  nextDouble() {
    return (this.bits(26) * 2 ** 27 + this.bits(27)) / 2 ** 53;
  }
  nextFloat() {
    return this.bits(24) / 2 ** 24;
  }
  nextGaussian() {
    if (this.spare !== null) {
      const { spare } = this;
      this.spare = null;
      return spare;
    }
    let [one, other, size] = [0, 0, 0];
    do {
      [one, other] = [2 * this.nextDouble() - 1, 2 * this.nextDouble() - 1];
      size = one * one + other * other;
    } while (size >= 1 || size === 0);
    const factor = Math.sqrt((-2 * Math.log(size)) / size);
    this.spare = other * factor;
    return one * factor;
  }
  nextInt(...bounds) {
    if (bounds.length === 2) return bounds[0] + this.nextInt(bounds[1] - bounds[0]);
    const [bound] = bounds;
    if (bound === undefined) return this.bits(32);
    if (!(bound > 0)) {
      throw exceptionOf("java.lang.IllegalArgumentException", "bound must be positive");
    }
    if ((bound & -bound) === bound) return Number((BigInt(bound) * BigInt(this.bits(31))) >> 31n);
    for (;;) {
      const drawn = this.bits(31);
      const value = drawn % bound;
      // The last numbers of the range would come too often.
      if (drawn - value + (bound - 1) <= 0x7fffffff) return value;
    }
  }
  nextLong() {
    return Number(BigInt.asIntN(64, (BigInt(this.bits(32)) << 32n) + BigInt(this.bits(32))));
  }
}
javaClass("java.util.Random", Random);

class ThreadLocalRandom extends Random {
  static current() {
    return new ThreadLocalRandom();
  }
}
javaClass("java.util.concurrent.ThreadLocalRandom", ThreadLocalRandom);

/** Draws from the host, a few bytes at a time. */
class SecureRandom extends Random {
  #pool = [];
  static getInstance() {
    return new SecureRandom();
  }
  static getInstanceStrong() {
    return new SecureRandom();
  }
  setSeed() {}
  bits(count) {
    let word = 0;
    for (let left = 0; left < 4; left++) word = (word << 8) | this.nextByte();
    return count === 32 ? word : word >>> (32 - count);
  }
  generateSeed(count) {
    const bytes = new Int8Array(count);
    this.nextBytes(bytes);
    return bytes;
  }
  nextByte() {
    if (this.#pool.length === 0) this.#pool = [...fromBase64(call("random.bytes", 64))];
    return this.#pool.pop() & 0xff;
  }
  nextBytes(bytes) {
    for (let at = 0; at < bytes.length; at++) bytes[at] = (this.nextByte() << 24) >> 24;
  }
}
javaClass("java.security.SecureRandom", SecureRandom);
