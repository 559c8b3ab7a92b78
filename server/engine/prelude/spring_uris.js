// org.springframework.web.util.UriComponentsBuilder: URLs put together from their parts.
import { addMethods, JavaObject, javaClass, javaText } from "./java_classes.js";
import { URI } from "./java_net.js";
import { exceptionOf } from "./java_throwables.js";

const packageName = "org.springframework.web.util";
const form = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i;

/** What stays as it is in each part of a URL (RFC 3986), besides letters, digits and `-._~`. */
const kept = {
  path: "!$&'()*+,;=:@/",
  segment: "!$&'()*+,;=:@",
  query: "!$'()*+,;:@/?",
  fragment: "!$&'()*+,;=:@/?",
};
const marks = "%21 %24 %26 %27 %28 %29 %2A %2B %2C %3B %3D %3A %40 %2F %3F".split(" ");

const encodedFor = (part, text) =>
  encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (code) => {
    const mark = marks.includes(code) ? decodeURIComponent(code) : code;
    return kept[part].includes(mark) ? mark : code;
  });

const filled = (text, read) =>
  text?.replace(/\{([^{}/]+)\}/g, (_hole, name) => javaText(read(name.split(":")[0])));

/** What gives the values of a template: a map, an object, or values in order. */
const readerOf = (values) => {
  const [first] = values;
  if (values.length === 1 && typeof first === "object" && first !== null) {
    return (name) => first.get?.(name) ?? first[name];
  }
  let next = 0;
  return () => values[next++];
};

const change = (parts, edit) => ({
  ...parts,
  host: edit("host", parts.host),
  path: parts.path.map(([kind, text]) => [kind, edit(kind, text)]),
  query: parts.query.map(([name, value]) => [edit("query", name), edit("query", value)]),
  fragment: edit("fragment", parts.fragment),
});

const pathText = (path) => {
  let text = "";
  for (const [kind, part] of path) {
    if (kind === "segment") text += `${text.endsWith("/") ? "" : "/"}${part}`;
    else text += text !== "" && !part.startsWith("/") && !text.endsWith("/") ? `/${part}` : part;
  }
  return text.replace(/\/{2,}/g, "/");
};

const written = ({ scheme, host, port, path, query, fragment }) => {
  const place = host === undefined ? "" : `//${host}${port === undefined ? "" : `:${port}`}`;
  const plain = pathText(path);
  const rooted = host !== undefined && plain !== "" && !plain.startsWith("/") ? `/${plain}` : plain;
  const pairs = query.map(([name, value]) => (value === undefined ? name : `${name}=${value}`));
  return [
    scheme === undefined ? "" : `${scheme}:`,
    place,
    rooted,
    query.length === 0 ? "" : `?${pairs.join("&")}`,
    fragment === undefined ? "" : `#${fragment}`,
  ].join("");
};

class UriComponents extends JavaObject {
  constructor(parts) {
    super();
    this.parts = parts;
  }
  encode() {
    const encode = (part, text) =>
      text === undefined || part === "host" ? text : encodedFor(part, text);
    return new UriComponents(change(this.parts, encode));
  }
  expand(...values) {
    const read = readerOf(values);
    return new UriComponents(change(this.parts, (_part, text) => filled(text, read)));
  }
  getHost() {
    return this.parts.host ?? null;
  }
  getPath() {
    return pathText(this.parts.path);
  }
  getPort() {
    return Number(this.parts.port ?? -1);
  }
  getScheme() {
    return this.parts.scheme ?? null;
  }
  toString() {
    return written(this.parts);
  }
  toUri() {
    return new URI(this.toString());
  }
  toUriString() {
    return this.toString();
  }
}
javaClass(`${packageName}.UriComponents`, UriComponents);

const queryPairs = (text) =>
  (text ?? "")
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? [pair, undefined] : [pair.slice(0, at), pair.slice(at + 1)];
    });

class UriComponentsBuilder extends JavaObject {
  constructor() {
    super();
    this.parts = { path: [], query: [] };
    this.isEncoded = false;
  }
  static newInstance() {
    return new UriComponentsBuilder();
  }
  static fromUriString(text) {
    const [, scheme, place, path, query, fragment] = form.exec(String(text)) ?? [];
    const [host, port] = (place ?? "").split(/:(?=[\d{][^:\]]*$)/);
    const builder = new UriComponentsBuilder();
    builder.parts = { scheme, port, fragment, path: [], query: queryPairs(query) };
    if (place !== undefined) builder.parts.host = host;
    return builder.path(path ?? "");
  }
  static fromHttpUrl(text) {
    if (/^https?:\/\/[^/?#]/i.test(text)) return UriComponentsBuilder.fromUriString(text);
    throw exceptionOf("java.lang.IllegalArgumentException", `[${text}] is not a valid HTTP URL`);
  }
  static fromPath(path) {
    return new UriComponentsBuilder().path(path);
  }
  static fromUri(uri) {
    return UriComponentsBuilder.fromUriString(uri);
  }
  build() {
    const built = new UriComponents({ ...this.parts });
    return this.isEncoded ? built.encode() : built;
  }
  buildAndExpand(...values) {
    return new UriComponents({ ...this.parts }).expand(...values);
  }
  encode() {
    this.isEncoded = true;
    return this;
  }
  path(text) {
    if (text !== "") this.parts.path.push(["path", String(text)]);
    return this;
  }
  pathSegment(...segments) {
    for (const segment of segments) this.parts.path.push(["segment", String(segment)]);
    return this;
  }
  query(text) {
    this.parts.query.push(...queryPairs(text));
    return this;
  }
  queryParam(name, ...values) {
    const all =
      values.length === 1 && Symbol.iterator in Object(values[0]) && typeof values[0] !== "string";
    const given = all ? [...values[0]] : values;
    if (given.length === 0) this.parts.query.push([name, undefined]);
    for (const value of given)
      this.parts.query.push([name, value === null ? undefined : String(value)]);
    return this;
  }
  queryParams(map) {
    map.forEach((name, values) => {
      this.queryParam(name, values);
    });
    return this;
  }
  replacePath(path) {
    this.parts.path = [];
    return this.path(path ?? "");
  }
  replaceQueryParam(name, ...values) {
    this.parts.query = this.parts.query.filter(([one]) => one !== name);
    return values.length === 0 ? this : this.queryParam(name, ...values);
  }
  toUriString() {
    return new UriComponents(this.parts).encode().toUriString();
  }
}
for (const name of ["fragment", "host", "port", "scheme"]) {
  addMethods(UriComponentsBuilder, {
    [name]: function (value) {
      this.parts[name] = value === null ? undefined : String(value);
      return this;
    },
  });
}
javaClass(`${packageName}.UriComponentsBuilder`, UriComponentsBuilder);
