// org.springframework.http's values: methods, statuses and media types.
import { JavaObject, javaClass, nameOfClass } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

/** An object that is one of a few names. */
class Named extends JavaObject {
  constructor(text) {
    super();
    this.text = text;
  }
  compareTo(other) {
    return this.text.compareTo(other.text);
  }
  equals(other) {
    return other instanceof this.constructor && String(other) === String(this);
  }
  name() {
    return this.text;
  }
  toJSON() {
    return this.text;
  }
  toString() {
    return this.text;
  }
}

const noConstant = (type, name) =>
  exceptionOf(
    "java.lang.IllegalArgumentException",
    `No enum constant ${nameOfClass(type)}.${name}`,
  );

/** org.springframework.http.HttpMethod. */
export class HttpMethod extends Named {
  static resolve(name) {
    return HttpMethod[name] instanceof HttpMethod ? HttpMethod[name] : null;
  }
  static valueOf(name) {
    if (HttpMethod[name] instanceof HttpMethod) return HttpMethod[name];
    throw noConstant(HttpMethod, name);
  }
  matches(name) {
    return this.text === name;
  }
}
for (const name of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
  HttpMethod[name] = new HttpMethod(name);
}
javaClass("org.springframework.http.HttpMethod", HttpMethod);

/** Statuses by number, in the words of Spring's reason phrases. */
const phrases = {
  100: "Continue",
  101: "Switching Protocols",
  200: "OK",
  201: "Created",
  202: "Accepted",
  203: "Non-Authoritative Information",
  204: "No Content",
  205: "Reset Content",
  206: "Partial Content",
  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Payload Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Requested range not satisfiable",
  417: "Expectation Failed",
  418: "I'm a teapot",
  422: "Unprocessable Entity",
  423: "Locked",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version not supported",
  507: "Insufficient Storage",
  508: "Loop Detected",
};
const constantOf = (phrase) => phrase.toUpperCase().replace("'", "_").replace(/[ -]/g, "_");
const statusNames = Object.fromEntries(
  Object.keys(phrases).map((code) => [code, constantOf(phrases[code])]),
);
statusNames[416] = "REQUESTED_RANGE_NOT_SATISFIABLE";
statusNames[418] = "I_AM_A_TEAPOT";

/** HttpStatus.Series: what the first digit of a status says. */
class Series extends Named {
  constructor(text, number) {
    super(text);
    this.number = number;
  }
  value() {
    return this.number;
  }
}
const seriesNames = ["INFORMATIONAL", "SUCCESSFUL", "REDIRECTION", "CLIENT_ERROR", "SERVER_ERROR"];
for (const [index, name] of seriesNames.entries()) Series[name] = new Series(name, index + 1);

/** org.springframework.http.HttpStatus: the known statuses by name, any by number. */
export class HttpStatus extends Named {
  constructor(code) {
    super(statusNames[code] ?? String(code));
    this.code = code;
  }
  static resolve(code) {
    return HttpStatus[statusNames[code]] ?? null;
  }
  static valueOf(value) {
    if (typeof value === "number") return HttpStatus[statusNames[value]] ?? new HttpStatus(value);
    if (HttpStatus[value] instanceof HttpStatus) return HttpStatus[value];
    throw noConstant(HttpStatus, value);
  }
  getReasonPhrase() {
    return phrases[this.code] ?? "";
  }
  is(number) {
    return Math.floor(this.code / 100) === number;
  }
  is1xxInformational() {
    return this.is(1);
  }
  is2xxSuccessful() {
    return this.is(2);
  }
  is3xxRedirection() {
    return this.is(3);
  }
  is4xxClientError() {
    return this.is(4);
  }
  is5xxServerError() {
    return this.is(5);
  }
  isError() {
    return this.is(4) || this.is(5);
  }
  series() {
    return Series[seriesNames[Math.floor(this.code / 100) - 1]];
  }
  toString() {
    return `${this.code} ${this.text}`;
  }
  value() {
    return this.code;
  }
  valueOf() {
    return this.code;
  }
}
for (const code of Object.keys(statusNames)) {
  HttpStatus[statusNames[code]] = new HttpStatus(Number(code));
}
javaClass("org.springframework.http.HttpStatus", HttpStatus);
javaClass("org.springframework.http.HttpStatus.Series", Series);

/** org.springframework.http.MediaType: a type, a subtype and parameters. */
export class MediaType extends Named {
  constructor(type, subtype = "*", parameter = undefined) {
    const charset = parameter === undefined ? "" : `;charset=${parameter}`;
    super(String(type).includes("/") ? String(type) : `${type}/${subtype}${charset}`);
  }
  static parseMediaType(text) {
    if (/^[^\s/;]+\/[^\s/;]+/.test(text)) return new MediaType(text);
    throw exceptionOf(
      "java.lang.IllegalArgumentException",
      `Invalid mime type "${text}": does not contain '/'`,
    );
  }
  static valueOf(text) {
    return MediaType.parseMediaType(text);
  }
  /** Type and subtype, without parameters. */
  names() {
    return this.text.split(";")[0].trim().toLowerCase().split("/");
  }
  equals(other) {
    const plain = (value) =>
      String(value)
        .toLowerCase()
        .replace(/\s*;\s*/g, ";");
    return other instanceof MediaType && plain(other) === plain(this);
  }
  getCharset() {
    return this.getParameter("charset");
  }
  getParameter(name) {
    const form = new RegExp(`;\\s*${name}\\s*=\\s*"?([^";\\s]+)`, "i");
    return form.exec(this.text)?.[1] ?? null;
  }
  getSubtype() {
    return this.names()[1];
  }
  getType() {
    return this.names()[0];
  }
  includes(other) {
    const [one, two] = [this.names(), other.names()];
    const [, suffix] = /^\*\+(\w+)$/.exec(one[1]) ?? [];
    const isSubtype =
      one[1] === "*" || one[1] === two[1] || (suffix && two[1].endsWith(`+${suffix}`));
    return one[0] === "*" || (one[0] === two[0] && Boolean(isSubtype));
  }
  isCompatibleWith(other) {
    return this.includes(other) || other.includes(this);
  }
}
const mediaTypes = {
  ALL: "*/*",
  APPLICATION_FORM_URLENCODED: "application/x-www-form-urlencoded",
  APPLICATION_JSON: "application/json",
  APPLICATION_JSON_UTF8: "application/json;charset=UTF-8",
  APPLICATION_OCTET_STREAM: "application/octet-stream",
  APPLICATION_PDF: "application/pdf",
  APPLICATION_PROBLEM_JSON: "application/problem+json",
  APPLICATION_XML: "application/xml",
  IMAGE_GIF: "image/gif",
  IMAGE_JPEG: "image/jpeg",
  IMAGE_PNG: "image/png",
  MULTIPART_FORM_DATA: "multipart/form-data",
  TEXT_HTML: "text/html",
  TEXT_MARKDOWN: "text/markdown",
  TEXT_PLAIN: "text/plain",
  TEXT_XML: "text/xml",
};
for (const name of Object.keys(mediaTypes)) {
  MediaType[name] = new MediaType(mediaTypes[name]);
  MediaType[`${name}_VALUE`] = mediaTypes[name];
}
javaClass("org.springframework.http.MediaType", MediaType);
