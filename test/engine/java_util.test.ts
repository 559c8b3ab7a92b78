// java.util's collections as scripts see them. The values are those of OpenJDK 17.
import { describeRows, type Rows, thrown } from "./support/java_rows.ts";

const lists: Rows = [
  [
    '((l) => (l.add("x"), l.add(0, "y"), [l.get(0), l[1], l.size(), l.length, l.contains("x"), l.indexOf("z"), String(l)]))(new java.util.ArrayList())',
    ["y", "x", 2, 2, true, -1, "[y, x]"],
  ],
  ['String(java.util.Arrays.asList(1, "a", null))', "[1, a, null]"],
  ['java.util.Arrays.asList("a", "b").hashCode()', 4066],
  ["new java.util.ArrayList([3, 1, 2]).equals(java.util.List.of(3, 1, 2))", true],
  [
    '((l) => [l.remove(0), l.remove("c"), l.remove("zz"), l.set(0, "B"), l.toArray()])(new java.util.ArrayList(["a", "b", "c"]))',
    ["a", true, false, "b", ["B"]],
  ],
  [
    "((l) => (l.addAll([4]), l.addAll(0, [9, 8]), l.sort(null), [l.toArray(), l.lastIndexOf(4), l.subList(1, 3).toArray()]))(new java.util.ArrayList([1, 2]))",
    [[1, 2, 4, 8, 9], 2, [2, 4]],
  ],
  [
    "((l) => (l.removeIf((x) => x % 2), l.replaceAll((x) => x * 10), l.toArray()))(new java.util.ArrayList([1, 2, 3, 4]))",
    [20, 40],
  ],
  [
    "((l) => [l.removeAll([1]), l.retainAll([3]), l.toArray(), l.containsAll([3]), l.isEmpty()])(new java.util.ArrayList([1, 2, 3]))",
    [true, true, [3], true, false],
  ],
  [
    "(() => { var l = new java.util.ArrayList([1, 2, 3, 4]), it = l.iterator(); while (it.hasNext()) if (it.next() % 2) it.remove(); return l })()",
    [2, 4],
  ],
  [
    '(() => { var l = new java.util.ArrayList(["a", "b"]), it = l.listIterator(), out = []; while (it.hasNext()) { out.push(it.nextIndex()); it.set(it.next() + "!"); } while (it.hasPrevious()) out.push(it.previous()); it.add("0"); return [out, l.toArray()] })()',
    [
      [0, 1, "b!", "a!"],
      ["0", "a!", "b!"],
    ],
  ],
  [
    '(() => { var out = []; for (var i in new java.util.ArrayList(["a", "b"])) out.push(i); for (const x of new java.util.ArrayList(["c"])) out.push(x); return out })()',
    ["0", "1", "c"],
  ],
  ['((l) => (l[0] = "z", l[1] = "n", [...l]))(new java.util.ArrayList(["a"]))', ["z", "n"]],
  [
    "((l) => (l.addFirst(0), l.offer(4), [l.poll(), l.pollLast(), l.peekFirst(), l.pop(), String(l)]))(new java.util.LinkedList([1, 2, 3]))",
    [0, 4, 1, 1, "[2, 3]"],
  ],
  [
    "((d) => (d.push(1), d.push(2), [d.peek(), d.removeLast(), d.pop(), d.poll(), d.peekLast()]))(new java.util.ArrayDeque())",
    [2, 1, 2, null, null],
  ],
  [
    "((s) => (s.push(1), s.push(2), [s.peek(), s.search(1), s.pop(), s.empty()]))(new java.util.Stack())",
    [2, 2, 2, false],
  ],
  [
    '((v) => (v.addElement("a"), [v.elementAt(0), v.firstElement(), v.size()]))(new java.util.Vector())',
    ["a", "a", 1],
  ],
  [
    "[new java.util.LinkedList() instanceof java.util.List, new java.util.LinkedList() instanceof java.util.Deque, new java.util.ArrayList() instanceof java.util.Collection, [] instanceof java.util.List]",
    [true, true, true, false],
  ],
  [
    thrown("new java.util.ArrayList([1]).get(3)"),
    "java.lang.IndexOutOfBoundsException: Index: 3, Size: 1",
  ],
  [
    thrown("new java.util.ArrayList([1]).remove(3)"),
    "java.lang.IndexOutOfBoundsException: Index: 3, Size: 1",
  ],
  [thrown("java.util.List.of(1).add(2)"), "java.lang.UnsupportedOperationException"],
  [
    thrown("java.util.Collections.unmodifiableList(new java.util.ArrayList([1]))[0] = 2"),
    "java.lang.UnsupportedOperationException",
  ],
  [thrown("new java.util.LinkedList().pop()"), "java.util.NoSuchElementException"],
  [thrown("new java.util.ArrayList().iterator().next()"), "java.util.NoSuchElementException"],
  [
    "((s) => [s.add(1), s.add(1), s.remove(2), s.size(), s.contains(1)])(new java.util.HashSet())",
    [true, false, false, 1, true],
  ],
  [
    '[new java.util.HashSet(["a", "b"]).hashCode(), new java.util.HashSet([1, 2]).equals(new java.util.HashSet([2, 1])), String(new java.util.LinkedHashSet(["b", "a", "b"]))]',
    [195, true, "[b, a]"],
  ],
  [
    "((t) => [String(t), t.floor(8), t.lower(9), String(t.headSet(9)), String(t.tailSet(9)), String(t.descendingSet()), t.pollFirst(), t.last(), t.higher(10)])(new java.util.TreeSet([10, 9, 1]))",
    ["[1, 9, 10]", 1, 1, "[1]", "[9, 10]", "[10, 9, 1]", 1, 10, null],
  ],
  [
    "String(((t) => (t.addAll([1, 3, 2]), t))(new java.util.TreeSet((a, b) => b - a)))",
    "[3, 2, 1]",
  ],
  [thrown("new java.util.TreeSet().first()"), "java.util.NoSuchElementException"],
];

