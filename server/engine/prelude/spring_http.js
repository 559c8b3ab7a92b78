// org.springframework.http and util: headers, entities, methods, media types and status values.
import { base64, utf8 } from "./java_bytes.js";
import { JavaObject, javaClass, javaText, nameOfClass } from "./java_classes.js";
import { ArrayList, HashSet } from "./java_lists.js";
import { HashMap } from "./java_maps.js";
import { URI } from "./java_net.js";
import { exceptionOf } from "./java_throwables.js";

/** An object that is one of a few names. */
class Named extends JavaObject {
  constructor(text) {
    super();
    this.text = text;
  }
  equals(other) {
    return other instanceof this.constructor && String(other) === String(this);
  }
  name() {
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
  static valueOf(name) {
    if (HttpMethod[name] instanceof HttpMethod) return HttpMethod[name];
    throw noConstant(HttpMethod, name);
  }
  matches(name) {
    return this.text === name;
  }
}
for (const name of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
  HttpMethod[name] = new HttpMethod(name);
}
javaClass("org.springframework.http.HttpMethod", HttpMethod);

const statusNames = {
  200: "OK",
  201: "CREATED",
  202: "ACCEPTED",
  204: "NO_CONTENT",
  301: "MOVED_PERMANENTLY",
  302: "FOUND",
  303: "SEE_OTHER",
  304: "NOT_MODIFIED",
  307: "TEMPORARY_REDIRECT",
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  406: "NOT_ACCEPTABLE",
  409: "CONFLICT",
  410: "GONE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  422: "UNPROCESSABLE_ENTITY",
  429: "TOO_MANY_REQUESTS",
  500: "INTERNAL_SERVER_ERROR",
  502: "BAD_GATEWAY",
  503: "SERVICE_UNAVAILABLE",
  504: "GATEWAY_TIMEOUT",
};
const titleCase = (name) =>
  name
    .toLowerCase()
    .replace(/(^|_)(\w)/g, (_all, gap, letter) => (gap && " ") + letter.toUpperCase());

/** org.springframework.http.HttpStatus: the usual statuses by name, any by number. */
export class HttpStatus extends Named {
  constructor(code) {
    super(statusNames[code] ?? String(code));
    this.code = code;
  }
  static valueOf(value) {
    if (typeof value === "number") return HttpStatus[statusNames[value]] ?? new HttpStatus(value);
    if (HttpStatus[value] instanceof HttpStatus) return HttpStatus[value];
    throw noConstant(HttpStatus, value);
  }
  getReasonPhrase() {
    return titleCase(this.text);
  }
  is2xxSuccessful() {
    return this.series() === 2;
  }
  is3xxRedirection() {
    return this.series() === 3;
  }
  is4xxClientError() {
    return this.series() === 4;
  }
  is5xxServerError() {
    return this.series() === 5;
  }
  isError() {
    return this.series() > 3;
  }
  series() {
    return Math.floor(this.code / 100);
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

class MediaType extends Named {
  constructor(type, subtype) {
    super(subtype === undefined ? String(type) : `${type}/${subtype}`);
  }
  static parseMediaType(text) {
    return new MediaType(text);
  }
  static valueOf(text) {
    return new MediaType(text);
  }
}
const mediaTypes = {
  ALL: "*/*",
  APPLICATION_FORM_URLENCODED: "application/x-www-form-urlencoded",
  APPLICATION_JSON: "application/json",
  APPLICATION_JSON_UTF8: "application/json;charset=UTF-8",
  APPLICATION_XML: "application/xml",
  TEXT_HTML: "text/html",
  TEXT_PLAIN: "text/plain",
  TEXT_XML: "text/xml",
};
for (const name of Object.keys(mediaTypes)) {
  MediaType[name] = new MediaType(mediaTypes[name]);
  MediaType[`${name}_VALUE`] = mediaTypes[name];
}
javaClass("org.springframework.http.MediaType", MediaType);

/** Several values under one key, as pairs in order. */
export class MultiValueMap extends JavaObject {
  constructor(pairs) {
    super();
    this.pairs = Array.isArray(pairs) ? pairs : [];
  }
  isSame(one, other) {
    return one === other;
  }
  add(key, value) {
    this.pairs.push([String(key), value]);
  }
  addAll(key, values) {
    if (values === undefined) this.pairs.push(...key.pairs);
    else for (const value of values) this.add(key, value);
  }
  containsKey(key) {
    return this.pairs.some(([name]) => this.isSame(name, String(key)));
  }
  get(key) {
    const found = this.pairs.filter(([name]) => this.isSame(name, String(key)));
    return found.length === 0 ? null : new ArrayList(found.map((pair) => pair[1]));
  }
  getFirst(key) {
    return this.get(key)?.get(0) ?? null;
  }
  isEmpty() {
    return this.pairs.length === 0;
  }
  keySet() {
    return new HashSet(this.pairs.map(([name]) => name));
  }
  put(key, values) {
    this.remove(key);
    this.addAll(key, values);
  }
  remove(key) {
    this.pairs = this.pairs.filter(([name]) => !this.isSame(name, String(key)));
  }
  set(key, value) {
    this.remove(key);
    this.add(key, value);
  }
  size() {
    return this.keySet().size();
  }
  toJSON() {
    return this.toMap((key) => this.get(key)).toJSON();
  }
  toMap(read) {
    const map = new HashMap();
    for (const key of this.keySet()) map.put(key, read(key));
    return map;
  }
  toSingleValueMap() {
    return this.toMap((key) => this.getFirst(key));
  }
  toString() {
    return `[${this.pairs.map(([name, value]) => `${name}:"${javaText(value)}"`).join(", ")}]`;
  }
}
javaClass(
  "org.springframework.util.LinkedMultiValueMap",
  class LinkedMultiValueMap extends MultiValueMap {},
);

/** org.springframework.http.HttpHeaders: names in any case. */
export class HttpHeaders extends MultiValueMap {
  isSame(one, other) {
    return one.toLowerCase() === other.toLowerCase();
  }
  getContentType() {
    const type = this.getFirst("Content-Type");
    return type === null ? null : new MediaType(type);
  }
  getLocation() {
    const location = this.getFirst("Location");
    return location === null ? null : new URI(location);
  }
  setAccept(types) {
    this.set("Accept", [...types].map(String).join(", "));
  }
  setBasicAuth(user, password) {
    const text = password === undefined ? user : base64(utf8(`${user}:${password}`));
    this.set("Authorization", `Basic ${text}`);
  }
  setBearerAuth(token) {
    this.set("Authorization", `Bearer ${token}`);
  }
  setContentType(type) {
    this.set("Content-Type", String(type));
  }
}
const headerNames = ["Accept", "Authorization", "Cache-Control", "Content-Type", "Location"];
for (const name of headerNames) HttpHeaders[name.toUpperCase().replace("-", "_")] = name;
javaClass("org.springframework.http.HttpHeaders", HttpHeaders);

/** org.springframework.http.HttpEntity: a body and headers. */
export class HttpEntity extends JavaObject {
  constructor(body, headers) {
    super();
    const isHeadersOnly = headers === undefined && body instanceof HttpHeaders;
    this.content = isHeadersOnly ? null : (body ?? null);
    this.fields = isHeadersOnly ? body : (headers ?? new HttpHeaders());
  }
  getBody() {
    return this.content;
  }
  getHeaders() {
    return this.fields;
  }
  hasBody() {
    return this.content !== null;
  }
}
javaClass("org.springframework.http.HttpEntity", HttpEntity);

/** org.springframework.http.ResponseEntity: an entity with a status. */
export class ResponseEntity extends HttpEntity {
  constructor(body, headers, status) {
    super(body, headers);
    this.code = status;
  }
  getStatusCode() {
    return HttpStatus.valueOf(this.code);
  }
  getStatusCodeValue() {
    return this.code;
  }
}
javaClass("org.springframework.http.ResponseEntity", ResponseEntity);
