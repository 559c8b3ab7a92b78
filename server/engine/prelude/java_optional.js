// java.util.Optional.
import { functionOf, JavaObject, javaClass, javaText } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

/** java.util.Optional, and OptionalInt and OptionalDouble as streams of numbers give them. */
export class Optional extends JavaObject {
  #value;
  constructor(value) {
    super();
    this.#value = value ?? null;
  }
  static empty() {
    return new Optional(null);
  }
  static of(value) {
    if (value !== null && value !== undefined) return new Optional(value);
    throw exceptionOf("java.lang.NullPointerException");
  }
  static ofNullable(value) {
    return new Optional(value);
  }
  equals(other) {
    return other instanceof Optional && other.orElse(null) === this.#value;
  }
  filter(test) {
    return this.isEmpty() || functionOf(test, "test")(this.#value) ? this : Optional.empty();
  }
  flatMap(change) {
    return this.isEmpty() ? this : functionOf(change, "apply")(this.#value);
  }
  get() {
    if (this.#value !== null) return this.#value;
    throw exceptionOf("java.util.NoSuchElementException", "No value present");
  }
  getAsDouble() {
    return this.get();
  }
  getAsInt() {
    return this.get();
  }
  ifPresent(work) {
    this.ifPresentOrElse(work, () => {});
  }
  ifPresentOrElse(work, otherwise) {
    if (this.isPresent()) functionOf(work, "accept")(this.#value);
    else functionOf(otherwise, "run")();
  }
  isEmpty() {
    return this.#value === null;
  }
  isPresent() {
    return this.#value !== null;
  }
  map(change) {
    return this.isEmpty() ? this : new Optional(functionOf(change, "apply")(this.#value));
  }
  orElse(otherwise) {
    return this.#value ?? otherwise;
  }
  orElseGet(supply) {
    return this.#value ?? functionOf(supply, "get")();
  }
  orElseThrow(supply) {
    if (this.isPresent() || supply === undefined) return this.get();
    throw functionOf(supply, "get")();
  }
  toString() {
    return this.isEmpty() ? "Optional.empty" : `Optional[${javaText(this.#value)}]`;
  }
}
javaClass("java.util.Optional", Optional);
