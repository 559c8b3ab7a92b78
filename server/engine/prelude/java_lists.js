// java.util.ArrayList, which other lists are made of, and lists that cannot be changed.
import { functionOf, JavaObject, javaClass, javaEquals } from "./java_classes.js";
import {
  Collection,
  changes,
  collectionInterface,
  orderedHash,
  unmodifiable,
} from "./java_collections.js";
import { comparison } from "./java_interfaces.js";
import { exceptionOf } from "./java_throwables.js";

const isIndex = (key) => typeof key === "string" && /^\d+$/.test(key);

/** Lets scripts write `list[0]` and `list.length`; everything else is the list's own. */
const listTraps = {
  get(list, key) {
    if (isIndex(key)) return list.items[key];
    return key === "length" ? list.items.length : Reflect.get(list, key);
  },
  set(list, key, value) {
    if (!isIndex(key)) list[key] = value;
    else if (Number(key) === list.items.length) list.add(value);
    else list.set(Number(key), value);
    return true;
  },
  has: (list, key) => (isIndex(key) ? key in list.items : key in list),
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
  /** An index that must be there, or may be the end for what is put in. */
  at(index, end = this.items.length - 1) {
    if (index >= 0 && index <= end) return index;
    const message = `Index: ${index}, Size: ${this.items.length}`;
    throw exceptionOf("java.lang.IndexOutOfBoundsException", message);
  }
  add(...values) {
    if (values.length === 2) this.items.splice(this.at(values[0], this.size()), 0, values[1]);
    else this.items.push(values[0]);
    return true;
  }
  addAll(...values) {
    if (values.length === 1) return super.addAll(values[0]);
    const added = [...values[1]];
    this.items.splice(this.at(values[0], this.size()), 0, ...added);
    return added.length > 0;
  }
  clear() {
    this.items.length = 0;
  }
  contains(value) {
    return this.indexOf(value) >= 0;
  }
  ensureCapacity() {}
  equals(other) {
    if (!(other instanceof ArrayList) || other.size() !== this.size()) return false;
    return this.items.every((value, index) => javaEquals(value, other.get(index)));
  }
  forget(_value, index) {
    this.items.splice(index, 1);
  }
  get(index) {
    return this.items[this.at(index)];
  }
  hashCode() {
    return orderedHash(this.items);
  }
  indexOf(value) {
    return this.items.findIndex((item) => javaEquals(item, value));
  }
  lastIndexOf(value) {
    return this.items.findLastIndex((item) => javaEquals(item, value));
  }
  listIterator(at = 0) {
    return new ListIterator(this, at);
  }
  remove(target) {
    const isPosition = typeof target === "number";
    const index = isPosition ? this.at(target) : this.indexOf(target);
    if (index < 0) return false;
    const [removed] = this.items.splice(index, 1);
    return isPosition ? removed : true;
  }
  replaceAll(change) {
    this.items = this.items.map((value) => functionOf(change, "apply")(value));
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
    this.items.sort(comparison(comparator));
  }
  subList(from, to) {
    return new ArrayList(this.items.slice(this.at(from, to), this.at(to, this.size())));
  }
  toArray() {
    return [...this.items];
  }
  trimToSize() {}
}
javaClass("java.util.ArrayList", ArrayList);

class ListIterator extends JavaObject {
  constructor(list, at) {
    super();
    Object.assign(this, { list, at, last: -1 });
  }
  add(value) {
    this.list.add(this.at++, value);
    this.last = -1;
  }
  hasNext() {
    return this.at < this.list.size();
  }
  hasPrevious() {
    return this.at > 0;
  }
  /** Walks to an index and gives the value there. */
  walked(index, at) {
    if (index < 0 || index >= this.list.size()) {
      throw exceptionOf("java.util.NoSuchElementException");
    }
    Object.assign(this, { at, last: index });
    return this.list.get(index);
  }
  next() {
    return this.walked(this.at, this.at + 1);
  }
  nextIndex() {
    return this.at;
  }
  previous() {
    return this.walked(this.at - 1, this.at - 1);
  }
  previousIndex() {
    return this.at - 1;
  }
  remove() {
    if (this.last < 0) throw exceptionOf("java.lang.IllegalStateException");
    this.list.remove(this.last);
    if (this.last < this.at) this.at--;
    this.last = -1;
  }
  set(value) {
    this.list.set(this.last, value);
  }
}
javaClass("java.util.ListIterator", ListIterator);

/** A list that cannot be changed. */
export const FixedList = unmodifiable(ArrayList, changes);
collectionInterface("java.util.List", ArrayList, {
  copyOf: (values) => new FixedList(values),
  of: (...values) =>
    new FixedList(values.length === 1 && Array.isArray(values[0]) ? values[0] : values),
});
