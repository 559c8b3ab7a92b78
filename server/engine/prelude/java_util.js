// java.util and java.time beside the collections: UUID, Date, Instant, Base64 and static helpers.
import { call } from "./bridge.js";
import { base64, bytesOf, fromBase64, fromUtf8, utf8 } from "./java_bytes.js";
import { JavaObject, javaClass, javaEquals, javaText, staticClass } from "./java_classes.js";
import { ArrayList } from "./java_lists.js";
import { HashMap } from "./java_maps.js";
import { exceptionOf } from "./java_throwables.js";

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

class UUID extends JavaObject {
  #text;
  constructor(text) {
    super();
    this.#text = text;
  }
  static randomUUID() {
    return new UUID(call("random.uuid"));
  }
  static fromString(value) {
    const text = String(value).toLowerCase();
    if (uuidForm.test(text)) return new UUID(text);
    throw exceptionOf("java.lang.IllegalArgumentException", `Invalid UUID string: ${value}`);
  }
  equals(other) {
    return other instanceof UUID && String(other) === this.#text;
  }
  toJSON() {
    return this.#text;
  }
  toString() {
    return this.#text;
  }
}
javaClass("java.util.UUID", UUID);

class JavaDate extends JavaObject {
  #ms;
  constructor(ms) {
    super();
    this.#ms = ms === undefined ? Date.now() : Number(ms);
  }
  after(other) {
    return this.#ms > other.getTime();
  }
  before(other) {
    return this.#ms < other.getTime();
  }
  compareTo(other) {
    return this.#ms - other.getTime();
  }
  equals(other) {
    return other instanceof JavaDate && other.getTime() === this.#ms;
  }
  getTime() {
    return this.#ms;
  }
  toInstant() {
    return new Instant(this.#ms);
  }
  toString() {
    return new Date(this.#ms).toUTCString();
  }
}
javaClass("java.util.Date", JavaDate);

class Instant extends JavaObject {
  #ms;
  constructor(ms) {
    super();
    this.#ms = ms;
  }
  static now() {
    return new Instant(Date.now());
  }
  static ofEpochMilli(ms) {
    return new Instant(ms);
  }
  static ofEpochSecond(seconds) {
    return new Instant(seconds * 1000);
  }
  static parse(text) {
    return new Instant(Date.parse(text));
  }
  getEpochSecond() {
    return Math.floor(this.#ms / 1000);
  }
  isAfter(other) {
    return this.#ms > other.toEpochMilli();
  }
  isBefore(other) {
    return this.#ms < other.toEpochMilli();
  }
  minusSeconds(seconds) {
    return new Instant(this.#ms - seconds * 1000);
  }
  plusMillis(ms) {
    return new Instant(this.#ms + ms);
  }
  plusSeconds(seconds) {
    return new Instant(this.#ms + seconds * 1000);
  }
  toEpochMilli() {
    return this.#ms;
  }
  toString() {
    return new Date(this.#ms).toISOString();
  }
}
javaClass("java.time.Instant", Instant);

class Random extends JavaObject {
  nextBoolean() {
    return this.nextDouble() < 0.5;
  }
  nextBytes(bytes) {
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.nextInt(256);
  }
  nextDouble() {
    return Math.random();
  }
  nextInt(bound) {
    const word = Math.floor(this.nextDouble() * 4294967296);
    return bound === undefined ? word | 0 : Math.floor((word / 4294967296) * bound);
  }
}
javaClass("java.util.Random", Random);

/** Draws from the host, a few bytes at a time. */
class SecureRandom extends Random {
  #pool = [];
  nextByte() {
    if (this.#pool.length === 0) this.#pool = [...fromBase64(call("random.bytes", 64))];
    return this.#pool.pop() & 0xff;
  }
  nextBytes(bytes) {
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.nextByte();
  }
  nextDouble() {
    let value = 0;
    for (let count = 0; count < 6; count++) value = (value + this.nextByte()) / 256;
    return value;
  }
}
javaClass("java.security.SecureRandom", SecureRandom);

const encoder = (options) => ({
  encode: (value) => utf8(base64(bytesOf(value), options)),
  encodeToString: (value) => base64(bytesOf(value), options),
  withoutPadding: () => encoder({ ...options, padding: false }),
});
const base64Text = (value) => (typeof value === "object" ? fromUtf8(value) : String(value));
const decoder = { decode: (value) => fromBase64(base64Text(value)) };
const mimeDecoder = { decode: (value) => fromBase64(base64Text(value).replace(/\s+/g, "")) };
staticClass("java.util.Base64", {
  getDecoder: () => decoder,
  getEncoder: () => encoder({}),
  getMimeDecoder: () => mimeDecoder,
  getUrlDecoder: () => decoder,
  getUrlEncoder: () => encoder({ url: true }),
});

staticClass("java.util.Arrays", {
  asList: (...values) =>
    new ArrayList(values.length === 1 && Array.isArray(values[0]) ? values[0] : values),
  equals: (one, other) =>
    one.length === other.length && Array.from(one).every((value, at) => value === other[at]),
  toString: (array) => javaText(array === undefined ? "java.util.Arrays" : Array.from(array)),
});

staticClass("java.util.Collections", {
  emptyList: () => new ArrayList(),
  emptyMap: () => new HashMap(),
  singletonList: (value) => new ArrayList([value]),
  singletonMap(key, value) {
    const map = new HashMap();
    map.put(key, value);
    return map;
  },
});

staticClass("java.util.Objects", {
  equals: javaEquals,
  isNull: (value) => value === null || value === undefined,
  nonNull: (value) => value !== null && value !== undefined,
  toString: javaText,
  requireNonNull(value, message) {
    if (value !== null && value !== undefined) return value;
    throw exceptionOf("java.lang.NullPointerException", message);
  },
});
