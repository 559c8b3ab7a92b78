// Bytes as Java has them: signed, in an Int8Array; with UTF-8 and base64 both ways.
import { exceptionOf } from "./java_throwables.js";

const push = (bytes, point, lead, tails) => {
  bytes.push(lead | (point >> (6 * tails)));
  for (let left = tails - 1; left >= 0; left--) bytes.push(0x80 | ((point >> (6 * left)) & 0x3f));
};

/** The UTF-8 of a text; a lone surrogate becomes the replacement character. */
export const utf8 = (text) => {
  const bytes = [];
  for (const character of String(text)) {
    const point = character.codePointAt(0);
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) push(bytes, point, 0xc0, 1);
    else if (point >= 0xd800 && point < 0xe000) bytes.push(0xef, 0xbf, 0xbd);
    else if (point < 0x10000) push(bytes, point, 0xe0, 2);
    else push(bytes, point, 0xf0, 3);
  }
  return Int8Array.from(bytes);
};

/** The text of UTF-8 bytes; what is not UTF-8 becomes the replacement character. */
export const fromUtf8 = (signed) => {
  const bytes = Uint8Array.from(signed);
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at++];
    const tails =
      lead < 0x80 ? 0 : lead >> 5 === 6 ? 1 : lead >> 4 === 14 ? 2 : lead >> 3 === 30 ? 3 : -1;
    let point = tails === 0 ? lead : lead & (0x3f >> tails);
    let left = tails;
    while (left > 0 && bytes[at] >> 6 === 2) {
      point = (point << 6) | (bytes[at++] & 0x3f);
      left--;
    }
    text += left === 0 && point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
  }
  return text;
};

/** The bytes of a text or of something that already is bytes. */
export const bytesOf = (value) =>
  typeof value === "string" || value instanceof String ? utf8(value) : Int8Array.from(value);

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const urlAlphabet = `${alphabet.slice(0, 62)}-_`;
const sixBits = new Map([...alphabet, ...urlAlphabet].map((letter, index) => [letter, index % 64]));

/** Base64 of bytes, in the plain or the URL alphabet, with or without padding. */
export const base64 = (bytes, { url = false, padding = true } = {}) => {
  const letters = url ? urlAlphabet : alphabet;
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group =
      ((bytes[at] & 0xff) << 16) |
      (left > 1 ? (bytes[at + 1] & 0xff) << 8 : 0) |
      (left > 2 ? bytes[at + 2] & 0xff : 0);
    text += letters[group >> 18] + letters[(group >> 12) & 63];
    text += left > 1 ? letters[(group >> 6) & 63] : padding ? "=" : "";
    text += left > 2 ? letters[group & 63] : padding ? "=" : "";
  }
  return text;
};

/** The bytes of base64 text in either alphabet. */
export const fromBase64 = (text) => {
  const bytes = [];
  let [bits, count] = [0, 0];
  for (const letter of text.replace(/=+$/, "")) {
    const value = sixBits.get(letter);
    if (value === undefined) {
      throw exceptionOf("java.lang.IllegalArgumentException", "Illegal base64 character");
    }
    bits = ((bits << 6) | value) & 0xfff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
  }
  return Int8Array.from(bytes);
};
