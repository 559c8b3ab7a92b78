// java.util's other lists: LinkedList and ArrayDeque with the methods of queues, Vector and Stack.
import { javaClass } from "./java_classes.js";
import { collectionInterface } from "./java_collections.js";
import { ArrayList } from "./java_lists.js";
import { exceptionOf } from "./java_throwables.js";

class LinkedList extends ArrayList {
  addFirst(value) {
    this.items.unshift(value);
  }
  addLast(value) {
    this.items.push(value);
  }
  descendingIterator() {
    return new ArrayList(this.items.toReversed()).iterator();
  }
  element() {
    return this.getFirst();
  }
  getFirst() {
    return this.present(this.peekFirst());
  }
  getLast() {
    return this.present(this.peekLast());
  }
  offer(value) {
    return this.add(value);
  }
  offerFirst(value) {
    this.addFirst(value);
    return true;
  }
  offerLast(value) {
    return this.add(value);
  }
  peek() {
    return this.peekFirst();
  }
  peekFirst() {
    return this.items[0] ?? null;
  }
  peekLast() {
    return this.items.at(-1) ?? null;
  }
  poll() {
    return this.pollFirst();
  }
  pollFirst() {
    return this.items.shift() ?? null;
  }
  pollLast() {
    return this.items.pop() ?? null;
  }
  pop() {
    return this.removeFirst();
  }
  /** A value that must be there, since the list is not empty. */
  present(value) {
    if (this.items.length > 0) return value;
    throw exceptionOf("java.util.NoSuchElementException");
  }
  push(value) {
    this.addFirst(value);
  }
  remove(...targets) {
    return targets.length === 0 ? this.removeFirst() : super.remove(...targets);
  }
  removeFirst() {
    this.present();
    return this.items.shift();
  }
  removeLast() {
    this.present();
    return this.items.pop();
  }
}
javaClass("java.util.LinkedList", LinkedList);
javaClass("java.util.ArrayDeque", class ArrayDeque extends LinkedList {});
collectionInterface("java.util.Deque", LinkedList);
collectionInterface("java.util.Queue", LinkedList);

class Vector extends ArrayList {
  addElement(value) {
    this.add(value);
  }
  elementAt(index) {
    return this.get(index);
  }
  elements() {
    return this.iterator();
  }
  firstElement() {
    return this.get(0);
  }
  lastElement() {
    return this.get(this.size() - 1);
  }
}
javaClass("java.util.Vector", Vector);

class Stack extends Vector {
  empty() {
    return this.isEmpty();
  }
  peek() {
    if (!this.isEmpty()) return this.lastElement();
    throw exceptionOf("java.util.EmptyStackException");
  }
  pop() {
    const last = this.peek();
    this.items.pop();
    return last;
  }
  push(value) {
    this.add(value);
    return value;
  }
  search(value) {
    const index = this.lastIndexOf(value);
    return index < 0 ? -1 : this.size() - index;
  }
}
javaClass("java.util.Stack", Stack);
