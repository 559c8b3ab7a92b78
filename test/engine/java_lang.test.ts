// java.lang as scripts see it. The values are those of OpenJDK 17, unless a row says otherwise.
import { describeRows, type Rows, thrown } from "./support/java_rows.ts";

const strings: Rows = [
  ['"abc".hashCode()', 96354],
  ['"h\u00e9llo w\u00f6rld".hashCode()', 1628148953],
  ['"".hashCode()', 0],
  [
    '["apple".compareTo("banana"), "abc".compareTo("ab"), "B".compareToIgnoreCase("a")]',
    [-1, 1, 1],
  ],
  [
    '["a".equals("a"), "a".equals(null), "a".equals(1), "a".equals(new java.lang.String("a"))]',
    [true, false, false, true],
  ],
  ['["aBc".equalsIgnoreCase("AbC"), "a".equalsIgnoreCase(null)]', [true, false]],
  [
    '["abc".contains("bc"), "abc".contains("x"), "".isEmpty(), " ".isBlank(), " ".isEmpty()]',
    [true, false, true, true, false],
  ],
  ['[" a ".strip(), " a ".stripLeading(), " a ".stripTrailing()]', ["a", "a ", " a"]],
  ['["abc".subSequence(1, 2), "abc".toCharArray(), "abc".intern()]', ["b", ["a", "b", "c"], "abc"]],
  ['"Hello".regionMatches(true, 1, "ELL", 0, 3)', true],
  ['"a\\nb\\r\\nc".lines()', ["a", "b", "c"]],
  ['Array.from("a\u00e9\u20ac".getBytes())', [97, -61, -87, -30, -126, -84]],
  ['Array.from("a\u00e9".getBytes("UTF-16"))', [-2, -1, 0, 97, 0, -23]],
  ['Array.from("a\u00e9\u20ac".getBytes("ISO-8859-1"))', [97, -23, 63]],
  ['Array.from("\u00e9".getBytes(java.nio.charset.StandardCharsets.US_ASCII))', [63]],
  [
    'String(new java.lang.String("a\u00e9\u20ac".getBytes("UTF-16LE"), "UTF-16LE"))',
    "a\u00e9\u20ac",
  ],
  ['String(new java.lang.String("abc".getBytes(), 1, 2))', "bc"],
  ['new java.lang.String("a") == "a"', true],
  [
    '["a" instanceof java.lang.String, new java.lang.String("a") instanceof java.lang.String, 1 instanceof java.lang.String]',
    [true, true, false],
  ],
  [
    '[java.lang.String.valueOf(null), java.lang.String.valueOf(1.5), java.lang.String.valueOf(["a", "b"])]',
    ["null", "1.5", "ab"],
  ],
  [
    '[java.lang.String.join("-", ["a", "b"]), java.lang.String.join("-", "a", "b"), java.lang.String.join("", java.util.List.of("x", "y"))]',
    ["a-b", "a-b", "xy"],
  ],
  [
    '[java.lang.String.class.getName(), java.lang.String.class.getSimpleName(), String(java.lang.String.class), "a".getClass() === java.lang.String.class]',
    ["java.lang.String", "String", "class java.lang.String", true],
  ],
  [
    '["AbC".matches("(?i)abc"), "a\\nb".matches("a.b"), "ab12".matches("\\\\p{Alpha}+\\\\p{Digit}+"), "xabc".matches("abc")]',
    [true, false, true, false],
  ],
  [
    '["x.y.z".replaceFirst("\\\\.", "-"), "a1b".replaceFirst("(\\\\d)", "<$1>"), "a".replaceFirst("a", "\\\\$")]',
    ["x-y.z", "a<1>b", "$"],
  ],
  // As in Nashorn, a method that the language has is the language's.
  [
    '["a.b.c".replace(".", "-"), "a.b".split("."), "abc".length, "a.b".replaceAll(".", "-")]',
    ["a-b.c", ["a", "b"], 3, "a-b"],
  ],
  [thrown('"x".getBytes("nope")'), "java.io.UnsupportedEncodingException: nope"],
];

