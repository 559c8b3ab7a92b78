// java.util.HashMap, which other maps are made of, and maps that cannot be changed.
import {
  functionOf,
  JavaObject,
  javaClass,
  javaEquals,
  javaHash,
  javaText,
} from "./java_classes.js";
import { collectionInterface, unmodifiable, unorderedHash } from "./java_collections.js";
import { comparison } from "./java_interfaces.js";
import { ArrayList } from "./java_lists.js";
import { HashSet, keyOf } from "./java_sets.js";
import { exceptionOf } from "./java_throwables.js";

/** java.util.AbstractMap.SimpleEntry, whose changes may reach a map. */
export class SimpleEntry extends JavaObject {
  constructor(key, value, change = () => {}) {
    super();
    this.pair = [key, value];
    this.change = change;
  }
  equals(other) {
    return (
      other instanceof SimpleEntry &&
      javaEquals(this.getKey(), other.getKey()) &&
      javaEquals(this.getValue(), other.getValue())
    );
  }
  getKey() {
    return this.pair[0];
  }
  getValue() {
    return this.pair[1];
  }
  hashCode() {
    return javaHash(this.pair[0]) ^ javaHash(this.pair[1]);
  }
  setValue(value) {
    const before = this.pair[1];
    this.pair = [this.pair[0], value];
    this.change(value);
    return before;
  }
  toString() {
    return `${javaText(this.getKey())}=${javaText(this.getValue())}`;
  }
}

/** A name is a method's before it is a key, and a key before it is a property of the object. */
const isOwn = (map, key) =>
  typeof key === "symbol" ||
  typeof map[key] === "function" ||
  (key in map && !map.containsKey(map.spelled(key)));

/** Lets scripts write `map.key`, `map.key = value` and `for (key in map)`. */
const mapTraps = {
  get(map, key) {
    if (!isOwn(map, key)) return map.get(map.spelled(key));
    const value = map[key];
    return typeof value === "function" ? value.bind(map) : value;
  },
  set(map, key, value) {
    map.put(map.spelled(key), value);
    return true;
  },
  has: (map, key) => isOwn(map, key) || map.containsKey(map.spelled(key)),
  deleteProperty(map, key) {
    map.remove(map.spelled(key));
    return true;
  },
  ownKeys: (map) => [...new Set(map.pairs().map(([key]) => String(key)))],
  getOwnPropertyDescriptor: (map, key) =>
    map.containsKey(map.spelled(key))
      ? { value: map.get(map.spelled(key)), writable: true, enumerable: true, configurable: true }
      : undefined,
};

/** A walk through a map by its keys, its values or its entries, which removes from the map too. */
class MapView extends HashSet {
  constructor(map, read) {
    super();
    this.map = map;
    this.read = read;
  }
  add() {
    throw exceptionOf("java.lang.UnsupportedOperationException");
  }
  clear() {
    this.map.clear();
  }
  contains(value) {
    return this.toArray().some((one) => javaEquals(one, value));
  }
  forget(_value, index) {
    this.map.remove(this.map.pairs()[index][0]);
  }
  remove(value) {
    const index = this.toArray().findIndex((one) => javaEquals(one, value));
    if (index >= 0) this.forget(value, index);
    return index >= 0;
  }
  size() {
    return this.map.size();
  }
  toArray() {
    return this.map.pairs().map(this.read);
  }
}

