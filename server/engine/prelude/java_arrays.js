// java.util's helpers: Arrays, Collections and Objects.
import { javaEquals, javaHash, javaText, staticClass } from "./java_classes.js";
import { orderedHash } from "./java_collections.js";
import { comparison, reverseOrder } from "./java_interfaces.js";
import { ArrayList, FixedList } from "./java_lists.js";
import { fixedMap } from "./java_maps.js";
import { fixedSet } from "./java_sets.js";
import { streamOf } from "./java_streams.js";
import { exceptionOf } from "./java_throwables.js";

const isArray = (value) => Array.isArray(value) || ArrayBuffer.isView(value);
const emptyOf = (array) => (Array.isArray(array) ? null : 0);

/** The part of an array between two indexes, with nothing where the array has ended. */
const part = (array, from, to) => {
  const copy = array.constructor.from({ length: to - from }, () => emptyOf(array));
  for (let at = from; at < Math.min(to, array.length); at++) copy[at - from] = array[at];
  return copy;
};

const search = (values, value, order) => {
  let [low, high] = [0, values.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const difference = comparison(order)(values[middle], value);
    if (difference === 0) return middle;
    if (difference < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -(low + 1);
};

const sameArrays = (one, other) =>
  one === other ||
  (one?.length === other?.length &&
    Array.from(one).every((value, at) => javaEquals(value, other[at])));

const deepText = (value) =>
  isArray(value) ? `[${Array.from(value, deepText).join(", ")}]` : javaText(value);

staticClass("java.util.Arrays", {
  asList: (...values) =>
    new ArrayList(values.length === 1 && Array.isArray(values[0]) ? values[0] : values),
  binarySearch: search,
  copyOf: (array, length) => part(array, 0, length),
  copyOfRange: part,
  deepToString: deepText,
  equals: sameArrays,
  fill(array, ...given) {
    const [value] = given.slice(-1);
    array.fill(value, ...given.slice(0, -1));
  },
  hashCode: (array) => (array === null ? 0 : orderedHash(array)),
  sort(array, order) {
    array.sort(comparison(order));
  },
  stream: (array) => streamOf(array),
  toString(...arrays) {
    if (arrays.length === 0) return "java.util.Arrays";
    return arrays[0] === null ? "null" : `[${Array.from(arrays[0], javaText).join(", ")}]`;
  },
});

const extreme = (sign) => (values, order) => {
  const [first, ...rest] = values;
  if (first === undefined) throw exceptionOf("java.util.NoSuchElementException");
  const compare = comparison(order);
  return rest.reduce((best, value) => (sign * compare(value, best) > 0 ? value : best), first);
};

const itself = (value) => value;
const exchange = (list, one, other) => {
  list.set(one, list.set(other, list.get(one)));
};

staticClass("java.util.Collections", {
  EMPTY_LIST: new FixedList(),
  EMPTY_MAP: fixedMap([]),
  EMPTY_SET: fixedSet([]),
  addAll: (collection, ...values) => collection.addAll(values),
  binarySearch: (list, value, order) => search(list.toArray(), value, order),
  disjoint: (one, other) => one.toArray().every((value) => !other.contains(value)),
  emptyList: () => new FixedList(),
  emptyMap: () => fixedMap([]),
  emptySet: () => fixedSet([]),
  frequency: (values, value) => values.toArray().filter((one) => javaEquals(one, value)).length,
  max: extreme(1),
  min: extreme(-1),
  nCopies: (count, value) => new FixedList(new Array(count).fill(value)),
  reverse(list) {
    list.items.reverse();
  },
  reverseOrder: (order) => reverseOrder(order),
  shuffle(list, random) {
    for (let at = list.size() - 1; at > 0; at--) {
      exchange(list, at, random ? random.nextInt(at + 1) : Math.floor(Math.random() * (at + 1)));
    }
  },
  singleton: (value) => fixedSet([value]),
  singletonList: (value) => new FixedList([value]),
  singletonMap: (key, value) => fixedMap([[key, value]]),
  sort(list, order) {
    list.sort(order);
  },
  swap: exchange,
  synchronizedList: itself,
  synchronizedMap: itself,
  synchronizedSet: itself,
  unmodifiableCollection: (values) => new FixedList(values),
  unmodifiableList: (list) => new FixedList(list),
  unmodifiableMap: (map) => fixedMap(map.pairs()),
  unmodifiableSet: fixedSet,
});

const isNull = (value) => value === null || value === undefined;
staticClass("java.util.Objects", {
  compare: (one, other, order) => comparison(order)(one, other),
  equals: javaEquals,
  hash: (...values) => orderedHash(values),
  hashCode: javaHash,
  isNull,
  nonNull: (value) => !isNull(value),
  requireNonNull(value, message) {
    if (!isNull(value)) return value;
    throw exceptionOf("java.lang.NullPointerException", message);
  },
  requireNonNullElse: (value, otherwise) => (isNull(value) ? otherwise : value),
  toString(...values) {
    if (values.length === 0) return "java.util.Objects";
    return isNull(values[0]) && values.length > 1 ? values[1] : javaText(values[0]);
  },
});
