// REST_TEMPLATE: Spring's RestTemplate. A call blocks the script, never the server.
import { call } from "./bridge.js";
import { freeze, hide, parse, stringify } from "./builtins.js";
import { fromUtf8, utf8 } from "./java_bytes.js";
import {
  findClass,
  JavaObject,
  javaClass,
  javaText,
  MissingClass,
  typeNameOf,
} from "./java_classes.js";
import { ArrayList, HashSet } from "./java_lists.js";
import { HashMap, javaValueOf } from "./java_maps.js";
import { formEncoded } from "./java_net.js";
import { exceptionClass } from "./java_throwables.js";
import {
  HttpEntity,
  HttpHeaders,
  HttpMethod,
  HttpStatus,
  MultiValueMap,
  ResponseEntity,
} from "./spring_http.js";

const clientPackage = "org.springframework.web.client";

class HttpStatusCodeException extends findClass(`${clientPackage}.RestClientException`) {
  constructor(status, headers, body) {
    const phrase = HttpStatus.valueOf(status).getReasonPhrase();
    super(`${status} ${phrase}: [${body === "" ? "no body" : body.slice(0, 200)}]`);
    hide(this, "code", status);
    hide(this, "fields", headers);
    hide(this, "content", body);
  }
  getRawStatusCode() {
    return this.code;
  }
  getResponseBodyAsString() {
    return this.content;
  }
  getResponseHeaders() {
    return this.fields;
  }
  getStatusCode() {
    return HttpStatus.valueOf(this.code);
  }
  getStatusText() {
    return this.getStatusCode().getReasonPhrase();
  }
}
javaClass(`${clientPackage}.HttpStatusCodeException`, HttpStatusCodeException);
const exceptionFor = (kind) =>
  exceptionClass(`${clientPackage}.${kind}`, `${clientPackage}.HttpStatusCodeException`);
const HttpClientErrorException = exceptionFor("HttpClientErrorException");
const HttpServerErrorException = exceptionFor("HttpServerErrorException");

/** Fills `{name}` in a URL, in order or from a map. */
const expanded = (url, variables) => {
  const [first] = variables;
  const byName = variables.length === 1 && typeof first === "object" && first !== null;
  let next = 0;
  return String(url).replace(/\{([^{}/]+)\}/g, (hole, name) => {
    if (variables.length === 0) return hole;
    return encodeURIComponent(javaText(byName ? first[name] : variables[next++]));
  });
};

/** The text of a body, and the content type it has when the script named none. */
const written = (body) => {
  if (body === null || body === undefined) return [null, null];
  if (body instanceof MultiValueMap) {
    const fields = body.pairs.map(([name, value]) => `${formEncoded(name)}=${formEncoded(value)}`);
    return [fields.join("&"), "application/x-www-form-urlencoded"];
  }
  if (ArrayBuffer.isView(body)) return [fromUtf8(body), "application/octet-stream"];
  const isText = typeof body !== "object" || body instanceof String;
  return isText
    ? [String(body), "text/plain;charset=UTF-8"]
    : [stringify(body), "application/json"];
};

const isJson = (headers) => /json/i.test(headers.getFirst("Content-Type") ?? "");

/** What a response type makes of a body. */
const readers = {
  __proto__: null,
  "byte[]": (body) => utf8(body),
  "java.lang.Object": (body, headers) => (isJson(headers) ? javaValueOf(parse(body)) : body),
  "java.lang.String": (body) => body,
  "java.lang.Void": () => null,
  "java.util.List": (body) => javaValueOf(parse(body)),
  "java.util.Map": (body) => javaValueOf(parse(body)),
};
for (const { class: type } of [ArrayList, HashMap])
  readers[type.getName()] = readers["java.util.Map"];

const readerOf = (type) => {
  const name = type === null || type === undefined ? "java.lang.String" : typeNameOf(type);
  const reader = readers[name];
  if (reader === undefined) throw new MissingClass(String(name));
  return (body, headers) => (body === "" ? null : reader(body, headers));
};

/** Sends one request and gives the answer; 4xx and 5xx are thrown, as Spring does. */
const exchange = (method, url, entity, type, variables) => {
  // A type that cannot be read fails before anything is sent.
  const read = readerOf(type);
  const isEntity = entity instanceof HttpEntity;
  const [body, contentType] = written(isEntity ? entity.getBody() : entity);
  const headers = new HttpHeaders([...(isEntity ? entity.getHeaders().pairs : [])]);
  if (contentType !== null && !headers.containsKey("Content-Type")) {
    headers.add("Content-Type", contentType);
  }
  const pairs = headers.pairs.map(([name, value]) => [name, javaText(value)]);
  const answer = call("http.request", String(method), expanded(url, variables), pairs, body);
  const answered = new HttpHeaders(answer.headers);
  if (answer.status >= 500)
    throw new HttpServerErrorException(answer.status, answered, answer.body);
  if (answer.status >= 400)
    throw new HttpClientErrorException(answer.status, answered, answer.body);
  return new ResponseEntity(read(answer.body, answered), answered, answer.status);
};

const allowed = (headers) => {
  const names = (headers.getFirst("Allow") ?? "").split(/\s*,\s*/).filter((name) => name !== "");
  return new HashSet(names.map((name) => HttpMethod[name] ?? name));
};

class RestTemplate extends JavaObject {
  delete(url, ...variables) {
    exchange("DELETE", url, null, null, variables);
  }
  exchange(url, method, entity, type, ...variables) {
    return exchange(method, url, entity, type, variables);
  }
  getForEntity(url, type, ...variables) {
    return exchange("GET", url, null, type, variables);
  }
  getForObject(url, type, ...variables) {
    return exchange("GET", url, null, type, variables).getBody();
  }
  headForHeaders(url, ...variables) {
    return exchange("HEAD", url, null, null, variables).getHeaders();
  }
  optionsForAllow(url, ...variables) {
    return allowed(exchange("OPTIONS", url, null, null, variables).getHeaders());
  }
  patchForObject(url, body, type, ...variables) {
    return exchange("PATCH", url, body, type, variables).getBody();
  }
  postForEntity(url, body, type, ...variables) {
    return exchange("POST", url, body, type, variables);
  }
  postForLocation(url, body, ...variables) {
    return exchange("POST", url, body, null, variables).getHeaders().getLocation();
  }
  postForObject(url, body, type, ...variables) {
    return exchange("POST", url, body, type, variables).getBody();
  }
  put(url, body, ...variables) {
    exchange("PUT", url, body, null, variables);
  }
}
javaClass(`${clientPackage}.RestTemplate`, RestTemplate);
hide(globalThis, "REST_TEMPLATE", freeze(new RestTemplate()));
