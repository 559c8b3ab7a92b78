// The table of Java classes that scripts can name, and what all their objects have in common.
import { hide, hideComputed } from "./builtins.js";

const classes = new Map();
const classNames = new WeakMap();

/** What `X.class` gives. */
class JavaClass {
  constructor(name) {
    hide(this, "className", name);
  }
  getName() {
    return this.className;
  }
  getSimpleName() {
    return simpleName(this.className);
  }
  toString() {
    return `class ${this.className}`;
  }
}

/** The root of the imitated classes. */
export class JavaObject {
  equals(other) {
    return this === other;
  }
  hashCode() {
    return hashOfText(String(this));
  }
  toString() {
    return `${nameOfClass(this.constructor) ?? "java.lang.Object"}@1`;
  }
}

/** Enters a class into the table under its full Java name. */
export const javaClass = (name, type) => {
  const shown = new JavaClass(name);
  classes.set(name, type);
  classNames.set(type, name);
  hideComputed(type, "class", () => shown);
  if (type.prototype !== undefined) hide(type.prototype, "getClass", () => shown);
  addBeanProperties(type);
  return type;
};

/** Enters a class of which scripts use only static members. */
export const staticClass = (name, members) => {
  function Static() {
    throw new TypeError(`${name} cannot be created with new`);
  }
  for (const key of Object.keys(members)) Static[key] = members[key];
  return javaClass(name, Static);
};

/** The class of a full Java name, undefined when it is not in the table. */
export const findClass = (name) => classes.get(name);

/** The full Java name of a class of the table. */
export const nameOfClass = (type) => classNames.get(type);

/** The last part of a Java name. */
export const simpleName = (name) => name.slice(name.lastIndexOf(".") + 1);

/** The classes of one package, as pairs of name and class. */
export const classesOfPackage = (path) =>
  [...classes].filter(([name]) => name.slice(0, Math.max(0, name.lastIndexOf("."))) === path);

/** The Java name behind a class, a `.class` value or a name. */
export const typeNameOf = (type) => {
  if (type instanceof JavaClass) return type.getName();
  return typeof type === "function" ? nameOfClass(type) : type;
};

/** A class that is not in the table. It ends the run with code 3003 unless the script catches it. */
export class MissingClass extends ReferenceError {
  constructor(name) {
    super(`Java class ${name} is not available in the script engine`);
    hide(this, "name", "java.lang.ClassNotFoundException");
  }
}

/** Lets scripts write `x.foo` for `x.getFoo()` and `x.isFoo()`, and assign where a setter exists. */
const addBeanProperties = ({ prototype }) => {
  if (prototype === undefined) return;
  for (const method of Object.getOwnPropertyNames(prototype)) {
    const [, first, rest] = /^(?:get|is)([A-Z])(\w*)$/.exec(method) ?? [];
    if (first === undefined || prototype[method].length > 0) continue;
    const property = first.toLowerCase() + rest;
    if (property in prototype) continue;
    const get = function () {
      return this[method]();
    };
    const set = function (value) {
      this[`set${first}${rest}`]?.(value);
    };
    hideComputed(prototype, property, get, set);
  }
};

/** Equality as Java's collections see it. */
export const javaEquals = (one, other) =>
  one === other || (one instanceof JavaObject && one.equals(other) === true);

/** Text as Java's string concatenation writes it. */
export const javaText = (value) => {
  if (value === null || value === undefined) return "null";
  return Array.isArray(value) ? `[${value.map(javaText).join(", ")}]` : String(value);
};

/** Java's hash of a string. */
export const hashOfText = (text) => {
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
};

javaClass("java.lang.Object", JavaObject);