/** java.util.HashMap, in the order in which keys were added; scripts may use it like an object. */
export class HashMap extends JavaObject {
  constructor(values) {
    super();
    this.items = new Map();
    if (typeof values === "object" && values !== null) this.putAll(values);
    // biome-ignore lint/correctness/noConstructorReturn: the proxy is the map that scripts see.
    return new Proxy(this, mapTraps);
  }
  /** The pairs in the order in which the map is walked. */
  pairs() {
    return [...this.items.values()];
  }
  /** The key that a property's name means: a number where only that is one. */
  spelled(name) {
    return this.items.has(name) || !this.items.has(Number(name)) ? name : Number(name);
  }
  clear() {
    this.items.clear();
  }
  /** Puts what was computed, or removes the key where that is null. */
  settle(key, value) {
    const isGone = value === null || value === undefined;
    if (isGone) this.remove(key);
    else this.put(key, value);
    return isGone ? null : value;
  }
  compute(key, change) {
    return this.settle(key, functionOf(change, "apply")(key, this.get(key)));
  }
  computeIfAbsent(key, compute) {
    const present = this.get(key);
    return present === null ? this.settle(key, functionOf(compute, "apply")(key)) : present;
  }
  computeIfPresent(key, change) {
    return this.get(key) === null ? null : this.compute(key, change);
  }
  containsKey(key) {
    return this.items.has(keyOf(key));
  }
  containsValue(value) {
    return this.pairs().some((pair) => javaEquals(pair[1], value));
  }
  entrySet() {
    return new MapView(
      this,
      ([key, value]) => new SimpleEntry(key, value, (changed) => this.put(key, changed)),
    );
  }
  equals(other) {
    const isSame = ([key, value]) => other.containsKey(key) && javaEquals(value, other.get(key));
    return other instanceof HashMap && other.size() === this.size() && this.pairs().every(isSame);
  }
  forEach(work) {
    const accept = functionOf(work, "accept");
    for (const [key, value] of this.pairs()) accept(key, value);
  }
  get(key) {
    return this.items.get(keyOf(key))?.[1] ?? null;
  }
  getOrDefault(key, otherwise) {
    return this.containsKey(key) ? this.get(key) : otherwise;
  }
  hashCode() {
    return unorderedHash(this.entrySet());
  }
  isEmpty() {
    return this.items.size === 0;
  }
  keySet() {
    return new MapView(this, ([key]) => key);
  }
  merge(key, value, join) {
    const before = this.get(key);
    return this.settle(key, before === null ? value : functionOf(join, "apply")(before, value));
  }
  put(key, value) {
    const before = this.get(key);
    this.items.set(keyOf(key), [key, value ?? null]);
    return before;
  }
  putAll(values) {
    const pairs = values instanceof HashMap ? values.pairs() : Object.entries(values);
    for (const [key, value] of pairs) this.put(key, value);
  }
  putIfAbsent(key, value) {
    const before = this.get(key);
    if (before === null) this.put(key, value);
    return before;
  }
  remove(key, ...expected) {
    const before = this.get(key);
    if (expected.length > 0 && !javaEquals(before, expected[0])) return false;
    this.items.delete(keyOf(key));
    return expected.length > 0 ? true : before;
  }
  replace(key, value) {
    return this.containsKey(key) ? this.put(key, value) : null;
  }
  replaceAll(change) {
    for (const [key, value] of this.pairs()) this.put(key, functionOf(change, "apply")(key, value));
  }
  size() {
    return this.items.size;
  }
  toJSON() {
    const object = Object.create(null);
    for (const [key, value] of this.pairs()) object[String(key)] = value;
    return object;
  }
  toString() {
    return `{${this.entrySet().toArray().join(", ")}}`;
  }
  values() {
    return new MapView(this, (pair) => pair[1]);
  }
}
javaClass("java.util.HashMap", HashMap);
javaClass("java.util.LinkedHashMap", class LinkedHashMap extends HashMap {});
javaClass("java.util.concurrent.ConcurrentHashMap", class ConcurrentHashMap extends HashMap {});

const FixedMap = unmodifiable(HashMap, ["put", "putAll", "remove", "clear", "putIfAbsent"]);

/** Makes a map that cannot be changed of pairs. */
export const fixedMap = (pairs) => {
  const map = new FixedMap();
  const { items } = map;
  for (const [key, value] of pairs) items.set(keyOf(key), [key, value]);
  return map;
};

const entryOf = (key, value) => new SimpleEntry(key, value);
collectionInterface("java.util.Map", HashMap, {
  copyOf: (map) => fixedMap(map.pairs()),
  entry: entryOf,
  of: (...values) =>
    fixedMap(values.flatMap((key, at) => (at % 2 === 0 ? [[key, values[at + 1]]] : []))),
  ofEntries: (...entries) => fixedMap(entries.map((entry) => entry.pair)),
});
javaClass("java.util.AbstractMap.SimpleEntry", SimpleEntry);
collectionInterface("java.util.Map.Entry", SimpleEntry, {
  comparingByKey: (order) => (one, other) => comparison(order)(one.getKey(), other.getKey()),
  comparingByValue: (order) => (one, other) => comparison(order)(one.getValue(), other.getValue()),
});

/** Turns parsed JSON into maps and lists, through and through. */
export const javaValueOf = (value) => {
  if (Array.isArray(value)) return new ArrayList(value.map(javaValueOf));
  if (typeof value !== "object" || value === null) return value;
  const map = new HashMap();
  for (const key of Object.keys(value)) map.put(key, javaValueOf(value[key]));
  return map;
};