const maps: Rows = [
  [
    '((m) => (m.put("a", 1), m.b = 2, [m.get("a"), m.b, m["a"], m.get("c"), m.size(), m.containsKey("a"), "b" in m, String(m)]))(new java.util.HashMap())',
    [1, 2, 1, null, 2, true, true, "{a=1, b=2}"],
  ],
  [
    '((m) => (m.put("a", 1), m.put("b", null), [String(m), m.hashCode(), m.getOrDefault("b", "x"), m.putIfAbsent("b", 2), m.merge("a", 5, (x, y) => x + y), m.computeIfAbsent("c", (k) => k + "!"), m.remove("zz"), String(m)]))(new java.util.LinkedHashMap())',
    ["{a=1, b=null}", 194, null, null, 6, "c!", null, "{a=6, b=2, c=c!}"],
  ],
  ["new java.util.HashMap({ a: 1, b: 2 }).hashCode()", 192],
  [
    '((m) => [m.compute("a", (k, v) => v + 1), m.computeIfPresent("z", () => 1), m.replace("a", 9), m.remove("a", 8), m.remove("a", 9), m.isEmpty()])(new java.util.HashMap({ a: 1 }))',
    [2, null, 2, false, true, true],
  ],
  [
    "((m) => { var out = []; for (var e of m.entrySet()) out.push(e.getKey() + e.value); m.forEach((k, v) => out.push(k + v)); return out })(new java.util.HashMap({ a: 1 }))",
    ["a1", "a1"],
  ],
  [
    '((m) => (m.keySet().remove("a"), m.values().removeIf((v) => v === 2), m.entrySet().iterator().next().setValue(7), String(m)))(new java.util.HashMap({ a: 1, b: 2, c: 3 }))',
    "{c=7}",
  ],
  [
    "((m) => { var it = m.entrySet().iterator(); it.next(); it.remove(); return String(m) })(new java.util.HashMap({ a: 1, b: 2 }))",
    "{b=2}",
  ],
  [
    "(() => { var out = []; for (var k in new java.util.TreeMap({ b: 1, a: 2 })) out.push(k); return out })()",
    ["a", "b"],
  ],
  [
    '((m) => [m.empty, m["class"], m.items, typeof m.size])(new java.util.HashMap({ empty: 1, class: 2, items: 3, size: 4 }))',
    [1, 2, 3, "function"],
  ],
  [
    "((m) => (m.put(1, 'x'), [m.get(1), m[1], m.get('1'), Object.keys(m)]))(new java.util.HashMap())",
    ["x", "x", null, ["1"]],
  ],
  [
    "((m, u) => (m.put(u, 1), [m.get(java.util.UUID.fromString(String(u))), m.get(String(u))]))(new java.util.HashMap(), java.util.UUID.randomUUID())",
    [1, null],
  ],
  [
    "((m) => (m.put(new java.lang.Object(), 1), m.put(new java.lang.Object(), 2), m.size()))(new java.util.HashMap())",
    2,
  ],
  [
    "((m) => (delete m.a, Object.keys(m)))(new java.util.HashMap({ a: 1, __proto__x: 2 }))",
    ["__proto__x"],
  ],
  ["JSON.stringify(new java.util.HashMap({ a: new java.util.ArrayList([1]) }))", '{"a":[1]}'],
  [
    '((t) => [String(t), t.floorKey("c"), t.ceilingKey("c"), t.higherKey("d"), String(t.headMap("b", true)), String(t.tailMap("b", false)), String(t.descendingMap()), String(t.firstEntry()), String(t.pollLastEntry()), String(t.subMap("a", "b"))])(new java.util.TreeMap({ b: 2, a: 1, d: 4 }))',
    [
      "{a=1, b=2, d=4}",
      "b",
      "d",
      null,
      "{a=1, b=2}",
      "{d=4}",
      "{d=4, b=2, a=1}",
      "a=1",
      "d=4",
      "{a=1}",
    ],
  ],
  [
    "((t) => (t.put(10, 'x'), t.put(9, 'y'), [t.firstKey(), t.lastKey(), String(t)]))(new java.util.TreeMap())",
    [9, 10, "{9=y, 10=x}"],
  ],
  [
    '((p) => (p.setProperty("a", "1"), [p.getProperty("a"), p.getProperty("b"), p.getProperty("b", "d")]))(new java.util.Properties())',
    ["1", null, "d"],
  ],
  [
    '[String(java.util.Map.of("a", 1)), String(new java.util.AbstractMap.SimpleEntry("k", 1)), new java.util.AbstractMap.SimpleEntry("k", 1).hashCode(), java.util.Map.entry("k", 1).equals(new java.util.AbstractMap.SimpleEntry("k", 1))]',
    ["{a=1}", "k=1", 106, true],
  ],
  [
    "[new java.util.HashMap() instanceof java.util.Map, new java.util.HashMap().keySet() instanceof java.util.Set, ({}) instanceof java.util.Map]",
    [true, true, false],
  ],
  [
    "[new java.util.HashMap({ a: 1 }).equals(new java.util.TreeMap({ a: 1 })), new java.util.HashMap({ a: 1 }).containsValue(1)]",
    [true, true],
  ],
  [
    thrown('java.util.Map.of("items", 1, "b", 2).put("c", 3)'),
    "java.lang.UnsupportedOperationException",
  ],
];

