// java.security and javax.crypto: the host computes, these classes collect the bytes.
import { call } from "./bridge.js";
import { base64, bytesOf, fromBase64 } from "./java_bytes.js";
import { JavaObject, javaClass } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

/** An algorithm that is fed piece by piece and gives a result of all of them. */
class Digester extends JavaObject {
  constructor(algorithm) {
    super();
    this.name = algorithm;
    this.pieces = [];
  }
  getAlgorithm() {
    return this.name;
  }
  reset() {
    this.pieces = [];
  }
  update(value, offset = 0, length = undefined) {
    const bytes = typeof value === "number" ? [value] : bytesOf(value);
    const end = length === undefined ? bytes.length : offset + length;
    for (const byte of bytes.slice(offset, end)) this.pieces.push(byte);
  }
  /** Takes what was fed, as base64 for the host. */
  taken(last) {
    if (last !== undefined) this.update(last);
    const text = base64(this.pieces);
    this.reset();
    return text;
  }
}

class MessageDigest extends Digester {
  static getInstance(algorithm) {
    const digest = new MessageDigest(String(algorithm));
    // An unknown algorithm is an exception here, as in Java, and not only at the end.
    digest.digest();
    return digest;
  }
  static isEqual(one, other) {
    if (one.length !== other.length) return false;
    let difference = 0;
    for (let at = 0; at < one.length; at++) difference |= one[at] ^ other[at];
    return difference === 0;
  }
  getDigestLength() {
    return fromBase64(call("digest.hash", this.name, "")).length;
  }
  digest(last) {
    return fromBase64(call("digest.hash", this.name, this.taken(last)));
  }
}
javaClass("java.security.MessageDigest", MessageDigest);

class SecretKeySpec extends JavaObject {
  constructor(bytes, algorithm) {
    super();
    if (bytes === null || bytes === undefined || bytes.length === 0) {
      throw exceptionOf("java.lang.IllegalArgumentException", "Empty key");
    }
    this.secret = bytesOf(bytes);
    this.name = String(algorithm);
  }
  getAlgorithm() {
    return this.name;
  }
  getEncoded() {
    return this.secret;
  }
  getFormat() {
    return "RAW";
  }
}
javaClass("javax.crypto.spec.SecretKeySpec", SecretKeySpec);

class Mac extends Digester {
  static getInstance(algorithm) {
    const mac = new Mac(String(algorithm));
    call("digest.hmac", mac.name, "", "");
    return mac;
  }
  getMacLength() {
    return fromBase64(call("digest.hmac", this.name, "", "")).length;
  }
  init(key) {
    this.secret = base64(key.getEncoded());
  }
  doFinal(last) {
    if (this.secret === undefined) {
      throw exceptionOf("java.lang.IllegalStateException", "MAC not initialized");
    }
    return fromBase64(call("digest.hmac", this.name, this.secret, this.taken(last)));
  }
}
javaClass("javax.crypto.Mac", Mac);