const format = (pattern: string, values: string): string =>
  `java.lang.String.format(${JSON.stringify(pattern)}, ${values})`;

const formats: Rows = [
  [
    format("%08.2f|%+,d|%-10s|%10s", '3.14159, 1234567, "left", "right"'),
    "00003.14|+1,234,567|left      |     right",
  ],
  [format("%x|%X|%o|%c|%b|%b", '255, 255, 8, "c", true, null'), "ff|FF|10|c|true|false"],
  [
    format("%e|%.3e|%5d|%05d|%s|%S|%%|%n", '12345.678, 0.00012, 42, 42, null, "up"'),
    "1.234568e+04|1.200e-04|   42|00042|null|UP|%|\n",
  ],
  [
    format("%,.2f|%(d|% d|%h|%.3s|%-6b|%#x", '1234567.891, -5, 5, "hi", "abcdef", false, 255'),
    "1,234,567.89|(5)| 5|d01|abc|false |0xff",
  ],
  [format("%2$s %1$s %<s %s", '"a", "b"'), "b a a a"],
  [format("%d %x %x", "-1, -1, -4294967296"), "-1 ffffffff ffffffff00000000"],
  [
    format("%g|%g|%.0f|%.1f|%f|%.2f", "0.00012345, 123.456, 2.5, 0.25, 1e10, 1.005"),
    "0.000123450|123.456|3|0.3|10000000000.000000|1.01",
  ],
  [
    format(
      "%s %s %s",
      'new java.util.ArrayList([1, "a"]), java.util.UUID.fromString("1-2-3-4-5"), [1, 2]',
    ),
    "[1, a] 00000001-0002-0003-0004-000000000005 [1, 2]",
  ],
  ['java.lang.String.format(null, "%d", 1)', "1"],
  ['"%d-%s".formatted(1, "x")', "1-x"],
  [
    thrown('java.lang.String.format("%d", "x")'),
    "java.util.IllegalFormatConversionException: d != java.lang.String",
  ],
  [
    thrown('java.lang.String.format("%d", 1.5)'),
    "java.util.IllegalFormatConversionException: d != java.lang.Double",
  ],
  [
    thrown('java.lang.String.format("%s")'),
    "java.util.MissingFormatArgumentException: Format specifier '%s'",
  ],
  [
    thrown('java.lang.String.format("%y", 1)'),
    "java.util.UnknownFormatConversionException: Conversion = 'y'",
  ],
];

