// Java's other classes as scripts see them, how scripts name classes, and what is missing. The values are
// those of OpenJDK 17, unless a row says otherwise.
import assert from "node:assert/strict";
import type { Engine } from "../../server/engine/engine.ts";
import { evaluate, failed, runBody, testEngine } from "./support/engine.ts";
import { describeRows, type Rows, thrown } from "./support/java_rows.ts";

const randoms: Rows = [
  [
    "((r) => [r.nextInt(100), r.nextInt(100), r.nextInt(), r.nextInt(16), r.nextBoolean(), r.nextDouble()])(new java.util.Random(42))",
    [30, 63, -1360544799, 0, false, 0.9420735430282128],
  ],
  [
    "((r) => [r.nextGaussian(), r.nextGaussian()])(new java.util.Random(42))",
    [1.1419053154730547, 0.9194079489827879],
  ],
  [
    "[new java.util.Random(-5).nextInt(7), new java.util.Random(123456789012).nextInt()]",
    [5, 59424925],
  ],
  [
    "((b) => (new java.util.Random(0).nextBytes(b), Array.from(b)))(new (Java.type('byte[]'))(5))",
    [96, -76, 32, -69, 56],
  ],
  // Two seeds that are famous for the words they spell.
  [
    "[-229985452, -147909649].map((seed) => { var r = new java.util.Random(seed), s = ''; for (;;) { var n = r.nextInt(27); if (n == 0) return s; s += String.fromCharCode(96 + n); } }).join(' ')",
    "hello world",
  ],
  [
    "((r) => [r.nextInt(10) < 10, r.nextInt(5, 6), r.nextDouble() < 1])(java.util.concurrent.ThreadLocalRandom.current())",
    [true, 5, true],
  ],
  [
    "((r, b) => (r.nextBytes(b), [b.length, r.nextInt(1), r.nextInt(10) >= 0, r.generateSeed(3).length]))(new java.security.SecureRandom(), new Int8Array(70))",
    [70, 0, true, 3],
  ],
  [
    thrown("new java.util.Random().nextInt(0)"),
    "java.lang.IllegalArgumentException: bound must be positive",
  ],
];

const times: Rows = [
  [
    "[0, 1500].map((ms) => String(java.time.Instant.ofEpochMilli(ms)))",
    ["1970-01-01T00:00:00Z", "1970-01-01T00:00:01.500Z"],
  ],
  ['java.time.Instant.parse("2024-02-29T12:34:56.789Z").toEpochMilli()', 1709210096789],
  [
    "String(java.time.Instant.EPOCH.plusSeconds(61).truncatedTo(java.time.temporal.ChronoUnit.MINUTES))",
    "1970-01-01T00:01:00Z",
  ],
  [
    "[java.time.Instant.ofEpochMilli(-1).getEpochSecond(), java.time.Instant.ofEpochMilli(1500).getNano(), java.time.Instant.ofEpochSecond(2).toEpochMilli()]",
    [-1, 500000000, 2000],
  ],
  [
    "((a, b) => [a.isBefore(b), a.isAfter(b), a.compareTo(b), a.equals(java.time.Instant.ofEpochMilli(1)), java.time.temporal.ChronoUnit.SECONDS.between(a, b)])(java.time.Instant.ofEpochMilli(1), java.time.Instant.ofEpochMilli(2500))",
    [true, false, -1, true, 2],
  ],
  [
    "[java.time.Instant.EPOCH.plus(5, java.time.temporal.ChronoUnit.MINUTES).toEpochMilli(), java.time.Instant.EPOCH.minus(java.time.Duration.ofSeconds(1)).toEpochMilli()]",
    [300000, -1000],
  ],
  ["[3661, -90].map((s) => String(java.time.Duration.ofSeconds(s)))", ["PT1H1M1S", "PT-1M-30S"]],
  [
    "[String(java.time.Duration.ofMillis(1500)), java.time.Duration.ofDays(2).toHours(), String(java.time.Duration.ZERO), java.time.Duration.between(java.time.Instant.EPOCH, java.time.Instant.ofEpochSecond(90)).toMinutes(), java.time.Duration.ofMillis(-1500).getSeconds()]",
    ["PT1.5S", 48, "PT0S", 1, -2],
  ],
  [
    "[java.util.concurrent.TimeUnit.HOURS.toSeconds(2), java.util.concurrent.TimeUnit.MILLISECONDS.toSeconds(1999), java.util.concurrent.TimeUnit.SECONDS.convert(3, java.util.concurrent.TimeUnit.MINUTES), java.util.concurrent.TimeUnit.DAYS.toMillis(1), java.util.concurrent.TimeUnit.SECONDS.toNanos(1)]",
    [7200, 1, 180, 86400000, 1000000000],
  ],
  [
    "[String(new java.util.Date(0)), new java.util.Date(5).getTime(), new java.util.Date(5).compareTo(new java.util.Date(6)), new java.util.Date(5).hashCode(), String(new java.util.Date(0).toInstant())]",
    ["Thu Jan 01 00:00:00 UTC 1970", 5, -1, 5, "1970-01-01T00:00:00Z"],
  ],
  [
    "((a, b) => [a.before(b), a.after(b), a < b, b - a, new java.util.Date(124, 1, 29).getTime()])(new java.util.Date(1), new java.util.Date(3))",
    [true, false, true, 2, 1709164800000],
  ],
  [
    thrown('java.time.Instant.parse("x")'),
    "java.time.format.DateTimeParseException: Text 'x' could not be parsed at index 0",
  ],
];

