// java.util's other maps: the sorted TreeMap, Hashtable and Properties.
import { hide } from "./builtins.js";
import { addMethods, compareValues, javaClass } from "./java_classes.js";
import { collectionInterface } from "./java_collections.js";
import { comparison, reverseOrder } from "./java_interfaces.js";
import { HashMap, SimpleEntry } from "./java_maps.js";
import { HashSet, sortedSearch } from "./java_sets.js";

class Hashtable extends HashMap {
  elements() {
    return this.values().iterator();
  }
  keys() {
    return this.keySet().iterator();
  }
}
javaClass("java.util.Hashtable", Hashtable);

class Properties extends Hashtable {
  getProperty(name, otherwise = null) {
    return this.getOrDefault(name, otherwise);
  }
  setProperty(name, value) {
    return this.put(name, value);
  }
  stringPropertyNames() {
    return new HashSet(this.keySet());
  }
}
javaClass("java.util.Properties", Properties);

class TreeMap extends HashMap {
  constructor(given) {
    const isOrder = typeof given === "function" || typeof given?.compare === "function";
    const map = super(isOrder ? undefined : given);
    hide(map, "order", isOrder ? given : null);
  }
  compare(one, other) {
    return this.order ? comparison(this.order)(one, other) : compareValues(one, other);
  }
  pairs() {
    return super.pairs().sort(([one], [other]) => this.compare(one, other));
  }
  descendingMap() {
    return this.filled(reverseOrder(this.order), () => true);
  }
  descendingKeySet() {
    return this.descendingMap().keySet();
  }
  /** A map in an order with some of the pairs. */
  filled(order, test) {
    const map = new TreeMap(order);
    for (const [key, value] of this.pairs()) if (test(key)) map.put(key, value);
    return map;
  }
  headMap(end, isInclusive = false) {
    return this.filled(this.order, (key) => this.compare(key, end) < (isInclusive ? 1 : 0));
  }
  pollFirstEntry() {
    return this.polled(this.firstEntry());
  }
  pollLastEntry() {
    return this.polled(this.lastEntry());
  }
  polled(entry) {
    if (entry !== null) this.remove(entry.getKey());
    return entry;
  }
  subMap(from, to) {
    return this.filled(
      this.order,
      (key) => this.compare(key, from) >= 0 && this.compare(key, to) < 0,
    );
  }
  tailMap(start, isInclusive = true) {
    return this.filled(this.order, (key) => this.compare(key, start) > (isInclusive ? -1 : 0));
  }
}
for (const name of Object.keys(sortedSearch)) {
  const keyAt = (map, key) =>
    sortedSearch[name](
      map.pairs().map((pair) => pair[0]),
      key,
      (one, other) => map.compare(one, other),
    );
  addMethods(TreeMap, {
    [`${name}Key`]: function (key) {
      return keyAt(this, key);
    },
  });
  addMethods(TreeMap, {
    [`${name}Entry`]: function (key) {
      const found = this.isEmpty() ? null : keyAt(this, key);
      return found === null ? null : new SimpleEntry(found, this.get(found));
    },
  });
}
javaClass("java.util.TreeMap", TreeMap);
collectionInterface("java.util.SortedMap", TreeMap);
