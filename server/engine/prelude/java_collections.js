// java.util: what lists and sets have in common, and iterators.
import {
  addMethods,
  functionOf,
  JavaObject,
  javaClass,
  javaEquals,
  javaHash,
  javaInterface,
  javaText,
  staticClass,
} from "./java_classes.js";
import { exceptionOf } from "./java_throwables.js";
import { moduleExports } from "./modules.js";

class Iterator extends JavaObject {
  #values;
  #remove;
  #next = 0;
  constructor(values, remove) {
    super();
    this.#values = [...values];
    this.#remove = remove;
  }
  forEachRemaining(work) {
    const accept = functionOf(work, "accept");
    while (this.hasNext()) accept(this.next());
  }
  hasMoreElements() {
    return this.hasNext();
  }
  hasNext() {
    return this.#next < this.#values.length;
  }
  next() {
    if (!this.hasNext()) throw exceptionOf("java.util.NoSuchElementException");
    return this.#values[this.#next++];
  }
  nextElement() {
    return this.next();
  }
  /** Removes the value given last from what is walked through. */
  remove() {
    if (this.#next === 0) throw exceptionOf("java.lang.IllegalStateException");
    const [removed] = this.#values.splice(--this.#next, 1);
    this.#remove(removed, this.#next);
  }
}
javaClass("java.util.Iterator", Iterator);

/** What lists and sets share; `items` is the array or the Map behind them. */
export class Collection extends JavaObject {
  addAll(values) {
    const before = this.size();
    for (const value of [...values]) this.add(value);
    return this.size() !== before;
  }
  containsAll(values) {
    return [...values].every((value) => this.contains(value));
  }
  forEach(work) {
    const accept = functionOf(work, "accept");
    for (const value of this.toArray()) accept(value);
  }
  isEmpty() {
    return this.size() === 0;
  }
  parallelStream() {
    return this.stream();
  }
  stream() {
    return moduleExports("java_streams.js").streamOf(this.toArray());
  }
  iterator() {
    return new Iterator(this.toArray(), (value, index) => this.forget(value, index));
  }
  /** Removes what an iterator has given. */
  forget(value) {
    this.remove(value);
  }
  removeAll(values) {
    const others = [...values];
    return this.removeIf((value) => others.some((other) => javaEquals(value, other)));
  }
  removeIf(test) {
    const isGone = functionOf(test, "test");
    const iterator = this.iterator();
    const before = this.size();
    while (iterator.hasNext()) if (isGone(iterator.next())) iterator.remove();
    return this.size() !== before;
  }
  retainAll(values) {
    const others = [...values];
    return this.removeIf((value) => !others.some((other) => javaEquals(value, other)));
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
javaClass("java.util.Collection", Collection);

const iterable = javaInterface("java.lang.Iterable", "iterator");
Object.defineProperty(iterable, Symbol.hasInstance, {
  value: (value) => value instanceof Collection,
});

/** The hash of values in an order. */
export const orderedHash = (values) => {
  let hash = 1;
  for (const value of values) hash = (Math.imul(hash, 31) + javaHash(value)) | 0;
  return hash;
};

/** The hash of values in no order. */
export const unorderedHash = (values) => {
  let hash = 0;
  for (const value of values) hash = (hash + javaHash(value)) | 0;
  return hash;
};

/** Enters an interface whose objects are those of a class, with static members. */
export const collectionInterface = (name, type, members = {}) => {
  const entered = staticClass(name, members);
  Object.defineProperty(entered, Symbol.hasInstance, { value: (value) => value instanceof type });
};

/** Makes a class whose objects refuse the methods that would change them. */
export const unmodifiable = (type, methods) => {
  class Unmodifiable extends type {}
  for (const method of methods) {
    addMethods(Unmodifiable, {
      [method]() {
        throw exceptionOf("java.lang.UnsupportedOperationException");
      },
    });
  }
  return Unmodifiable;
};

/** The methods by which collections change. */
export const changes = [
  "add",
  "addAll",
  "clear",
  "forget",
  "remove",
  "removeAll",
  "removeIf",
  "replaceAll",
  "retainAll",
  "set",
  "sort",
];
