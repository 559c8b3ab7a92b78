// Java's exceptions. They are errors of the language too, so stacks and `instanceof Error` work.
import { hide } from "./builtins.js";
import { findClass, javaClass, nameOfClass } from "./java_classes.js";

class Throwable extends Error {
  constructor(message, cause) {
    const isCause = message instanceof Error;
    super(message === null || message === undefined ? "" : String(message));
    hide(this, "name", nameOfClass(this.constructor));
    hide(this, "detail", message === null || message === undefined ? null : this.message);
    hide(this, "cause", cause ?? (isCause ? message : null));
  }
  getMessage() {
    return this.detail;
  }
  getLocalizedMessage() {
    return this.detail;
  }
  getCause() {
    return this.cause;
  }
  getStackTrace() {
    return this.stack.split("\n");
  }
  toString() {
    return this.detail === null ? this.name : `${this.name}: ${this.detail}`;
  }
}
javaClass("java.lang.Throwable", Throwable);

/** Enters an exception class below another one. */
export const exceptionClass = (name, parentName) =>
  javaClass(name, class extends findClass(parentName) {});

const parents = {
  "java.lang.Throwable": ["java.lang.Exception", "java.lang.Error"],
  "java.lang.Exception": [
    "java.lang.RuntimeException",
    "java.io.IOException",
    "java.security.GeneralSecurityException",
  ],
  "java.lang.RuntimeException": [
    "java.lang.ArithmeticException",
    "java.lang.ClassCastException",
    "java.lang.IllegalArgumentException",
    "java.lang.IllegalStateException",
    "java.lang.IndexOutOfBoundsException",
    "java.lang.NullPointerException",
    "java.lang.SecurityException",
    "java.lang.UnsupportedOperationException",
    "java.util.NoSuchElementException",
    "org.springframework.web.client.RestClientException",
  ],
  "java.lang.IllegalArgumentException": ["java.lang.NumberFormatException"],
  "java.io.IOException": ["java.io.UnsupportedEncodingException"],
  "java.security.GeneralSecurityException": [
    "java.security.NoSuchAlgorithmException",
    "java.security.InvalidKeyException",
  ],
  "org.springframework.web.client.RestClientException": [
    "org.springframework.web.client.ResourceAccessException",
  ],
};
for (const parent of Object.keys(parents)) {
  for (const name of parents[parent]) exceptionClass(name, parent);
}

/** Makes the exception of a class in the table. */
export const exceptionOf = (name, message) =>
  new (findClass(name) ?? findClass("java.lang.RuntimeException"))(message);
