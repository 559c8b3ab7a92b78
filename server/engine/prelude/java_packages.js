// Java names in scripts: package trees, Java.type, JavaImporter and Rhino's import functions.
import { freeze, hide } from "./builtins.js";
import {
  classNames,
  findClass,
  implement,
  JavaObject,
  MissingClass,
  missingOf,
  nameOfClass,
  packageOfName,
  simpleName,
} from "./java_classes.js";

const packages = new Map();
const packagePaths = new WeakMap();

/**
 * A package is a tree that grows as it is named. A name that is neither a class nor leads to one
 * fails where it is used as a class: by `new`, by a call, or by `.class`.
 */
const packageOf = (path) => {
  const known = packages.get(path);
  if (known !== undefined) return known;
  const fail = () => {
    throw new MissingClass(path);
  };
  // A proxy can be called and constructed only when its target can be.
  function Package() {}
  const tree = new Proxy(Package, {
    apply: fail,
    construct: fail,
    set: fail,
    get(_target, key) {
      if (typeof key === "symbol" || key === "prototype") return undefined;
      if (key === "class") return fail();
      if (key === "toString") return () => `[JavaPackage ${path}]`;
      const name = path === "" ? key : `${path}.${key}`;
      return findClass(name) ?? packageOf(name);
    },
  });
  packages.set(path, tree);
  packagePaths.set(tree, path);
  return tree;
};

for (const root of ["java", "javax", "org", "com", "net", "io", "edu"]) {
  hide(globalThis, root, packageOf(root));
}
hide(globalThis, "Packages", packageOf(""));

/** Makes the trees of all packages that have classes, so that no run has to. */
export const growPackages = () => {
  for (const name of classNames()) {
    const path = name.split(".").slice(0, -1);
    for (let depth = 1; depth <= path.length; depth++) packageOf(path.slice(0, depth).join("."));
  }
};

const arrayTypes = {
  byte: Int8Array,
  double: Float64Array,
  float: Float32Array,
  int: Int32Array,
  long: Float64Array,
  short: Int16Array,
};

const arrayType = (name) => {
  const Typed = arrayTypes[name.slice(0, -2)];
  function JavaArray(length) {
    return Typed === undefined ? new Array(length).fill(null) : new Typed(length);
  }
  JavaArray.class = { getName: () => name };
  hide(JavaArray, "toString", () => `[JavaClass ${name}]`);
  return JavaArray;
};

const type = (given) => {
  const name = String(given);
  if (name.endsWith("[]")) return arrayType(name);
  const found = findClass(name.replaceAll("$", "."));
  if (found === undefined) throw new MissingClass(name);
  return found;
};

const isType = (value) => nameOfClass(value) !== undefined;

/** A class with methods of the script: given once for all objects, or with each one that is made. */
const extend = (...given) => {
  const [parent = JavaObject] = given.filter(isType);
  const shared = given.find((one) => !isType(one));
  const isInterface = parent.prototype instanceof JavaObject === false && parent !== JavaObject;
  class Extended extends (isInterface ? JavaObject : parent) {
    constructor(...values) {
      const own = shared ?? values.pop();
      super(...values);
      // biome-ignore lint/correctness/noConstructorReturn: a list or a map is behind a proxy.
      return typeof own === "function" ? new parent(own) : implement(this, own);
    }
  }
  return Extended;
};

hide(
  globalThis,
  "Java",
  freeze({
    asJSONCompatible: (value) => value,
    extend,
    from: (values) => (values === null || values === undefined ? null : Array.from(values)),
    isJavaFunction: isType,
    isJavaObject: (value) => value instanceof JavaObject,
    isScriptFunction: (value) => typeof value === "function" && !isType(value),
    isType,
    /** Ours: what a name lacks, with advice; null when it leads to a class. */
    missing: missingOf,
    synchronized: (work) => work,
    to(values, given) {
      const name = typeof given === "string" ? given : (nameOfClass(given) ?? String(given ?? ""));
      if (/(?:List|Deque|Queue|Collection)$/.test(name)) {
        return new (findClass("java.util.ArrayList"))(values);
      }
      const [, items] = /([\w.]+)\[\]/.exec(name) ?? [];
      return (arrayTypes[items] ?? Array).from(values);
    },
    type,
    typeName: (value) => nameOfClass(value),
  }),
);

/** Rhino's way to implement interfaces. */
function JavaAdapter(...given) {
  return new (extend(...given.filter(isType)))(given.find((one) => !isType(one)));
}
hide(globalThis, "JavaAdapter", JavaAdapter);

const named = (sources, key) => {
  for (const source of sources) {
    const name = nameOfClass(source);
    if (name !== undefined && simpleName(name) === key) return source;
    const path = packagePaths.get(source);
    const found = path === undefined ? undefined : findClass(`${path}.${String(key)}`);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The scope object of `with (new JavaImporter(java.util)) { ... }`. */
function JavaImporter(...sources) {
  return new Proxy(Object.create(null), {
    has: (_target, key) => named(sources, key) !== undefined,
    get: (_target, key) => (typeof key === "symbol" ? undefined : named(sources, key)),
  });
}
hide(globalThis, "JavaImporter", JavaImporter);

/** What is given for import and is neither a class nor a package names nothing that is there. */
const nameToImport = (source, name) => {
  if (name === undefined) throw new MissingClass(packagePaths.get(source) ?? String(source));
  return name;
};

hide(globalThis, "importClass", (...constructors) => {
  for (const one of constructors) {
    hide(globalThis, simpleName(nameToImport(one, nameOfClass(one))), one);
  }
});
hide(globalThis, "importPackage", (...trees) => {
  for (const tree of trees) {
    const path = nameToImport(tree, packagePaths.get(tree));
    for (const name of classNames()) {
      // As Rhino has it, a name that is there already keeps its meaning: Date, Map, Set.
      if (packageOfName(name) === path && !(simpleName(name) in globalThis)) {
        hide(globalThis, simpleName(name), findClass(name));
      }
    }
  }
});
hide(globalThis, "load", (name) => {
  if (name !== "nashorn:mozilla_compat.js") throw new MissingClass(`script ${String(name)}`);
});
