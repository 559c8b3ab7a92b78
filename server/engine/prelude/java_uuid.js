// java.util.UUID.
import { call } from "./bridge.js";
import { base64, fromBase64 } from "./java_bytes.js";
import { JavaObject, javaClass } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

const uuidForm =
  /^([0-9a-f]{1,8})-([0-9a-f]{1,4})-([0-9a-f]{1,4})-([0-9a-f]{1,4})-([0-9a-f]{1,12})$/;
const lengths = [8, 4, 4, 4, 12];

/** The text of 32 hex digits with the dashes of a UUID. */
const dashed = (digits) =>
  [0, 8, 12, 16, 20].map((from, part) => digits.substr(from, lengths[part])).join("-");

const hexOf = (bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, "0");

class UUID extends JavaObject {
  #text;
  constructor(...halves) {
    super();
    const [text] = halves;
    this.#text = halves.length === 2 ? dashed(halves.map(hexOf).join("")) : text;
  }
  static fromString(value) {
    const [, ...parts] = uuidForm.exec(String(value).toLowerCase()) ?? [];
    if (parts.length > 0) {
      return new UUID(parts.map((part, at) => part.padStart(lengths[at], "0")).join("-"));
    }
    throw exceptionOf("java.lang.IllegalArgumentException", `Invalid UUID string: ${value}`);
  }
  static nameUUIDFromBytes(bytes) {
    const hash = fromBase64(call("digest.hash", "MD5", base64(bytes)));
    hash[6] = (hash[6] & 0x0f) | 0x30;
    hash[8] = (hash[8] & 0x3f) | 0x80;
    const digits = Array.from(hash, (byte) => (byte & 0xff).toString(16).padStart(2, "0"));
    return new UUID(dashed(digits.join("")));
  }
  static randomUUID() {
    return new UUID(call("random.uuid"));
  }
  /** One of the two halves, as the signed number that Java makes of it. */
  half(at) {
    const digits = this.#text.replaceAll("-", "").substr(at * 16, 16);
    return BigInt.asIntN(64, BigInt(`0x${digits}`));
  }
  compareTo(other) {
    const [one, two] = [0, 1].map((at) => [this.half(at), other.half(at)]);
    const [left, right] = one[0] === one[1] ? two : one;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  equals(other) {
    return other instanceof UUID && String(other) === this.#text;
  }
  getLeastSignificantBits() {
    return Number(this.half(1));
  }
  getMostSignificantBits() {
    return Number(this.half(0));
  }
  hashCode() {
    const both = this.half(0) ^ this.half(1);
    return Number(BigInt.asIntN(32, both ^ (both >> 32n)));
  }
  toJSON() {
    return this.#text;
  }
  toString() {
    return this.#text;
  }
  variant() {
    return 2;
  }
  version() {
    return Number.parseInt(this.#text[14], 16);
  }
}
javaClass("java.util.UUID", UUID);
