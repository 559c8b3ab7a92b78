// java.util maps, and the conversion of plain values to maps and lists.
import { JavaObject, javaClass, javaEquals, javaText, staticClass } from "./java_classes.js";
import { ArrayList, HashSet, keyOf } from "./java_lists.js";

class Entry extends JavaObject {
  constructor(map, key) {
    super();
    this.map = map;
    this.name = key;
  }
  getKey() {
    return this.name;
  }
  getValue() {
    return this.map.get(this.name);
  }
  setValue(value) {
    return this.map.put(this.name, value);
  }
  toString() {
    return `${javaText(this.getKey())}=${javaText(this.getValue())}`;
  }
}
javaClass("java.util.Map.Entry", Entry);

/** Lets scripts write `map.key`, `map.key = value` and `for (key in map)`. Methods come first. */
const mapTraps = {
  get(map, key) {
    if (typeof key !== "symbol" && !(key in map)) return map.get(key);
    const value = map[key];
    return typeof value === "function" ? value.bind(map) : value;
  },
  set(map, key, value) {
    map.put(key, value);
    return true;
  },
  has: (map, key) => map.items.has(key) || key in map,
  deleteProperty(map, key) {
    map.remove(key);
    return true;
  },
  ownKeys: (map) => [...map.items.keys()].map(String),
  getOwnPropertyDescriptor: (map, key) =>
    map.items.has(key)
      ? { value: map.get(key), writable: true, enumerable: true, configurable: true }
      : undefined,
};

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
  clear() {
    this.items.clear();
  }
  computeIfAbsent(key, compute) {
    if (!this.containsKey(key)) this.put(key, compute(key));
    return this.get(key);
  }
  containsKey(key) {
    return this.items.has(keyOf(key));
  }
  containsValue(value) {
    return this.pairs().some((pair) => javaEquals(pair[1], value));
  }
  entrySet() {
    return new HashSet(this.pairs().map(([key]) => new Entry(this, key)));
  }
  equals(other) {
    return other instanceof HashMap && String(other) === String(this);
  }
  forEach(work) {
    for (const [key, value] of this.pairs()) work(key, value);
  }
  get(key) {
    return this.items.get(keyOf(key))?.[1] ?? null;
  }
  getOrDefault(key, otherwise) {
    return this.containsKey(key) ? this.get(key) : otherwise;
  }
  isEmpty() {
    return this.items.size === 0;
  }
  keySet() {
    return new HashSet(this.pairs().map(([key]) => key));
  }
  put(key, value) {
    const before = this.get(key);
    this.items.set(keyOf(key), [key, value]);
    return before;
  }
  putAll(values) {
    const pairs = values instanceof HashMap ? values.pairs() : Object.entries(values);
    for (const [key, value] of pairs) this.put(key, value);
  }
  putIfAbsent(key, value) {
    return this.containsKey(key) ? this.get(key) : this.put(key, value);
  }
  remove(key) {
    const before = this.get(key);
    this.items.delete(keyOf(key));
    return before;
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
    return `{${this.pairs()
      .map(([key, value]) => `${javaText(key)}=${javaText(value)}`)
      .join(", ")}}`;
  }
  values() {
    return new ArrayList(this.pairs().map((pair) => pair[1]));
  }
}
javaClass("java.util.HashMap", HashMap);
javaClass("java.util.LinkedHashMap", class LinkedHashMap extends HashMap {});
javaClass("java.util.concurrent.ConcurrentHashMap", class ConcurrentHashMap extends HashMap {});

class TreeMap extends HashMap {
  pairs() {
    return super.pairs().sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  }
}
javaClass("java.util.TreeMap", TreeMap);

staticClass("java.util.Map", {
  of(...keysAndValues) {
    const map = new HashMap();
    for (let at = 0; at < keysAndValues.length; at += 2) {
      map.put(keysAndValues[at], keysAndValues[at + 1]);
    }
    return map;
  },
});

/** Turns parsed JSON into maps and lists, through and through. */
export const javaValueOf = (value) => {
  if (Array.isArray(value)) return new ArrayList(value.map(javaValueOf));
  if (typeof value !== "object" || value === null) return value;
  const map = new HashMap();
  for (const key of Object.keys(value)) map.put(key, javaValueOf(value[key]));
  return map;
};
