// java.util lists, sets, iterators, streams and Optional.
import { JavaObject, javaClass, javaEquals, javaText, staticClass } from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";

class Iterator {
  #values;
  #next = 0;
  constructor(values) {
    this.#values = [...values];
  }
  hasNext() {
    return this.#next < this.#values.length;
  }
  next() {
    if (!this.hasNext()) throw exceptionOf("java.util.NoSuchElementException");
    return this.#values[this.#next++];
  }
}

/** What lists and sets share; `items` is the array or the Map behind them. */
class Collection extends JavaObject {
  addAll(values) {
    const before = this.size();
    for (const value of values) this.add(value);
    return this.size() !== before;
  }
  containsAll(values) {
    return [...values].every((value) => this.contains(value));
  }
  forEach(work) {
    for (const value of this.toArray()) work(value);
  }
  isEmpty() {
    return this.size() === 0;
  }
  iterator() {
    return new Iterator(this.toArray());
  }
  stream() {
    return new Stream(this.toArray());
  }
  toJSON() {
    return this.toArray();
  }
  toString() {
    return javaText(this.toArray());
  }
  [Symbol.iterator]() {
    return this.toArray()[Symbol.iterator]();
  }
}

const isIndex = (key) => typeof key === "string" && /^\d+$/.test(key);

/** Lets scripts write `list[0]` and `list.length`; everything else is the list's own. */
const listTraps = {
  get(list, key) {
    if (isIndex(key)) return list.items[key];
    return key === "length" ? list.items.length : Reflect.get(list, key);
  },
  set(list, key, value) {
    if (isIndex(key)) list.items[key] = value;
    else list[key] = value;
    return true;
  },
  ownKeys: (list) => Object.keys(list.items),
  getOwnPropertyDescriptor: (list, key) =>
    isIndex(key) && key in list.items
      ? { value: list.items[key], writable: true, enumerable: true, configurable: true }
      : undefined,
};

/** java.util.ArrayList, which scripts may also use like an array. */
export class ArrayList extends Collection {
  constructor(values) {
    super();
    this.items = typeof values === "object" && values !== null ? [...values] : [];
    // biome-ignore lint/correctness/noConstructorReturn: the proxy is the list that scripts see.
    return new Proxy(this, listTraps);
  }
  add(...values) {
    if (values.length === 2) this.items.splice(values[0], 0, values[1]);
    else this.items.push(values[0]);
    return true;
  }
  clear() {
    this.items.length = 0;
  }
  contains(value) {
    return this.indexOf(value) >= 0;
  }
  equals(other) {
    if (!(other instanceof ArrayList) || other.size() !== this.size()) return false;
    return this.items.every((value, index) => javaEquals(value, other.get(index)));
  }
  get(index) {
    if (index >= 0 && index < this.items.length) return this.items[index];
    const message = `Index: ${index}, Size: ${this.items.length}`;
    throw exceptionOf("java.lang.IndexOutOfBoundsException", message);
  }
  indexOf(value) {
    return this.items.findIndex((item) => javaEquals(item, value));
  }
  remove(target) {
    const isPosition = typeof target === "number";
    const index = isPosition ? target : this.indexOf(target);
    if (index < 0 || index >= this.items.length) return false;
    const [removed] = this.items.splice(index, 1);
    return isPosition ? removed : true;
  }
  set(index, value) {
    const before = this.get(index);
    this.items[index] = value;
    return before;
  }
  size() {
    return this.items.length;
  }
  sort(comparator) {
    const compare = comparator?.compare?.bind(comparator) ?? comparator ?? undefined;
    this.items.sort(compare);
  }
  subList(from, to) {
    return new ArrayList(this.items.slice(from, to));
  }
  toArray() {
    return [...this.items];
  }
}
javaClass("java.util.ArrayList", ArrayList);

class LinkedList extends ArrayList {
  addFirst(value) {
    this.items.unshift(value);
  }
  addLast(value) {
    this.items.push(value);
  }
  getFirst() {
    return this.get(0);
  }
  getLast() {
    return this.get(this.items.length - 1);
  }
  peek() {
    return this.items[0] ?? null;
  }
  poll() {
    return this.items.shift() ?? null;
  }
  pop() {
    return this.removeFirst();
  }
  push(value) {
    this.addFirst(value);
  }
  removeFirst() {
    const first = this.get(0);
    this.items.shift();
    return first;
  }
}
javaClass("java.util.LinkedList", LinkedList);
staticClass("java.util.List", { of: (...values) => new ArrayList(values) });

/** What makes two keys one: their value, and for objects the text that stands for it. */
export const keyOf = (value) =>
  value instanceof JavaObject || value instanceof String ? String(value) : value;

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
class TreeSet extends HashSet {
  toArray() {
    return super.toArray().sort();
  }
}
javaClass("java.util.TreeSet", TreeSet);
staticClass("java.util.Set", { of: (...values) => new HashSet(values) });

class Stream {
  #values;
  constructor(values) {
    this.#values = values;
  }
  allMatch(test) {
    return this.#values.every((value) => test(value));
  }
  anyMatch(test) {
    return this.#values.some((value) => test(value));
  }
  collect() {
    return this.toList();
  }
  count() {
    return this.#values.length;
  }
  filter(test) {
    return new Stream(this.#values.filter((value) => test(value)));
  }
  findFirst() {
    return new Optional(this.#values[0]);
  }
  forEach(work) {
    for (const value of this.#values) work(value);
  }
  map(change) {
    return new Stream(this.#values.map((value) => change(value)));
  }
  toList() {
    return new ArrayList(this.#values);
  }
}

class Optional extends JavaObject {
  #value;
  constructor(value) {
    super();
    this.#value = value ?? null;
  }
  static empty() {
    return new Optional(null);
  }
  static of(value) {
    return new Optional(value);
  }
  static ofNullable(value) {
    return new Optional(value);
  }
  get() {
    if (this.#value !== null) return this.#value;
    throw exceptionOf("java.util.NoSuchElementException", "No value present");
  }
  ifPresent(work) {
    if (this.#value !== null) work(this.#value);
  }
  isEmpty() {
    return this.#value === null;
  }
  isPresent() {
    return this.#value !== null;
  }
  map(change) {
    return this.#value === null ? this : new Optional(change(this.#value));
  }
  orElse(otherwise) {
    return this.#value ?? otherwise;
  }
}
javaClass("java.util.Optional", Optional);
