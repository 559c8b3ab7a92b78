// java.util sets: HashSet, LinkedHashSet and the sorted TreeSet.
import { addMethods, compareValues, JavaObject, javaClass, nameOfClass } from "./java_classes.js";
import {
  Collection,
  changes,
  collectionInterface,
  unmodifiable,
  unorderedHash,
} from "./java_collections.js";
import { comparison, reverseOrder } from "./java_interfaces.js";
import { exceptionOf } from "./java_throwables.js";

/** What makes two values one key: they themselves, or class and text where those make them equal. */
export const keyOf = (value) => {
  if (value instanceof String) return String(value);
  const isPlain = !(value instanceof JavaObject) || value.equals === JavaObject.prototype.equals;
  if (isPlain) return value ?? null;
  return `${nameOfClass(value.constructor)}\0${value}`;
};

/** java.util.HashSet, in the order in which values were added. */
export class HashSet extends Collection {
  constructor(values) {
    super();
    this.items = new Map();
    if (typeof values === "object" && values !== null) this.addAll(values);
  }
  add(value) {
    const key = keyOf(value);
    if (this.items.has(key)) return false;
    this.items.set(key, value);
    return true;
  }
  clear() {
    this.items.clear();
  }
  contains(value) {
    return this.items.has(keyOf(value));
  }
  equals(other) {
    return other instanceof HashSet && other.size() === this.size() && this.containsAll(other);
  }
  hashCode() {
    return unorderedHash(this.toArray());
  }
  remove(value) {
    return this.items.delete(keyOf(value));
  }
  size() {
    return this.items.size;
  }
  toArray() {
    return [...this.items.values()];
  }
}
javaClass("java.util.HashSet", HashSet);
javaClass("java.util.LinkedHashSet", class LinkedHashSet extends HashSet {});

/** The value at an index of a list, or null beyond its ends. */
const valueAt = (values, index) => values[index] ?? null;

/** What is found in sorted values, for sets and the keys of maps. */
export const sortedSearch = {
  first(values) {
    if (values.length > 0) return values[0];
    throw exceptionOf("java.util.NoSuchElementException");
  },
  last(values) {
    if (values.length > 0) return values.at(-1);
    throw exceptionOf("java.util.NoSuchElementException");
  },
  ceiling: (values, value, compare) => values.find((one) => compare(one, value) >= 0) ?? null,
  floor: (values, value, compare) => values.findLast((one) => compare(one, value) <= 0) ?? null,
  higher: (values, value, compare) => values.find((one) => compare(one, value) > 0) ?? null,
  lower: (values, value, compare) => values.findLast((one) => compare(one, value) < 0) ?? null,
};

class TreeSet extends HashSet {
  constructor(given) {
    super();
    const isOrder = typeof given === "function" || typeof given?.compare === "function";
    this.order = isOrder ? given : null;
    this.compare = isOrder ? comparison(given) : compareValues;
    if (!isOrder && given) this.addAll(given);
  }
  comparator() {
    return this.order;
  }
  /** A set in the same order with some of the values. */
  kept(test) {
    const set = new TreeSet(this.order);
    set.addAll(this.toArray().filter(test));
    return set;
  }
  descendingSet() {
    const set = new TreeSet(reverseOrder(this.order));
    set.addAll(this);
    return set;
  }
  descendingIterator() {
    return this.descendingSet().iterator();
  }
  headSet(end, isInclusive = false) {
    return this.kept((value) => this.compare(value, end) < (isInclusive ? 1 : 0));
  }
  pollFirst() {
    const first = valueAt(this.toArray(), 0);
    this.remove(first);
    return first;
  }
  pollLast() {
    const last = valueAt(this.toArray(), this.size() - 1);
    this.remove(last);
    return last;
  }
  subSet(from, to) {
    return this.kept((value) => this.compare(value, from) >= 0 && this.compare(value, to) < 0);
  }
  tailSet(start, isInclusive = true) {
    return this.kept((value) => this.compare(value, start) > (isInclusive ? -1 : 0));
  }
  toArray() {
    return super.toArray().sort(this.compare);
  }
}
for (const name of Object.keys(sortedSearch)) {
  addMethods(TreeSet, {
    [name]: function (value) {
      return sortedSearch[name](this.toArray(), value, this.compare);
    },
  });
}
javaClass("java.util.TreeSet", TreeSet);
collectionInterface("java.util.SortedSet", TreeSet);

/** A set that cannot be changed. */
const FixedSet = unmodifiable(HashSet, changes);

/** Makes a set that cannot be changed of values. */
export const fixedSet = (values) => {
  const set = new FixedSet();
  for (const value of values) HashSet.prototype.add.call(set, value);
  return set;
};
collectionInterface("java.util.Set", HashSet, {
  copyOf: fixedSet,
  of: (...values) => fixedSet(values),
});
