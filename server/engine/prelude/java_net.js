// java.net: URIs and URLs, which REST_TEMPLATE takes as well as text, and the encoding of forms.
import { JavaObject, javaClass, MissingClass, staticClass } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

const parts = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i;
const authority = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;
const illegalMark = /[\s"<>\\^`{|}\p{Cc}]|%(?![0-9a-f]{2})/iu;

const percentDecoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** A path without its dots, as a reference is resolved (RFC 3986, 5.2.4). */
const withoutDots = (path) => {
  const kept = [];
  for (const name of path.split("/")) {
    if (name === "..") kept.length > 1 && kept.pop();
    else if (name !== ".") kept.push(name);
  }
  return /(?:^|\/)\.\.?$/.test(path) ? `${kept.join("/")}/` : kept.join("/");
};

/** java.net.URI: text of a URI and its parts. */
export class URI extends JavaObject {
  #text;
  #parts;
  constructor(text) {
    super();
    this.#text = String(text);
    const [, scheme, place, ...rest] = parts.exec(this.#text) ?? [];
    const [, user, host, port] = authority.exec(place ?? "") ?? [];
    this.#parts = { scheme, place, user, host, port, path: rest[0], query: rest[1], mark: rest[2] };
    if (illegalMark.test(this.#text)) this.refuse();
  }
  static create(text) {
    try {
      return new URI(text);
    } catch (thrown) {
      throw exceptionOf("java.lang.IllegalArgumentException", thrown.message);
    }
  }
  refuse() {
    throw exceptionOf("java.net.URISyntaxException", `Illegal character in URI: ${this.#text}`);
  }
  /** A part as it is written, null when there is none. */
  raw(name) {
    return this.#parts[name] || null;
  }
  decoded(name) {
    const text = this.raw(name);
    return text === null ? null : percentDecoded(text);
  }
  compareTo(other) {
    return this.#text.compareTo(String(other));
  }
  equals(other) {
    return other instanceof URI && String(other) === this.#text;
  }
  getAuthority() {
    return this.decoded("place");
  }
  getFragment() {
    return this.decoded("mark");
  }
  getHost() {
    return this.raw("host");
  }
  getPath() {
    return this.decoded("path") ?? "";
  }
  getPort() {
    return Number(this.raw("port") ?? -1);
  }
  getQuery() {
    return this.decoded("query");
  }
  getRawPath() {
    return this.raw("path") ?? "";
  }
  getRawQuery() {
    return this.raw("query");
  }
  getScheme() {
    return this.raw("scheme");
  }
  getUserInfo() {
    return this.decoded("user");
  }
  isAbsolute() {
    return this.raw("scheme") !== null;
  }
  resolve(reference) {
    const other = new URI(reference);
    if (other.isAbsolute()) return other;
    const start = `${this.getScheme()}://${this.raw("place") ?? ""}`;
    const text = String(other);
    if (text.startsWith("//")) return new URI(`${this.getScheme()}:${text}`);
    const path = other.getRawPath();
    const base = this.getRawPath();
    const whole = path.startsWith("/") ? path : base.slice(0, base.lastIndexOf("/") + 1) + path;
    return new URI(start + withoutDots(whole) + text.slice(path.length));
  }
  toASCIIString() {
    return this.#text.replace(/[^\0-~]+/g, encodeURIComponent);
  }
  toJSON() {
    return this.#text;
  }
  toString() {
    return this.#text;
  }
  toURL() {
    return new URL(this.#text);
  }
}
javaClass("java.net.URI", URI);

const ports = { http: 80, https: 443 };

/** A URL can be taken apart; requests go through REST_TEMPLATE. */
class URL extends URI {
  constructor(text) {
    super(text);
    if (this.isAbsolute()) return;
    throw exceptionOf("java.net.MalformedURLException", `no protocol: ${text}`);
  }
  refuse() {}
  getDefaultPort() {
    return ports[this.getProtocol()] ?? -1;
  }
  getFile() {
    return this.getRawPath() + (this.getRawQuery() === null ? "" : `?${this.getRawQuery()}`);
  }
  getPath() {
    return this.getRawPath();
  }
  getProtocol() {
    return this.getScheme();
  }
  getQuery() {
    return this.getRawQuery();
  }
  getRef() {
    return this.raw("mark");
  }
  openConnection() {
    throw new MissingClass("java.net.HttpURLConnection");
  }
  openStream() {
    throw new MissingClass("java.net.HttpURLConnection");
  }
  toExternalForm() {
    return String(this);
  }
  toURI() {
    return new URI(String(this));
  }
}
javaClass("java.net.URL", URL);

/** The encoding of HTML forms, which Java's URLEncoder has too. */
export const formEncoded = (value) =>
  encodeURIComponent(String(value))
    .replace(/%20/g, "+")
    .replace(/[!'()~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

staticClass("java.net.URLEncoder", { encode: (value) => formEncoded(value) });
staticClass("java.net.URLDecoder", {
  decode(value) {
    try {
      return decodeURIComponent(String(value).replace(/\+/g, " "));
    } catch {
      const message = "URLDecoder: Illegal hex characters in escape (%) pattern";
      throw exceptionOf("java.lang.IllegalArgumentException", message);
    }
  },
});