const numbers: Rows = [
  [
    '[java.lang.Integer.parseInt("-7f", 16), java.lang.Integer.parseInt("+5"), java.lang.Integer.valueOf("12") + 1]',
    [-127, 5, 13],
  ],
  [
    "[java.lang.Integer.MAX_VALUE, java.lang.Integer.MIN_VALUE, java.lang.Short.MAX_VALUE, java.lang.Byte.MIN_VALUE]",
    [2147483647, -2147483648, 32767, -128],
  ],
  [
    "[java.lang.Integer.toHexString(-1), java.lang.Integer.toBinaryString(10), java.lang.Integer.toOctalString(-8), java.lang.Long.toHexString(-2)]",
    ["ffffffff", "1010", "37777777770", "fffffffffffffffe"],
  ],
  [
    "[java.lang.Integer.toString(255, 36), java.lang.Integer.bitCount(255), java.lang.Integer.compare(2, 10), java.lang.Integer.signum(-9)]",
    ["73", 8, -1, -1],
  ],
  [
    "[java.lang.Integer.max(1, 2), java.lang.Integer.min(1, 2), java.lang.Integer.sum(1, 2)]",
    [2, 1, 3],
  ],
  ['new java.lang.Integer("7") + 1', 8],
  [
    "[(65.9).intValue(), (300).byteValue(), (70000).shortValue(), (1.5).longValue(), (3).doubleValue()]",
    [65, 44, 4464, 1, 3],
  ],
  ["[(1).equals(1), (1).equals(2), (1).equals(null), (2).compareTo(10)]", [true, false, false, -1]],
  [
    "[(1.5).hashCode(), (4294967296 * 3).hashCode(), (7).hashCode(), true.hashCode()]",
    [1073217536, 3, 7, 1231],
  ],
  [
    "[java.lang.Double.toString(1), java.lang.Double.toString(0.1), java.lang.Double.toString(1e7), java.lang.Double.toString(1e-4), java.lang.Double.toString(123456789.125), java.lang.Double.toString(-0)]",
    ["1.0", "0.1", "1.0E7", "1.0E-4", "1.23456789125E8", "-0.0"],
  ],
  [
    '[java.lang.Double.parseDouble(" 1e3 "), java.lang.Double.valueOf("1.5d"), java.lang.Float.parseFloat("0.1"), java.lang.Double.isNaN(0 / 0), java.lang.Double.isInfinite(1 / 0)]',
    [1000, 1.5, Math.fround(0.1), true, true],
  ],
  [
    '[java.lang.Boolean.parseBoolean("TRUE"), java.lang.Boolean.parseBoolean("yes"), java.lang.Boolean.valueOf("true"), java.lang.Boolean.TRUE, java.lang.Boolean.logicalXor(true, true)]',
    [true, false, true, true, false],
  ],
  [
    "[1 instanceof java.lang.Integer, 1.5 instanceof java.lang.Number, true instanceof java.lang.Boolean, 'a' instanceof java.lang.Integer]",
    [true, true, true, false],
  ],
  ...["", "-", "2147483648", " 1", "0x1"].map((text): Rows[number] => [
    thrown(`java.lang.Integer.parseInt(${JSON.stringify(text)})`),
    `java.lang.NumberFormatException: For input string: "${text}"`,
  ]),
  [
    thrown('java.lang.Double.parseDouble("x1")'),
    'java.lang.NumberFormatException: For input string: "x1"',
  ],
  [thrown("java.lang.Integer.parseInt(null)"), "java.lang.NumberFormatException: null"],
  [
    "[java.lang.Math.floorMod(-7, 3), java.lang.Math.floorDiv(-7, 2), java.lang.Math.round(2.5), java.lang.Math.round(-2.5)]",
    [2, -4, 3, -2],
  ],
  [
    "[java.lang.Math.rint(2.5), java.lang.Math.rint(3.5), java.lang.Math.hypot(3, 4), java.lang.Math.signum(-2), java.lang.Math.toDegrees(Math.PI)]",
    [2, 4, 5, -1, 180],
  ],
  [
    "[java.lang.Math.abs(-1), java.lang.Math.max(1, 2), java.lang.Math.pow(2, 10), java.lang.Math.PI > 3, java.lang.Math.addExact(1, 2)]",
    [1, 2, 1024, true, 3],
  ],
  [
    thrown("java.lang.Math.toIntExact(1099511627776)"),
    "java.lang.ArithmeticException: integer overflow",
  ],
  [thrown("java.lang.Math.floorMod(1, 0)"), "java.lang.ArithmeticException: / by zero"],
  [
    '["7", "\u00e9", "_", "\u00a0", "\\t"].map((c) => [java.lang.Character.isDigit(c), java.lang.Character.isLetter(c), java.lang.Character.isLetterOrDigit(c), java.lang.Character.isWhitespace(c)])',
    [
      [true, false, true, false],
      [false, true, true, false],
      [false, false, false, false],
      [false, false, false, false],
      [false, false, false, true],
    ],
  ],
  [
    '[java.lang.Character.getNumericValue("a"), java.lang.Character.digit("f", 16), java.lang.Character.forDigit(11, 16), java.lang.Character.toUpperCase("x"), java.lang.Character.isUpperCase("X")]',
    [10, 15, "b", "X", true],
  ],
];

