// org.springframework.http's entities: a body with headers, as a request and as an answer.
import { functionOf, JavaObject, javaClass } from "./java_classes.js";
import { URI } from "./java_net.js";
import { HttpHeaders, MultiValueMap } from "./spring_headers.js";
import { HttpMethod, HttpStatus } from "./spring_values.js";

const headersOf = (given) =>
  given instanceof HttpHeaders || given === null || given === undefined
    ? (given ?? new HttpHeaders())
    : new HttpHeaders([...given.pairs]);

/** org.springframework.http.HttpEntity: a body and headers. */
export class HttpEntity extends JavaObject {
  constructor(body, headers) {
    super();
    // With one argument, several values for a key are headers; that they are a form is seldom meant.
    const isHeadersOnly = headers === undefined && body instanceof HttpHeaders;
    this.content = isHeadersOnly ? null : (body ?? null);
    this.fields = headersOf(isHeadersOnly ? body : headers);
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
HttpEntity.EMPTY = new HttpEntity();
javaClass("org.springframework.http.HttpEntity", HttpEntity);

/** Collects headers and makes an entity of them when it gets a body. */
class Builder extends JavaObject {
  constructor(make) {
    super();
    this.make = make;
    this.fields = new HttpHeaders();
  }
  accept(...types) {
    this.fields.setAccept(types);
    return this;
  }
  body(body) {
    return this.make(body, this.fields);
  }
  build() {
    return this.make(null, this.fields);
  }
  contentType(type) {
    this.fields.setContentType(type);
    return this;
  }
  header(name, ...values) {
    for (const value of values) this.fields.add(name, value);
    return this;
  }
  headers(given) {
    if (given instanceof MultiValueMap) this.fields.putAll(given);
    else functionOf(given, "accept")(this.fields);
    return this;
  }
  location(uri) {
    this.fields.setLocation(uri);
    return this;
  }
}

/** org.springframework.http.ResponseEntity: an entity with a status. */
export class ResponseEntity extends HttpEntity {
  constructor(...given) {
    const status = given.length === 1 ? given[0] : given.at(-1);
    super(...(given.length === 1 ? [] : given.length === 2 ? [given[0], null] : given));
    this.code = Number(status);
  }
  static ok(body) {
    const builder = ResponseEntity.status(200);
    return body === undefined ? builder : builder.body(body);
  }
  static status(status) {
    return new Builder((body, headers) => new ResponseEntity(body, headers, status));
  }
  getStatusCode() {
    return HttpStatus.valueOf(this.code);
  }
  getStatusCodeValue() {
    return this.code;
  }
}
javaClass("org.springframework.http.ResponseEntity", ResponseEntity);

/** org.springframework.http.RequestEntity: an entity with a method and a URL. */
export class RequestEntity extends HttpEntity {
  constructor(...given) {
    const [method, url] = given.slice(-2);
    const [body, headers] = given.length === 4 ? given : given.length === 2 ? [] : [null, given[0]];
    super(body, headers ?? null);
    this.verb = method;
    this.target = url;
  }
  static method(method, url) {
    return new Builder((body, headers) => new RequestEntity(body, headers, method, url));
  }
  getMethod() {
    return this.verb;
  }
  getUrl() {
    return new URI(this.target);
  }
}
for (const name of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
  RequestEntity[name.toLowerCase()] = (url) => RequestEntity.method(HttpMethod[name], url);
}
javaClass("org.springframework.http.RequestEntity", RequestEntity);
