// java.util.stream: streams over values that are already there.
import {
  addMethods,
  compareValues,
  functionOf,
  JavaObject,
  javaClass,
  javaText,
  staticClass,
} from "./java_classes.js";
import { comparison } from "./java_interfaces.js";
import { ArrayList, FixedList } from "./java_lists.js";
import { HashMap } from "./java_maps.js";
import { Optional } from "./java_optional.js";
import { HashSet, keyOf } from "./java_sets.js";
import { exceptionOf } from "./java_throwables.js";

const read = (change) => functionOf(change, "apply");
const holds = (test) => functionOf(test, "test");

class Stream extends JavaObject {
  #values;
  constructor(values) {
    super();
    this.#values = [...values];
  }
  allMatch(test) {
    return this.#values.every((value) => holds(test)(value));
  }
  anyMatch(test) {
    return this.#values.some((value) => holds(test)(value));
  }
  average() {
    return new Optional(this.count() === 0 ? null : this.sum() / this.count());
  }
  boxed() {
    return this;
  }
  collect(collector) {
    return collector(this.#values);
  }
  count() {
    return this.#values.length;
  }
  distinct() {
    return new Stream(new Map(this.#values.map((value) => [keyOf(value), value])).values());
  }
  filter(test) {
    return new Stream(this.#values.filter((value) => holds(test)(value)));
  }
  findAny() {
    return this.findFirst();
  }
  findFirst() {
    return new Optional(this.#values[0]);
  }
  flatMap(change) {
    return new Stream(this.#values.flatMap((value) => read(change)(value).toArray()));
  }
  forEach(work) {
    for (const value of this.#values) functionOf(work, "accept")(value);
  }
  forEachOrdered(work) {
    this.forEach(work);
  }
  iterator() {
    return this.toList().iterator();
  }
  limit(count) {
    return new Stream(this.#values.slice(0, count));
  }
  map(change) {
    return new Stream(this.#values.map((value) => read(change)(value)));
  }
  max(order) {
    return new Optional(this.sorted(order).toArray().at(-1));
  }
  min(order) {
    return new Optional(this.sorted(order).toArray()[0]);
  }
  noneMatch(test) {
    return !this.anyMatch(test);
  }
  peek(work) {
    this.forEach(work);
    return this;
  }
  reduce(...given) {
    const join = functionOf(given.at(-1), "apply");
    const step = (one, other) => join(one, other);
    if (given.length > 1) return this.#values.reduce(step, given[0]);
    return this.count() === 0 ? Optional.empty() : new Optional(this.#values.reduce(step));
  }
  skip(count) {
    return new Stream(this.#values.slice(count));
  }
  sorted(order) {
    return new Stream(
      this.#values.toSorted(order === undefined ? compareValues : comparison(order)),
    );
  }
  sum() {
    return this.#values.reduce((one, other) => one + other, 0);
  }
  toArray() {
    return [...this.#values];
  }
  toList() {
    return new FixedList(this.#values);
  }
  [Symbol.iterator]() {
    return this.#values[Symbol.iterator]();
  }
}
const numeric = {
  asDoubleStream: "boxed",
  asLongStream: "boxed",
  mapToDouble: "map",
  mapToInt: "map",
  mapToLong: "map",
  mapToObj: "map",
  parallel: "boxed",
  sequential: "boxed",
};
for (const name of Object.keys(numeric)) {
  addMethods(Stream, { [name]: Stream.prototype[numeric[name]] });
}
javaClass("java.util.stream.Stream", Stream);
Object.assign(Stream, { empty: () => new Stream([]), of: (...values) => new Stream(values) });

const counted = (from, end) =>
  Array.from({ length: Math.max(0, end - from) }, (_, at) => from + at);
staticClass("java.util.stream.IntStream", {
  of: Stream.of,
  range: (from, end) => new Stream(counted(from, end)),
  rangeClosed: (from, last) => new Stream(counted(from, last + 1)),
});

/** A stream of the values of an array. */
export const streamOf = (values) => new Stream(values);

const asList = (values) => new ArrayList(values);

const groupingBy = (key, ...rest) => {
  const collector = rest.at(-1) ?? asList;
  return (values) => {
    const groups = new HashMap();
    for (const value of values) groups.computeIfAbsent(read(key)(value), () => []).push(value);
    groups.replaceAll((_key, group) => collector(group));
    return groups;
  };
};

const toMap =
  (key, value, join, supply = () => new HashMap()) =>
  (values) => {
    const map = functionOf(supply, "get")();
    for (const one of values) {
      const name = read(key)(one);
      if (join === undefined && map.containsKey(name)) {
        throw exceptionOf("java.lang.IllegalStateException", `Duplicate key ${javaText(name)}`);
      }
      map.merge(name, read(value)(one), join);
    }
    return map;
  };

const parted = (test, collector = asList) => {
  const yes = holds(test);
  return (values) => {
    const map = new HashMap();
    map.put(false, collector(values.filter((value) => !yes(value))));
    map.put(true, collector(values.filter((value) => yes(value))));
    return map;
  };
};

/** A collector is a function from the array of all values to what is collected. */
const summing = (change) => (values) =>
  values.reduce((sum, value) => sum + functionOf(change, "applyAsInt")(value), 0);
staticClass("java.util.stream.Collectors", {
  averagingInt: (change) => (values) =>
    values.length === 0 ? 0 : summing(change)(values) / values.length,
  collectingAndThen: (collector, then) => (values) => read(then)(collector(values)),
  counting: () => (values) => values.length,
  groupingBy,
  joining:
    (separator = "", start = "", end = "") =>
    (values) =>
      start + values.map(javaText).join(separator) + end,
  mapping: (change, collector) => (values) => collector(values.map((value) => read(change)(value))),
  partitioningBy: parted,
  summingInt: summing,
  toCollection: (supply) => (values) => {
    const collection = functionOf(supply, "get")();
    collection.addAll(values);
    return collection;
  },
  toList: () => asList,
  toMap,
  toSet: () => (values) => new HashSet(values),
  toUnmodifiableList: () => (values) => new FixedList(values),
});
