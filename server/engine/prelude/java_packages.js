// Java names in scripts: package trees, Java.type, JavaImporter and Rhino's import functions.
import { freeze, hide } from "./builtins.js";
import {
  classesOfPackage,
  findClass,
  JavaObject,
  MissingClass,
  nameOfClass,
  simpleName,
} from "./java_classes.js";
import { ArrayList } from "./java_lists.js";

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

const arrayTypes = { byte: Int8Array, int: Int32Array, long: Float64Array, double: Float64Array };

const arrayType = (name) => {
  const Typed = arrayTypes[name.slice(0, -2)];
  function JavaArray(length) {
    return Typed === undefined ? new Array(length).fill(null) : new Typed(length);
  }
  JavaArray.class = { getName: () => name };
  return JavaArray;
};

const type = (given) => {
  const name = String(given);
  if (name.endsWith("[]")) return arrayType(name);
  const found = findClass(name);
  if (found === undefined) throw new MissingClass(name);
  return found;
};

hide(
  globalThis,
  "Java",
  freeze({
    type,
    from: (values) => (values === null || values === undefined ? null : Array.from(values)),
    to(values, given) {
      const name = typeof given === "string" ? given : (nameOfClass(given) ?? "");
      if (name.endsWith("List")) return new ArrayList(values);
      return (arrayTypes[name.replace("[]", "")] ?? Array).from(values);
    },
    extend:
      (parent, methods) =>
      (...values) =>
        Object.assign(
          new (parent.prototype === undefined ? JavaObject : parent)(...values),
          methods,
        ),
    isJavaObject: (value) => value instanceof JavaObject,
    isType: (value) => nameOfClass(value) !== undefined,
    typeName: (value) => nameOfClass(value),
  }),
);

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

hide(globalThis, "importClass", (...constructors) => {
  for (const one of constructors) hide(globalThis, simpleName(nameOfClass(one)), one);
});
hide(globalThis, "importPackage", (...trees) => {
  for (const tree of trees) {
    for (const [name, found] of classesOfPackage(packagePaths.get(tree))) {
      hide(globalThis, simpleName(name), found);
    }
  }
});
hide(globalThis, "load", (name) => {
  if (name !== "nashorn:mozilla_compat.js") throw new MissingClass(`script ${String(name)}`);
});