const streams: Rows = [
  [
    'java.util.stream.Stream.of("bb", "a", "ccc").sorted(java.util.Comparator.comparing((s) => s.length).reversed()).collect(java.util.stream.Collectors.joining("/", "<", ">"))',
    "<ccc/bb/a>",
  ],
  [
    "[java.util.stream.IntStream.rangeClosed(1, 5).sum(), java.util.stream.IntStream.range(0, 4).average().getAsDouble()]",
    [15, 1.5],
  ],
  [
    "[java.util.stream.Stream.of(1, 2, 3).reduce(10, (x, y) => x + y), java.util.stream.Stream.of(1, 2, 3).reduce((x, y) => x * y).get()]",
    [16, 6],
  ],
  [
    'String(java.util.stream.Stream.of("x", "y").collect(java.util.stream.Collectors.toMap((k) => k, (k) => k.hashCode())))',
    "{x=120, y=121}",
  ],
  [
    "String(java.util.stream.Stream.of(1, 2, 3, 4).collect(java.util.stream.Collectors.partitioningBy((x) => x % 2 == 0)))",
    "{false=[1, 3], true=[2, 4]}",
  ],
  [
    'String(java.util.stream.Stream.of("aa", "b", "cc").collect(java.util.stream.Collectors.groupingBy((s) => s.length, java.util.stream.Collectors.counting())))',
    "{2=2, 1=1}",
  ],
  [
    "new java.util.ArrayList([3, 1, 2, 3]).stream().distinct().sorted().skip(1).limit(1).map((x) => x * 2).toList()",
    [4],
  ],
  [
    "((s) => [s().anyMatch((x) => x > 1), s().allMatch((x) => x > 1), s().noneMatch((x) => x > 2), s().count(), s().max((a, b) => a - b).get(), s().findFirst().get()])(() => java.util.Arrays.asList(1, 2).stream())",
    [true, false, true, 2, 2, 1],
  ],
  [
    'java.util.Arrays.asList("a,b", "c").stream().flatMap((x) => java.util.Arrays.stream(x.split(","))).collect(java.util.stream.Collectors.toList())',
    ["a", "b", "c"],
  ],
  ["java.util.Arrays.asList(1, 1).stream().collect(java.util.stream.Collectors.toSet()).size()", 1],
  [
    "(() => { var out = []; java.util.Arrays.asList(1, 2).stream().filter(new java.util.function.Predicate({ test: (x) => x > 1 })).forEach(new java.util.function.Consumer((x) => out.push(x))); return out })()",
    [2],
  ],
  [
    '[String(java.util.Optional.of(5).map((x) => x + 1)), String(java.util.Optional.empty()), java.util.Optional.ofNullable(null).isPresent(), java.util.Optional.ofNullable(null).orElse("d"), java.util.Optional.ofNullable(null).orElseGet(() => "g")]',
    ["Optional[6]", "Optional.empty", false, "d", "g"],
  ],
  [
    "[java.util.Optional.of(1).filter((x) => x > 1).isPresent(), java.util.Optional.of(1).flatMap((x) => java.util.Optional.of(x + 1)).get()]",
    [false, 2],
  ],
  [
    thrown("java.util.Optional.empty().get()"),
    "java.util.NoSuchElementException: No value present",
  ],
  [
    thrown(
      'java.util.Optional.empty().orElseThrow(() => new java.lang.IllegalStateException("none"))',
    ),
    "java.lang.IllegalStateException: none",
  ],
  [
    thrown(
      'java.util.stream.Stream.of("a", "a").collect(java.util.stream.Collectors.toMap((k) => k, (k) => 1))',
    ),
    "java.lang.IllegalStateException: Duplicate key a",
  ],
];