const bytes: Rows = [
  ['java.util.Base64.getEncoder().encodeToString("Hello, \u00e9!".getBytes())', "SGVsbG8sIMOpIQ=="],
  ["java.util.Base64.getUrlEncoder().withoutPadding().encodeToString([-1, -2, -3, -4])", "__79_A"],
  [
    'java.util.Base64.getMimeEncoder().encodeToString("x".repeat(60).getBytes())',
    `${"eHh4".repeat(19)}\r\neHh4`,
  ],
  ['Array.from(java.util.Base64.getDecoder().decode("/v8"))', [-2, -1]],
  ['Array.from(java.util.Base64.getUrlDecoder().decode("__79_A=="))', [-1, -2, -3, -4]],
  [
    'String(new java.lang.String(java.util.Base64.getMimeDecoder().decode("SGVs\\r\\nbG8=")))',
    "Hello",
  ],
  [
    thrown('java.util.Base64.getDecoder().decode("a-_b")'),
    "java.lang.IllegalArgumentException: Illegal base64 character 2d",
  ],
  [
    thrown('java.util.Base64.getDecoder().decode("QQ=")'),
    "java.lang.IllegalArgumentException: Input byte array has wrong 4-byte ending unit",
  ],
  [
    thrown('java.util.Base64.getUrlDecoder().decode("a+/b")'),
    "java.lang.IllegalArgumentException: Illegal base64 character 2b",
  ],
  [
    'javax.xml.bind.DatatypeConverter.printHexBinary(java.security.MessageDigest.getInstance("SHA-256").digest("abc".getBytes()))',
    "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
  ],
  ['Array.from(javax.xml.bind.DatatypeConverter.parseHexBinary("00ff7F"))', [0, -1, 127]],
  [
    'new java.math.BigInteger(1, java.security.MessageDigest.getInstance("MD5").digest("hello".getBytes())).toString(16)',
    "5d41402abc4b2a76b9719d911017c592",
  ],
  // RFC 4231, test case 2.
  [
    '((mac) => (mac.init(new javax.crypto.spec.SecretKeySpec("Jefe".getBytes("UTF-8"), "HmacSHA256")), javax.xml.bind.DatatypeConverter.printHexBinary(mac.doFinal("what do ya want for nothing?".getBytes("UTF-8"))).toLowerCase()))(javax.crypto.Mac.getInstance("HmacSHA256"))',
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    '((d) => (d.update("xabcx".getBytes(), 1, 3), java.security.MessageDigest.isEqual(d.digest(), java.security.MessageDigest.getInstance("SHA-1").digest("abc".getBytes()))))(java.security.MessageDigest.getInstance("SHA-1"))',
    true,
  ],
  [
    '[java.security.MessageDigest.getInstance("SHA-512").getDigestLength(), javax.crypto.Mac.getInstance("HmacSHA1").getMacLength()]',
    [64, 20],
  ],
  [
    thrown('new javax.crypto.spec.SecretKeySpec(new Int8Array(0), "HmacSHA256")'),
    "java.lang.IllegalArgumentException: Empty key",
  ],
  [
    '[java.nio.charset.StandardCharsets.UTF_8.name(), String(java.nio.charset.Charset.forName("utf8")), java.nio.charset.Charset.isSupported("x")]',
    ["UTF-8", "UTF-8", false],
  ],
  [
    thrown('java.nio.charset.Charset.forName("nope")'),
    "java.nio.charset.UnsupportedCharsetException: nope",
  ],
  [
    '[new java.math.BigInteger(1, [-1, 0].map((b) => b) && new Int8Array([-1, 0])), new java.math.BigInteger("ff", 16), new java.math.BigInteger("7").modPow(new java.math.BigInteger("128"), new java.math.BigInteger("13"))].map(String)',
    ["65280", "255", "3"],
  ],
  [
    '[new java.math.BigInteger("-255").toString(16), Array.from(new java.math.BigInteger("-129").toByteArray()), String(new java.math.BigInteger(new Int8Array([-1])))]',
    ["-ff", [-1, 127], "-1"],
  ],
  [
    '((a) => [a.mod(new java.math.BigInteger("3")), a.remainder(new java.math.BigInteger("3")), a.divide(new java.math.BigInteger("2")), new java.math.BigInteger("12").gcd(new java.math.BigInteger("18")), java.math.BigInteger.ONE.shiftLeft(70)].map(String))(new java.math.BigInteger("-7"))',
    ["2", "-1", "-3", "6", "1180591620717411303424"],
  ],
  [
    '[new java.math.BigInteger("ff", 16).bitLength(), new java.math.BigInteger("-1").bitLength(), java.math.BigInteger.TEN.pow(20).longValue() === 7766279631452241920, java.math.BigInteger.valueOf(5).compareTo(java.math.BigInteger.TEN), java.math.BigInteger.ZERO.equals(new java.math.BigInteger("0"))]',
    [8, 0, true, -1, true],
  ],
  [
    thrown('new java.math.BigInteger("x")'),
    'java.lang.NumberFormatException: For input string: "x"',
  ],
  [
    thrown("java.math.BigInteger.ONE.divide(java.math.BigInteger.ZERO)"),
    "java.lang.ArithmeticException: BigInteger divide by zero",
  ],
];

