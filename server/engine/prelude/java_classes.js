// The table of Java classes that scripts can name, and what all their objects have in common.
import { hide, hideComputed } from "./builtins.js";

const classes = new Map();
const nameOfType = new WeakMap();
const known = new Set();
const packages = new Set();

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
  getCanonicalName() {
    return this.className;
  }
  getTypeName() {
    return this.className;
  }
  isInstance(value) {
    return value instanceof classes.get(this.className);
  }
  hashCode() {
    return hashOfText(this.className);
  }
  equals(other) {
    return other === this;
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
  nameOfType.set(type, name);
  noteClass(name);
  const outer = classes.get(packageOfName(name));
  if (outer !== undefined) hide(outer, simpleName(name), type);
  hideComputed(type, "class", () => shown);
  if (type.prototype !== undefined) hide(type.prototype, "getClass", () => shown);
  addBeanProperties(type);
  return type;
};

/**
 * Enters an interface. An object of it is made from a function, which becomes the one method that the
 * interface has, or from an object with methods.
 */
export const javaInterface = (name, method, members = {}) => {
  class Implementation extends JavaObject {
    constructor(given) {
      super();
      if (typeof given === "function") hide(this, method, given);
      else implement(this, given);
    }
  }
  for (const key of Object.keys(members)) hide(Implementation, key, members[key]);
  return javaClass(name, Implementation);
};

/** Gives an object the methods of another one. */
export const implement = (target, methods) => {
  for (const key in methods ?? {}) hide(target, key, methods[key]);
  return target;
};

/** The function behind a function or an object of a functional interface. */
export const functionOf = (value, method) =>
  typeof value === "function" ? value : (...values) => value[method](...values);

/** Adds methods to a class which are made in a loop; `for (key in object)` does not see them. */
export const addMethods = ({ prototype }, methods) => {
  for (const name of Object.keys(methods)) hide(prototype, name, methods[name]);
};

/** Enters a class of which scripts use only static members. */
export const staticClass = (name, members) => {
  function Static() {
    throw new TypeError(`${name} cannot be created with new`);
  }
  for (const key of Object.keys(members)) Static[key] = members[key];
  return javaClass(name, Static);
};

const loaders = [];

/** Adds a way in which a class comes into the table that is looked for and not there. */
export const whenMissing = (load) => {
  loaders.push(load);
};

/** The class of a full Java name, undefined when there is none. */
export const findClass = (name) => {
  for (const load of loaders) if (!classes.has(name)) load(name);
  return classes.get(name);
};

/** The full names of all classes that can be found. */
export const classNames = () => [...known];

/** Notes that a class of this name can be found, in the table or later. */
export const noteClass = (name) => {
  known.add(name);
  for (let path = packageOfName(name); path !== ""; path = packageOfName(path)) packages.add(path);
};

let hintFor = () => undefined;

/** Says where advice on names comes from that are not available. */
export const adviseBy = (advise) => {
  hintFor = advise;
};

/** The full Java name of a class of the table. */
export const nameOfClass = (type) => nameOfType.get(type);

/** The last part of a Java name. */
export const simpleName = (name) => name.slice(name.lastIndexOf(".") + 1);

/** The package of a class, or what a nested class is nested in. */
export const packageOfName = (name) => name.slice(0, Math.max(0, name.lastIndexOf(".")));

/** The Java name behind a class, a `.class` value or a name. */
export const typeNameOf = (type) => {
  if (typeof type === "object" && typeof type?.getName === "function") return type.getName();
  return typeof type === "function" ? nameOfClass(type) : type;
};

const isCapital = (name) => /^\p{Lu}/u.test(name);
const isClassLike = (name) => /^\p{Lu}.*\p{Ll}/u.test(name);

/** The part of a path that names a class: up to its first capital letter, or all of it. */
const classPart = (path) => {
  const names = path.split(".");
  const capital = names.findIndex(isCapital);
  return capital < 0 ? path : names.slice(0, capital + 1).join(".");
};

/** A class that is not in the table. It ends the run with code 3003 unless the script catches it. */
export class MissingClass extends ReferenceError {
  constructor(path) {
    const { message, hint } = missing(path, classPart(path));
    super(hint === null ? message : `${message}: ${hint}`);
    hide(this, "name", "java.lang.ClassNotFoundException");
  }
}

const missing = (path, name) => ({
  message: `Java class ${name} is not available in the script engine`,
  hint: hintFor(path) ?? null,
});

/**
 * What a Java name lacks: nothing (null) when it leads to a class and a member of it, or, unless it
 * must be a class, to a package with classes.
 */
export const missingOf = (path, mustBeClass) => {
  const names = path.split(".");
  for (let count = 1; count <= names.length; count++) {
    const name = names.slice(0, count).join(".");
    const found = findClass(name);
    if (found === undefined) continue;
    const member = names[count];
    if (member === undefined || member in found) return null;
    if (isClassLike(member)) return missing(path, `${name}.${member}`);
    const message = `${name} has no member ${member} in the script engine`;
    return { message, hint: hintFor(path) ?? null };
  }
  if (packages.has(path) && !mustBeClass) return null;
  if (mustBeClass || path.split(".").some(isCapital)) return missing(path, classPart(path));
  return {
    message: `Java package ${path} has no classes in the script engine`,
    hint: hintFor(path) ?? null,
  };
};

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
export const javaEquals = (one, other) => {
  if (one instanceof JavaObject) return one.equals(other) === true;
  if (one instanceof String || other instanceof String) return String(one) === String(other);
  return one === other || ((one ?? null) === null && (other ?? null) === null);
};

/** Java's hash of a value. */
export const javaHash = (value) => {
  if (value === null || value === undefined) return 0;
  if (typeof value === "boolean") return value ? 1231 : 1237;
  if (typeof value === "number") return value | 0;
  return value instanceof JavaObject ? value.hashCode() : hashOfText(String(value));
};

/** The natural order of two values, as a number below, at or above zero. */
export const compareValues = (one, other) => {
  if (one instanceof JavaObject) return one.compareTo(other);
  return one < other ? -1 : one > other ? 1 : 0;
};

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
