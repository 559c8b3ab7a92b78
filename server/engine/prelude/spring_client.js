// REST_TEMPLATE: Spring's RestTemplate. A call blocks the script, never the server.
import { call } from "./bridge.js";
import { hide, parse, stringify } from "./builtins.js";
import { fromUtf8, utf8 } from "./java_bytes.js";
import {
  findClass,
  JavaObject,
  javaClass,
  javaText,
  MissingClass,
  staticClass,
  typeNameOf,
} from "./java_classes.js";
import { javaValueOf } from "./java_maps.js";
import { formEncoded, URI } from "./java_net.js";
import { exceptionClass } from "./java_throwables.js";
import { HttpEntity, RequestEntity, ResponseEntity } from "./spring_entities.js";
import { HttpHeaders, MultiValueMap } from "./spring_headers.js";
import { HttpStatus } from "./spring_values.js";

const clientPackage = "org.springframework.web.client";

class HttpStatusCodeException extends findClass(`${clientPackage}.RestClientResponseException`) {
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
  getResponseBodyAsByteArray() {
    return utf8(this.content);
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

/** Spring's inner classes by status: `e instanceof HttpClientErrorException.NotFound`. */
const statusClasses = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  409: "Conflict",
  410: "Gone",
  415: "UnsupportedMediaType",
  422: "UnprocessableEntity",
  429: "TooManyRequests",
  500: "InternalServerError",
  501: "NotImplemented",
  502: "BadGateway",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
};
for (const status of Object.keys(statusClasses)) {
  const kind = status < 500 ? "HttpClientErrorException" : "HttpServerErrorException";
  const name = `${clientPackage}.${kind}.${statusClasses[status]}`;
  const isIt = (value) => value instanceof HttpStatusCodeException && value.code === Number(status);
  Object.defineProperty(staticClass(name, {}), Symbol.hasInstance, { value: isIt });
}

const named = (values, name) =>
  typeof values.get === "function" ? values.get(name) : values[name];

/** Fills `{name}` in a URL, in order or from a map. A URI has no holes. */
const expanded = (url, given) => {
  if (url instanceof URI) return String(url);
  const variables = given.length === 1 && Array.isArray(given[0]) ? given[0] : given;
  const [first] = variables;
  const byName = variables.length === 1 && typeof first === "object" && first !== null;
  let next = 0;
  return String(url).replace(/\{([^{}/]+)\}/g, (hole, name) => {
    if (variables.length === 0) return hole;
    return encodeURIComponent(javaText(byName ? named(first, name) : variables[next++]));
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

const fromJson = (body) => javaValueOf(parse(body));

/** What a response type makes of a body. */
const readers = {
  __proto__: null,
  "byte[]": (body) => utf8(body),
  "java.lang.Object": (body, headers) => (isJson(headers) ? fromJson(body) : body),
  "java.lang.String": (body) => body,
  "java.lang.Void": () => null,
};
for (const name of ["Boolean", "Double", "Integer", "Long", "Number"]) {
  readers[`java.lang.${name}`] = fromJson;
}
for (const name of ["ArrayList", "Collection", "HashMap", "LinkedHashMap", "List", "Map"]) {
  readers[`java.util.${name}`] = fromJson;
}

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

class RestTemplate extends JavaObject {
  delete(url, ...variables) {
    exchange("DELETE", url, null, null, variables);
  }
  exchange(...given) {
    const [first, type] = given;
    if (first instanceof RequestEntity) {
      return exchange(first.getMethod(), first.getUrl(), first, type, []);
    }
    const [url, method, entity, answerType, ...variables] = given;
    return exchange(method, url, entity, answerType, variables);
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
    return exchange("OPTIONS", url, null, null, variables).getHeaders().getAllow();
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
