// The interfaces that scripts implement, with Java.extend or from a function.
import {
  addMethods,
  compareValues,
  functionOf,
  JavaObject,
  javaInterface,
} from "./java_classes.js";

/** Interfaces by package, each with the name of its one method. */
const functional = {
  "java.lang": { AutoCloseable: "close", Comparable: "compareTo", Runnable: "run" },
  "java.util.concurrent": { Callable: "call" },
  "java.util.function": {
    BiConsumer: "accept",
    BiFunction: "apply",
    BiPredicate: "test",
    BinaryOperator: "apply",
    BooleanSupplier: "getAsBoolean",
    Consumer: "accept",
    Function: "apply",
    IntFunction: "apply",
    IntPredicate: "test",
    Predicate: "test",
    Supplier: "get",
    ToDoubleFunction: "applyAsDouble",
    ToIntFunction: "applyAsInt",
    ToLongFunction: "applyAsLong",
    UnaryOperator: "apply",
  },
};
const withIdentity = ["Function", "UnaryOperator"];
for (const path of Object.keys(functional)) {
  for (const name of Object.keys(functional[path])) {
    const statics = withIdentity.includes(name) ? { identity: () => (value) => value } : {};
    javaInterface(`${path}.${name}`, functional[path][name], statics);
  }
}

/** The function that compares, of a Comparator, a function, or the natural order when absent. */
export const comparison = (comparator) =>
  comparator === null || comparator === undefined
    ? compareValues
    : functionOf(comparator, "compare");

/** java.util.Comparator over a function that compares. */
const comparator = (compare) => new Comparator((one, other) => compare(one, other));

const keyReader = (read) => functionOf(read, "apply");

const byKey = (read, order) => {
  const [key, compare] = [keyReader(read), comparison(order)];
  return (one, other) => compare(key(one), key(other));
};

/** The order that turns another one round, or the natural order when absent. */
export const reverseOrder = (order) => {
  const compare = comparison(order);
  return comparator((one, other) => compare(other, one));
};

const Comparator = javaInterface("java.util.Comparator", "compare", {
  comparing: (read, order) => comparator(byKey(read, order)),
  comparingInt: (read) => comparator(byKey(read)),
  comparingLong: (read) => comparator(byKey(read)),
  comparingDouble: (read) => comparator(byKey(read)),
  naturalOrder: () => comparator(compareValues),
  reverseOrder: () => reverseOrder(),
});
addMethods(Comparator, {
  reversed() {
    return reverseOrder(this);
  },
  thenComparing(next, order) {
    const compare = comparison(this);
    const isOrder = next instanceof JavaObject || next.length === 2;
    const then = isOrder ? comparison(next) : byKey(next, order);
    return comparator((one, other) => compare(one, other) || then(one, other));
  },
});