const helpers: Rows = [
  [
    "[java.util.Arrays.toString([1, 2]), java.util.Arrays.toString(null), java.util.Arrays.deepToString([1, [2, 'x']])]",
    ["[1, 2]", "null", "[1, [2, x]]"],
  ],
  [
    "[Array.from(java.util.Arrays.copyOf(new Int32Array([1, 2]), 3)), java.util.Arrays.copyOfRange([1, 2, 3, 4], 1, 3), java.util.Arrays.copyOf(['a'], 2)]",
    [
      [1, 2, 0],
      [2, 3],
      ["a", null],
    ],
  ],
  [
    "[java.util.Arrays.hashCode([1, 2]), java.util.Arrays.binarySearch([1, 3, 5], 4), java.util.Arrays.equals([1, 2], [1, 2]), java.util.Arrays.equals([1], [2])]",
    [994, -3, true, false],
  ],
  [
    "((a, b) => (java.util.Arrays.sort(a), java.util.Arrays.fill(b, 7), [a, b]))([10, 9, 1], [0, 0])",
    [
      [1, 9, 10],
      [7, 7],
    ],
  ],
  [
    "((l) => (java.util.Collections.sort(l), java.util.Collections.reverse(l), java.util.Collections.swap(l, 0, 2), l.toArray()))(new java.util.ArrayList([10, 9, 1]))",
    [1, 9, 10],
  ],
  [
    "((l) => (java.util.Collections.sort(l, java.util.Collections.reverseOrder()), l.toArray()))(new java.util.ArrayList([1, 3, 2]))",
    [3, 2, 1],
  ],
  [
    "[java.util.Collections.max([3, 9, 2]), java.util.Collections.min([3, 9, 2]), java.util.Collections.frequency(java.util.List.of(1, 2, 1), 1), String(java.util.Collections.nCopies(2, 'z')), java.util.Collections.disjoint(java.util.List.of(1), java.util.List.of(2))]",
    [9, 2, 2, "[z, z]", true],
  ],
  [
    "((l) => (java.util.Collections.shuffle(l, new java.util.Random(1)), l.stream().sorted().toList()))(new java.util.ArrayList([1, 2, 3]))",
    [1, 2, 3],
  ],
  [
    "[java.util.Collections.emptyList().size(), java.util.Collections.singletonMap('a', 1).get('a'), java.util.Collections.singletonList(1).get(0)]",
    [0, 1, 1],
  ],
  [
    "[java.util.Objects.hash(1, 'a', null), java.util.Objects.toString(null, 'd'), java.util.Objects.equals(null, undefined), java.util.Objects.isNull(null), java.util.Objects.requireNonNullElse(null, 1)]",
    [33759, "d", true, true, 1],
  ],
  [thrown('java.util.Objects.requireNonNull(null, "m")'), "java.lang.NullPointerException: m"],
  [
    thrown("java.util.Collections.max(new java.util.ArrayList())"),
    "java.util.NoSuchElementException",
  ],
  [thrown("java.util.Collections.emptyMap().put(1, 2)"), "java.lang.UnsupportedOperationException"],
  [
    'String(java.util.UUID.nameUUIDFromBytes("hello".getBytes()))',
    "5d41402a-bc4b-3a76-b971-9d911017c592",
  ],
  [
    '((u) => [u.hashCode(), u.version(), u.variant(), u.compareTo(new java.util.UUID(1, 2)), String(new java.util.UUID(1, 2)), new java.util.UUID(1, 2).getLeastSignificantBits()])(java.util.UUID.fromString("e2048242-085f-4210-93ff-84df1fcd8ce2"))',
    [1718208623, 4, 2, -1, "00000000-0000-0001-0000-000000000002", 2],
  ],
  [
    '[String(java.util.UUID.fromString("1-2-3-4-5")), java.util.UUID.fromString("E2048242-085F-4210-93FF-84DF1FCD8CE2").equals(java.util.UUID.fromString("e2048242-085f-4210-93ff-84df1fcd8ce2"))]',
    ["00000001-0002-0003-0004-000000000005", true],
  ],
  [
    "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(java.util.UUID.randomUUID())",
    true,
  ],
  [
    thrown('java.util.UUID.fromString("zz")'),
    "java.lang.IllegalArgumentException: Invalid UUID string: zz",
  ],
];

describeRows({
  "lists and sets": lists,
  maps: maps,
  "streams and Optional": streams,
  helpers: helpers,
});