const language: Rows = [
  [
    'String(new java.lang.StringBuilder("hello").insert(0, "[").append("]").append(1.5).append(true).deleteCharAt(1).replace(0, 1, "<").reverse())',
    "eurt5.1]olle<",
  ],
  [
    '((sb) => (sb.delete(1, 3).setCharAt(0, "X"), [String(sb), sb.indexOf("e"), sb.length(), sb.charAt(1), sb.substring(2)]))(new java.lang.StringBuilder("abcdef"))',
    ["Xdef", 2, 4, "d", "ef"],
  ],
  [
    '[String(new java.lang.StringBuffer(16).append("a").append(null)), new java.lang.StringBuffer() instanceof java.lang.CharSequence]',
    ["anull", true],
  ],
  ['JSON.stringify({ b: new java.lang.StringBuilder("x") })', '{"b":"x"}'],
  [
    thrown('new java.lang.StringBuilder("ab").charAt(5)'),
    "java.lang.StringIndexOutOfBoundsException: index 5,length 2",
  ],
  ['String(new java.util.StringJoiner(",", "{", "}").add("a").add("b"))', "{a,b}"],
  [
    '((t) => [t.countTokens(), t.nextToken(), t.nextToken(), t.nextToken(), t.hasMoreTokens()])(new java.util.StringTokenizer("a, b,c", ", "))',
    [3, "a", "b", "c", false],
  ],
  ["Math.abs(java.lang.System.currentTimeMillis() - Date.now()) < 1000", true],
  [
    '[java.lang.System.getProperty("user.home"), java.lang.System.getProperty("x", "y"), java.lang.System.getenv("PATH"), java.lang.System.lineSeparator()]',
    [null, "y", null, "\n"],
  ],
  ["((to) => (java.lang.System.arraycopy([1, 2, 3], 1, to, 0, 2), to))([0, 0, 0])", [2, 3, 0]],
  ["((a) => (java.lang.System.arraycopy(a, 0, a, 1, 3), a))([1, 2, 3, 4])", [1, 1, 2, 3]],
  [
    thrown("java.lang.System.arraycopy([1], 0, [1], 0, 2)"),
    "java.lang.ArrayIndexOutOfBoundsException: arraycopy: last index is beyond the end of an array",
  ],
  ['java.lang.Class.forName("java.util.HashMap") === java.util.HashMap.class', true],
  [
    '[new java.util.HashMap().getClass().getName(), new java.util.HashMap()["class"].getSimpleName(), java.util.Map.Entry.class.getName()]',
    ["java.util.HashMap", "HashMap", "java.util.Map.Entry"],
  ],
  ["new java.lang.Object().equals(new java.lang.Object())", false],
  ["[java.lang.Thread, java.lang.Runtime].map((x) => typeof x)", ["function", "function"]],
  [
    '(() => { try { throw new java.lang.IllegalStateException("m", new java.io.IOException("c")) } catch (e) { return [e.getMessage(), e.message, e.getCause().getMessage(), e instanceof java.lang.RuntimeException, e instanceof Error, String(e)] } })()',
    ["m", "m", "c", true, true, "java.lang.IllegalStateException: m"],
  ],
  [
    '[new java.lang.RuntimeException().getMessage(), String(new java.lang.RuntimeException()), new java.net.ConnectException("x") instanceof java.io.IOException]',
    [null, "java.lang.RuntimeException", true],
  ],
];