const interop: Rows = [
  // Names of ES6 were free in Nashorn, so scripts use them for Java's.
  [
    '(() => { Map = Java.type("java.util.Map"); Date = Set = Object = Array = Proxy = Reflect = RegExp = Symbol = undefined; var m = new java.util.TreeMap(); m.put("a", new java.util.Date(0)); LOG.info("{}", m); return "" + m + java.lang.String.format("%05d", 3) + "a1".matches("[a-z]\\\\d") })()',
    "{a=Thu Jan 01 00:00:00 UTC 1970}00003true",
  ],
  [
    '(load("nashorn:mozilla_compat.js"), importPackage(java.util), [typeof Date.now, new Map([[1, 2]]).get(1), new HashMap({ a: 1 }).size()])',
    ["function", 2, 1],
  ],
  ['new (Java.type("java.util.ArrayList"))([1]).size()', 1],
  [
    'Java.type("java.util.Map$Entry") === java.util.Map.Entry && java.util.Map.Entry === Packages.java.util.Map.Entry',
    true,
  ],
  [
    '[new (Java.type("byte[]"))(3).length, new (Java.type("java.lang.String[]"))(2)]',
    [3, [null, null]],
  ],
  [
    '[Java.from(new java.util.ArrayList([1, 2])), Array.from(Java.to([1, 300], "byte[]")), Java.to([1, 2], "java.util.List").size(), Java.to([1], Java.type("int[]")) instanceof Int32Array]',
    [[1, 2], [1, 44], 2, true],
  ],
  ["new (Java.extend(java.lang.Runnable, { run: function () { return 'ran' } }))().run()", "ran"],
  [
    "(() => { var R = Java.extend(Java.type('java.lang.Runnable')); return new R({ run: function () { return 'own' } }).run() })()",
    "own",
  ],
  ["new (Java.extend(java.util.ArrayList, { size: function () { return 7 } }))().size()", 7],
  [
    "[new java.lang.Runnable(function () { return 'sam' }).run(), new java.util.concurrent.Callable({ call: () => 1 }).call()]",
    ["sam", 1],
  ],
  [
    "new JavaAdapter(java.util.Comparator, { compare: function (a, b) { return a - b } }).compare(3, 1)",
    2,
  ],
  [
    'eval("with (new JavaImporter(java.util, java.util.concurrent.TimeUnit)) { new ArrayList([1]).size() + TimeUnit.SECONDS.toMillis(1) }")',
    1001,
  ],
  [
    '(load("nashorn:mozilla_compat.js"), importClass(java.util.TreeMap), importPackage(java.math), [String(new TreeMap({ b: 1, a: 2 })), String(BigInteger.TEN)])',
    ["{a=2, b=1}", "10"],
  ],
  [
    "[Java.isJavaObject(new java.util.HashMap()), Java.isJavaObject({}), Java.isType(java.util.HashMap), Java.typeName(java.util.HashMap), Java.asJSONCompatible(1)]",
    [true, false, true, "java.util.HashMap", 1],
  ],
  [
    "[java.util.HashMap.class.isInstance(new java.util.TreeMap()), java.util.HashMap.class.equals(java.util.HashMap.class)]",
    [true, true],
  ],
  [
    "(() => { try { importClass(com.acme.Nothing) } catch (e) { return String(e) } })()",
    "java.lang.ClassNotFoundException: Java class com.acme.Nothing is not available in the script engine",
  ],
  [
    "[BigInt.asUintN(32, -1n), BigInt.asUintN(64, -(2n ** 63n)), BigInt.asUintN(8, 257n)].map(String)",
    ["4294967295", "9223372036854775808", "1"],
  ],
];

