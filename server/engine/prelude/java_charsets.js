// java.nio.charset: the encodings in which Java's texts become bytes and bytes become texts.
import { fromUtf8, utf8 } from "./java_bytes.js";
import { JavaObject, javaClass, staticClass } from "./java_classes.js";
import { exceptionClass, exceptionOf } from "./java_throwables.js";

exceptionClass(
  "java.nio.charset.UnsupportedCharsetException",
  "java.lang.IllegalArgumentException",
);

/** One byte for each character below a bound; the others become question marks. */
const narrow = (bound) => ({
  encode: (text) =>
    Int8Array.from(text, (character) => {
      const point = character.codePointAt(0);
      return point < bound ? point : 0x3f;
    }),
  decode: (bytes) =>
    Array.from(bytes, (byte) =>
      (byte & 0xff) < bound ? String.fromCharCode(byte & 0xff) : "\ufffd",
    ).join(""),
});

/** Two bytes for each UTF-16 unit, the one at `high` being the upper one. */
const wide = (high, mark = []) => ({
  encode(text) {
    const bytes = new Int8Array(text.length * 2);
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      bytes[2 * at + high] = unit >> 8;
      bytes[2 * at + 1 - high] = unit;
    }
    return Int8Array.from([...mark, ...bytes]);
  },
  decode(bytes) {
    let text = "";
    for (let at = 0; at + 1 < bytes.length; at += 2) {
      text += String.fromCharCode(((bytes[at + high] & 0xff) << 8) | (bytes[at + 1 - high] & 0xff));
    }
    return mark.length > 0 && text[0] === "\ufeff" ? text.slice(1) : text;
  },
});

const codecs = {
  "ISO-8859-1": narrow(256),
  "US-ASCII": narrow(128),
  "UTF-16": wide(0, [-2, -1]),
  "UTF-16BE": wide(0),
  "UTF-16LE": wide(1),
  "UTF-8": { encode: utf8, decode: fromUtf8 },
};
const aliases = { ASCII: "US-ASCII", LATIN1: "ISO-8859-1", UTF16: "UTF-16", UTF8: "UTF-8" };

class Charset extends JavaObject {
  #name;
  constructor(name) {
    super();
    this.#name = name;
  }
  static defaultCharset() {
    return charsets["UTF-8"];
  }
  static forName(name) {
    const found = charsetNamed(name);
    if (found !== undefined) return found;
    throw exceptionOf("java.nio.charset.UnsupportedCharsetException", String(name));
  }
  static isSupported(name) {
    return charsetNamed(name) !== undefined;
  }
  displayName() {
    return this.#name;
  }
  name() {
    return this.#name;
  }
  toString() {
    return this.#name;
  }
}
javaClass("java.nio.charset.Charset", Charset);

const charsets = Object.fromEntries(Object.keys(codecs).map((name) => [name, new Charset(name)]));

const charsetNamed = (name) => {
  const text = String(name).toUpperCase();
  return Object.hasOwn(charsets, text) ? charsets[text] : charsets[aliases[text]];
};

const codecOf = (charset) => {
  if (charset === undefined) return codecs["UTF-8"];
  const found = charsetNamed(charset);
  if (found !== undefined) return codecs[found.name()];
  throw exceptionOf("java.io.UnsupportedEncodingException", String(charset));
};

/** The bytes of a text in a charset or one that is named; UTF-8 when there is none. */
export const encoded = (text, charset) => codecOf(charset).encode(String(text));

/** The text of bytes in a charset. */
export const decoded = (bytes, charset) => codecOf(charset).decode(bytes);

staticClass(
  "java.nio.charset.StandardCharsets",
  Object.fromEntries(
    Object.keys(codecs).map((name) => [name.replaceAll("-", "_"), charsets[name]]),
  ),
);
