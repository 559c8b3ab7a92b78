// org.springframework.util's maps with several values for a key, and HttpHeaders.
import { base64, utf8 } from "./java_bytes.js";
import {
  addMethods,
  functionOf,
  JavaObject,
  javaClass,
  javaEquals,
  javaText,
} from "./java_classes.js";
import { collectionInterface } from "./java_collections.js";
import { ArrayList } from "./java_lists.js";
import { HashMap } from "./java_maps.js";
import { URI } from "./java_net.js";
import { HashSet } from "./java_sets.js";
import { HttpMethod, MediaType } from "./spring_values.js";

/** The values of one key, of a list or of a single value. */
const valuesOf = (values) =>
  typeof values === "object" && values !== null && Symbol.iterator in values
    ? [...values]
    : [values];

/** Several values under one key, as pairs in order. */
export class MultiValueMap extends JavaObject {
  constructor(given) {
    super();
    this.pairs = Array.isArray(given) ? given : [];
    if (given instanceof MultiValueMap) this.pairs = [...given.pairs];
    if (given instanceof HashMap) this.putAll(given);
  }
  isSame(one, other) {
    return one === other;
  }
  add(key, value) {
    this.pairs.push([String(key), value]);
  }
  addAll(key, values) {
    if (values !== undefined) for (const value of valuesOf(values)) this.add(key, value);
    else {
      key.forEach((name, all) => {
        this.addAll(name, all);
      });
    }
  }
  addIfAbsent(key, value) {
    if (!this.containsKey(key)) this.add(key, value);
  }
  clear() {
    this.pairs = [];
  }
  containsKey(key) {
    return this.pairs.some(([name]) => this.isSame(name, String(key)));
  }
  containsValue(values) {
    return this.toMap((key) => this.get(key)).containsValue(values);
  }
  entrySet() {
    return this.toMap((key) => this.get(key)).entrySet();
  }
  equals(other) {
    return other instanceof MultiValueMap && javaEquals(this.entrySet(), other.entrySet());
  }
  forEach(work) {
    for (const key of this.keySet()) functionOf(work, "accept")(key, this.get(key));
  }
  get(key) {
    const found = this.pairs.filter(([name]) => this.isSame(name, String(key)));
    return found.length === 0 ? null : new ArrayList(found.map((pair) => pair[1]));
  }
  getFirst(key) {
    return this.get(key)?.get(0) ?? null;
  }
  getOrDefault(key, otherwise) {
    return this.get(key) ?? otherwise;
  }
  isEmpty() {
    return this.pairs.length === 0;
  }
  keySet() {
    const keys = this.pairs.map(([name]) => name);
    return new HashSet(
      keys.filter((name, at) => keys.findIndex((one) => this.isSame(one, name)) === at),
    );
  }
  put(key, values) {
    const before = this.remove(key);
    this.addAll(key, values);
    return before;
  }
  putAll(map) {
    map.forEach((key, values) => {
      this.put(key, values);
    });
  }
  remove(key) {
    const before = this.get(key);
    this.pairs = this.pairs.filter(([name]) => !this.isSame(name, String(key)));
    return before;
  }
  set(key, value) {
    this.remove(key);
    if (value !== null && value !== undefined) this.add(key, value);
  }
  setAll(map) {
    map.forEach((key, value) => {
      this.set(key, value);
    });
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
    return `{${this.entrySet().toArray().join(", ")}}`;
  }
  values() {
    return this.toMap((key) => this.get(key)).values();
  }
}
javaClass(
  "org.springframework.util.LinkedMultiValueMap",
  class LinkedMultiValueMap extends MultiValueMap {},
);
collectionInterface("org.springframework.util.MultiValueMap", MultiValueMap);

const listed = (values) => valuesOf(values).map(String).join(", ");
const parts = (text) => (text ?? "").split(/\s*,\s*/).filter((part) => part !== "");

/** org.springframework.http.HttpHeaders: names in any case. */
export class HttpHeaders extends MultiValueMap {
  isSame(one, other) {
    return one.toLowerCase() === other.toLowerCase();
  }
  getAccept() {
    return new ArrayList(parts(this.getFirst("Accept")).map((type) => new MediaType(type)));
  }
  getAllow() {
    return new HashSet(parts(this.getFirst("Allow")).map((name) => HttpMethod[name] ?? name));
  }
  getContentLength() {
    return Number(this.getFirst("Content-Length") ?? -1);
  }
  getContentType() {
    const type = this.getFirst("Content-Type");
    return type === null ? null : new MediaType(type);
  }
  getETag() {
    return this.getFirst("ETag");
  }
  getLocation() {
    const location = this.getFirst("Location");
    return location === null ? null : URI.create(location);
  }
  getValuesAsList(name) {
    return new ArrayList((this.get(name)?.toArray() ?? []).flatMap(parts));
  }
  setAccept(types) {
    this.set("Accept", listed(types));
  }
  setAcceptLanguageAsLocales(locales) {
    this.set("Accept-Language", listed(locales));
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
  toString() {
    const lines = this.keySet()
      .toArray()
      .map((key) => `${key}:${listed(this.get(key).items.map((value) => `"${javaText(value)}"`))}`);
    return `[${lines.join(", ")}]`;
  }
}
/** Headers that are set as plain text. */
for (const name of [
  "Cache-Control",
  "Content-Length",
  "ETag",
  "If-None-Match",
  "Location",
  "Origin",
]) {
  addMethods(HttpHeaders, {
    [`set${name.replaceAll("-", "")}`]: function (value) {
      this.set(name, String(value));
    },
  });
}

const headerNames = `Accept Accept-Charset Accept-Encoding Accept-Language Allow Authorization
  Cache-Control Connection Content-Disposition Content-Encoding Content-Language Content-Length
  Content-Location Content-Type Cookie Date ETag Expect Expires From Host If-Match If-Modified-Since
  If-None-Match If-Unmodified-Since Last-Modified Link Location Origin Pragma Proxy-Authorization
  Range Referer Retry-After Server Set-Cookie TE Upgrade User-Agent Vary Via Warning
  WWW-Authenticate`;
for (const name of headerNames.split(/\s+/)) {
  HttpHeaders[name.toUpperCase().replaceAll("-", "_")] = name;
}
javaClass("org.springframework.http.HttpHeaders", HttpHeaders);