describeRows({
  "random numbers": randoms,
  "time and units": times,
  "bytes, hashes and big numbers": bytes,
  "Nashorn's and Rhino's names": interop,
});

describe("Java names (D-27)", () => {
  let engine: Engine;
  before(async () => {
    engine = await testEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  it("end a run with 3003 and advice where a class is missing", async () => {
    for (const [code, message] of [
      ["new java.io.File('x')", /java\.io\.File is not available.*: scripts have no files/],
      ["java.lang.Thread.sleep(1)", /java\.lang\.Thread is not available.*: a run cannot sleep/],
      ["new java.net.URL('http://h').openConnection()", /HttpURLConnection.*: requests are made/],
      ["Java.type('com.acme.Foo')", /com\.acme\.Foo is not available in the script engine$/],
      ["com.acme.Foo.bar()", /Java class com\.acme\.Foo is not available/],
      ["java.lang.Class.forName('com.acme.Foo')", /Java class com\.acme\.Foo is not available/],
    ] as const) {
      const run = await runBody(engine, `${code}; return { status: 2000 };`);
      assert.equal(failed(run).code, 3003, code);
      assert.match(failed(run).message, message);
    }
  });

  it("leave plain loops over objects, arrays and texts as they are", async () => {
    const loops =
      "(() => { var out = []; for (var k in { a: 1 }) out.push(k); for (k in [7]) out.push(k); for (k in 'x') out.push(k); return out })()";
    assert.deepEqual(await evaluate(engine, loops), ["a", "0", "0"]);
  });
});