const texts: Rows = [
  [
    '((p) => [p.matcher("a1b22").replaceAll("<$1>"), p.split("a,1,b"), p.pattern()])(java.util.regex.Pattern.compile("(\\\\d+)"))',
    ["a<1>b<22>", ["a,", ",b"], "(\\d+)"],
  ],
  [
    '[java.util.regex.Pattern.matches("a+", "aaa"), "foo(1)".matches(java.util.regex.Pattern.quote("foo(1)")), java.util.regex.Pattern.compile(",").split("a,b,,")]',
    [true, true, ["a", "b"]],
  ],
  [
    '((m) => { var out = []; while (m.find()) out.push([m.group(), m.group(2), m.start(2), m.end()]); return [out, m.groupCount()] })(java.util.regex.Pattern.compile("(\\\\w)(\\\\d)?").matcher("a1b"))',
    [
      [
        ["a1", "1", 1, 2],
        ["b", null, -1, 3],
      ],
      2,
    ],
  ],
  [
    '((m) => [m.matches(), m.group("user"), m.lookingAt(), m.replaceFirst("$1!")])(java.util.regex.Pattern.compile("(?<user>[^@]+)@.*", java.util.regex.Pattern.CASE_INSENSITIVE).matcher("me@example"))',
    [true, "me", true, "me!"],
  ],
  [
    thrown('java.util.regex.Pattern.compile("(")').replace("String(e)", "e.getClass().getName()"),
    "java.util.regex.PatternSyntaxException",
  ],
  [
    thrown('java.util.regex.Pattern.compile("a").matcher("b").group()'),
    "java.lang.IllegalStateException: No match found",
  ],
  [
    '((u) => [u.getScheme(), u.getHost(), u.getPort(), u.getPath(), u.getRawPath(), u.getQuery(), u.getRawQuery(), u.getFragment(), u.getAuthority(), u.getUserInfo()])(new java.net.URI("https://u:p@h.example:8443/a%20b/c?x=1%262&y#f"))',
    [
      "https",
      "h.example",
      8443,
      "/a b/c",
      "/a%20b/c",
      "x=1&2&y",
      "x=1%262&y",
      "f",
      "u:p@h.example:8443",
      "u:p",
    ],
  ],
  [
    '[["http://a/b/c/d?q", "../g"], ["http://a/b/c", "/x"], ["http://a/b/c", "http://z/"], ["http://a/b/", "x?y=1"]].map((p) => String(java.net.URI.create(p[0]).resolve(p[1])))',
    ["http://a/b/g", "http://a/x", "http://z/", "http://a/b/x?y=1"],
  ],
  [
    '[java.net.URI.create("/rel").isAbsolute(), java.net.URI.create("http://a").equals(new java.net.URI("http://a")), java.net.URI.create("http://h").getPort()]',
    [false, true, -1],
  ],
  [
    '((u) => [u.getProtocol(), u.getPort(), u.getDefaultPort(), u.getPath(), u.getQuery(), u.getRef(), u.getFile(), u.toExternalForm()])(new java.net.URL("https://h.example/a/b.html?x=1#r"))',
    [
      "https",
      -1,
      443,
      "/a/b.html",
      "x=1",
      "r",
      "/a/b.html?x=1",
      "https://h.example/a/b.html?x=1#r",
    ],
  ],
  [
    "[java.net.URLEncoder.encode(\"a b*~!'()\u00e9/&=+\", 'UTF-8'), java.net.URLDecoder.decode('a+b%C3%A9', 'UTF-8')]",
    ["a+b*%7E%21%27%28%29%C3%A9%2F%26%3D%2B", "a b\u00e9"],
  ],
  [
    thrown('new java.net.URI("http://a b")').replace("String(e)", "e.getClass().getName()"),
    "java.net.URISyntaxException",
  ],
  [thrown('new java.net.URL("nope")'), "java.net.MalformedURLException: no protocol: nope"],
  [
    thrown('java.net.URLDecoder.decode("%zz")').replace("String(e)", "e.getClass().getName()"),
    "java.lang.IllegalArgumentException",
  ],
];

describeRows({
  "java.lang.String": strings,
  "String.format": formats,
  "java.lang's numbers": numbers,
  "java.lang": language,
  "java.util.regex and java.net": texts,
});
