// Java's exceptions. They are errors of the language too, so stacks and `instanceof Error` work.
import { hide } from "./builtins.js";
import {
  addMethods,
  findClass,
  javaClass,
  nameOfClass,
  noteClass,
  whenMissing,
} from "./java_classes.js";

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
  getSuppressed() {
    return [];
  }
  initCause(cause) {
    hide(this, "cause", cause);
    return this;
  }
  toString() {
    return this.detail === null ? this.name : `${this.name}: ${this.detail}`;
  }
}
javaClass("java.lang.Throwable", Throwable);

/** Enters an exception class below another one. */
export const exceptionClass = (name, parentName) =>
  javaClass(name, class extends findClass(parentName) {});

const language = (...kinds) => kinds.map((kind) => `java.lang.${kind}`);
const parents = {
  "java.lang.Throwable": language("Exception", "Error"),
  "java.lang.Error": language("AssertionError"),
  "java.lang.Exception": [
    ...language("RuntimeException", "InterruptedException", "CloneNotSupportedException"),
    "java.io.IOException",
    "java.net.URISyntaxException",
    "java.security.GeneralSecurityException",
    "java.util.concurrent.TimeoutException",
  ],
  "java.lang.RuntimeException": [
    ...language(
      "ArithmeticException",
      "ClassCastException",
      "IllegalArgumentException",
      "IllegalStateException",
      "IndexOutOfBoundsException",
      "NegativeArraySizeException",
      "NullPointerException",
      "SecurityException",
      "UnsupportedOperationException",
    ),
    "java.io.UncheckedIOException",
    "java.util.ConcurrentModificationException",
    "java.util.EmptyStackException",
    "java.util.NoSuchElementException",
    "org.springframework.web.client.RestClientException",
  ],
  "java.lang.IllegalArgumentException": language("NumberFormatException"),
  "java.lang.IndexOutOfBoundsException": language(
    "ArrayIndexOutOfBoundsException",
    "StringIndexOutOfBoundsException",
  ),
  "java.io.IOException": [
    "java.io.FileNotFoundException",
    "java.io.UnsupportedEncodingException",
    "java.net.MalformedURLException",
    "java.net.SocketException",
    "java.net.SocketTimeoutException",
    "java.net.UnknownHostException",
  ],
  "java.net.SocketException": ["java.net.ConnectException"],
  "java.security.GeneralSecurityException": [
    "java.security.NoSuchAlgorithmException",
    "java.security.KeyException",
  ],
  "java.security.KeyException": ["java.security.InvalidKeyException"],
  "java.util.NoSuchElementException": ["java.util.InputMismatchException"],
  "org.springframework.web.client.RestClientException": [
    "org.springframework.web.client.ResourceAccessException",
    "org.springframework.web.client.RestClientResponseException",
  ],
};
const parentOf = new Map();
for (const parent of Object.keys(parents)) {
  for (const name of parents[parent]) {
    parentOf.set(name, parent);
    noteClass(name);
  }
}

/** Spring's exceptions have their causes at hand. */
const withCauses = (type) =>
  addMethods(type, {
    getMostSpecificCause() {
      return this.cause ?? this;
    },
    getRootCause() {
      return this.cause ?? null;
    },
  });

// Made when they are first named, since a run names few of them.
whenMissing((name) => {
  const parent = parentOf.get(name);
  if (parent === undefined) return;
  const type = exceptionClass(name, parent);
  if (name.endsWith(".RestClientException")) withCauses(type);
});

/** Makes the exception of a class in the table. */
export const exceptionOf = (name, message) =>
  new (findClass(name) ?? findClass("java.lang.RuntimeException"))(message);
