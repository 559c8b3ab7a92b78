// java.util.Base64, and the hex and base64 of javax.xml.bind.DatatypeConverter.
import { base64, bytesOf, fromBase64, fromUtf8, utf8 } from "./java_bytes.js";
import { staticClass } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

const inLines = (text) => text.replace(/.{76}(?=.)/g, "$&\r\n");

const encoder = (options) => {
  const write = options.mime ? (bytes) => inLines(base64(bytes, options)) : base64;
  return {
    encode: (value) => utf8(write(bytesOf(value), options)),
    encodeToString: (value) => write(bytesOf(value), options),
    withoutPadding: () => encoder({ ...options, padding: false }),
  };
};

const illegal = (message) => exceptionOf("java.lang.IllegalArgumentException", message);
const textOf = (value) => (typeof value === "object" ? fromUtf8(bytesOf(value)) : String(value));

/** A decoder of one alphabet. Padding may be left out, but not be wrong. */
const decoder = (foreign, clean = (text) => text) => ({
  decode(value) {
    const text = clean(textOf(value));
    const [mark] = foreign.exec(text) ?? [];
    if (mark !== undefined)
      throw illegal(`Illegal base64 character ${mark.charCodeAt(0).toString(16)}`);
    const isPadded = text.endsWith("=");
    if (text.replace(/=+$/, "").length % 4 === 1) {
      throw illegal("Last unit does not have enough valid bits");
    }
    if (isPadded && text.length % 4 !== 0) {
      throw illegal("Input byte array has wrong 4-byte ending unit");
    }
    return fromBase64(text);
  },
});
const basic = decoder(/[^A-Za-z0-9+/=]/);
const url = decoder(/[^A-Za-z0-9_=-]/);
const mime = decoder(/(?!)/, (text) => text.replace(/[^A-Za-z0-9+/=]/g, ""));

staticClass("java.util.Base64", {
  getDecoder: () => basic,
  getEncoder: () => encoder({}),
  getMimeDecoder: () => mime,
  getMimeEncoder: () => encoder({ mime: true }),
  getUrlDecoder: () => url,
  getUrlEncoder: () => encoder({ url: true }),
});

const hexForm = /^(?:[0-9a-fA-F]{2})*$/;
staticClass("javax.xml.bind.DatatypeConverter", {
  parseBase64Binary: (text) => mime.decode(text),
  parseHexBinary(text) {
    if (!hexForm.test(text)) throw illegal(`hexBinary needs to be even-length: ${text}`);
    return Int8Array.from(String(text).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  },
  printBase64Binary: (bytes) => base64(bytes),
  printHexBinary: (bytes) =>
    Array.from(bytes, (byte) => (byte & 0xff).toString(16).padStart(2, "0"))
      .join("")
      .toUpperCase(),
});
