// java.net and java.nio.charset: names of URLs, which REST_TEMPLATE takes as well as text.
import { JavaObject, javaClass, staticClass } from "./java_classes.js";

const parts = /^([a-z][a-z0-9+.-]*):\/\/(?:[^@/?#]*@)?([^:/?#]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?/i;

/** java.net.URI: text of a URL and its parts. */
export class URI extends JavaObject {
  #text;
  constructor(text) {
    super();
    this.#text = String(text);
  }
  static create(text) {
    return new URI(text);
  }
  part(index) {
    return parts.exec(this.#text)?.[index] ?? null;
  }
  equals(other) {
    return other instanceof URI && String(other) === this.#text;
  }
  getHost() {
    return this.part(2);
  }
  getPath() {
    return this.part(4);
  }
  getPort() {
    return Number(this.part(3) ?? -1);
  }
  getQuery() {
    return this.part(5);
  }
  getScheme() {
    return this.part(1);
  }
  toJSON() {
    return this.#text;
  }
  toString() {
    return this.#text;
  }
}
javaClass("java.net.URI", URI);
javaClass("java.net.URL", class URL extends URI {});

/** The encoding of HTML forms, which Java's URLEncoder has too. */
export const formEncoded = (value) =>
  encodeURIComponent(String(value))
    .replace(/%20/g, "+")
    .replace(/[!'()~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

staticClass("java.net.URLEncoder", { encode: (value) => formEncoded(value) });
staticClass("java.net.URLDecoder", {
  decode: (value) => decodeURIComponent(String(value).replace(/\+/g, " ")),
});
staticClass("java.nio.charset.StandardCharsets", {
  ISO_8859_1: "ISO-8859-1",
  US_ASCII: "US-ASCII",
  UTF_8: "UTF-8",
});
