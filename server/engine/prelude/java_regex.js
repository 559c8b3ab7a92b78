// java.util.regex: Java's patterns as regular expressions of the language, as far as those reach.
import { JavaObject, javaClass } from "./java_classes.js";
import { exceptionClass, exceptionOf } from "./java_throwables.js";

exceptionClass("java.util.regex.PatternSyntaxException", "java.lang.IllegalArgumentException");

/** What Java calls the classes of ASCII. */
const classesOfAscii = {
  Alnum: "A-Za-z0-9",
  Alpha: "A-Za-z",
  Digit: "0-9",
  Lower: "a-z",
  Punct: "!-\\/:-@\\[-`{-~",
  Space: "\\s",
  Upper: "A-Z",
  XDigit: "0-9A-Fa-f",
};

/** Quoted text, an escape, a bracket, or a quantifier that gives nothing back. */
const piece = /\\Q(.*?)(?:\\E|$)|\\p\{(\w+)\}|\\([AzZh])|\\.|[[\]]|([*+?}])\+/gs;
const anchors = { A: "^", Z: "$", h: "[ \\t\\xA0]", z: "$" };
const quoted = (text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** The source of Java's pattern in the language. */
const translated = (source) => {
  let depth = 0;
  return source.replace(piece, (all, literal, name, anchor, quantifier) => {
    if (all === "[") depth++;
    if (all === "]") depth--;
    if (literal !== undefined) return quoted(literal);
    if (anchor !== undefined) return anchors[anchor];
    if (quantifier !== undefined) return depth > 0 ? all : quantifier;
    const members = classesOfAscii[name];
    if (members === undefined) return all;
    return depth > 0 ? members : `[${members}]`;
  });
};

const inlineFlags = /^\(\?([imsux]+)\)/;

/** The regular expression of Java's pattern, with flags of the language added. */
const regexOf = (pattern, flags = "") => {
  const text = String(pattern);
  const [start = "", inline = ""] = inlineFlags.exec(text) ?? [];
  const source = translated(text.slice(start.length));
  const unicode = /\\p\{/.test(source) ? "u" : "";
  const all = new Set([...flags, ...inline.replace(/[ux]/g, ""), ...unicode]);
  try {
    return new RegExp(source, [...all].join(""));
  } catch (thrown) {
    throw exceptionOf("java.util.regex.PatternSyntaxException", `${thrown.message} in ${text}`);
  }
};

/** The whole of a text, as Java's `matches` looks at it. */
export const matchesWhole = (pattern, text) => {
  const { source, flags } = regexOf(pattern);
  return new RegExp(`^(?:${source})$`, flags).test(text);
};

/** What Java's replacement says for one match: `$1`, `${name}`, and a backslash for either mark. */
const filledIn = (replacement, match) =>
  replacement.replace(/\\(.)|\$(?:(\d)|\{(\w+)\})/gs, (_all, plain, number, name) =>
    plain !== undefined ? plain : ((name ? match.groups?.[name] : match[number]) ?? ""),
  );

/** Java's replacement of the first match, or of all with the flag `g`. */
export const replacedByJava = (text, pattern, replacement, flags = "") =>
  text.replace(regexOf(pattern, flags), (...parts) => {
    const groups = typeof parts.at(-1) === "object" ? parts.pop() : undefined;
    return filledIn(String(replacement), Object.assign(parts.slice(0, -2), { groups }));
  });

const flagBits = [
  [2, "i"],
  [8, "m"],
  [32, "s"],
];

class Pattern extends JavaObject {
  constructor(source, bits = 0) {
    super();
    this.source = String(source);
    this.bits = bits;
    this.letters = flagBits
      .filter(([bit]) => bits & bit)
      .map(([, letter]) => letter)
      .join("");
    regexOf(this.source, this.letters);
  }
  static compile(source, bits) {
    return new Pattern(source, bits);
  }
  static matches(pattern, text) {
    return matchesWhole(pattern, String(text));
  }
  static quote(text) {
    return `\\Q${text}\\E`;
  }
  asPredicate() {
    return (text) => this.matcher(text).find();
  }
  flags() {
    return this.bits;
  }
  matcher(text) {
    return new Matcher(this, String(text));
  }
  pattern() {
    return this.source;
  }
  split(text) {
    const parts = [];
    let at = 0;
    for (const match of String(text).matchAll(regexOf(this.source, `${this.letters}g`))) {
      const end = match.index + match[0].length;
      // An empty match at the very start parts nothing.
      if (end > 0) parts.push(String(text).slice(at, match.index));
      at = end;
    }
    parts.push(String(text).slice(at));
    while (parts.length > 1 && parts.at(-1) === "") parts.pop();
    return parts;
  }
  toString() {
    return this.source;
  }
}
Object.assign(Pattern, { CASE_INSENSITIVE: 2, DOTALL: 32, MULTILINE: 8, UNICODE_CASE: 64 });
javaClass("java.util.regex.Pattern", Pattern);

class Matcher extends JavaObject {
  constructor(pattern, text) {
    super();
    this.pattern = pattern;
    this.text = text;
    this.reset();
  }
  expression(wrap = (source) => source) {
    const { source, flags } = regexOf(this.pattern.source, `${this.pattern.letters}dg`);
    return new RegExp(wrap(source), flags);
  }
  tried(expression, at) {
    expression.lastIndex = at;
    this.match = expression.exec(this.text);
    return this.match !== null;
  }
  find(at = this.next) {
    if (at > this.text.length || !this.tried(this.expression(), at)) return false;
    const [whole] = this.match;
    this.next = this.match.index + Math.max(1, whole.length);
    return true;
  }
  found() {
    if (this.match !== null) return this.match;
    throw exceptionOf("java.lang.IllegalStateException", "No match found");
  }
  group(key = 0) {
    const match = this.found();
    const groups = typeof key === "number" ? match : (match.groups ?? {});
    if (key in groups) return groups[key] ?? null;
    throw exceptionOf("java.lang.IndexOutOfBoundsException", `No group ${key}`);
  }
  groupCount() {
    return new RegExp(`${this.expression().source}|`).exec("").length - 1;
  }
  end(group = 0) {
    return this.found().indices[group]?.[1] ?? -1;
  }
  lookingAt() {
    return this.tried(
      this.expression((source) => `^(?:${source})`),
      0,
    );
  }
  matches() {
    return this.tried(
      this.expression((source) => `^(?:${source})$`),
      0,
    );
  }
  replaceAll(replacement) {
    return replacedByJava(this.text, this.pattern.source, replacement, `${this.pattern.letters}g`);
  }
  replaceFirst(replacement) {
    return replacedByJava(this.text, this.pattern.source, replacement, this.pattern.letters);
  }
  reset() {
    this.match = null;
    this.next = 0;
    return this;
  }
  start(group = 0) {
    return this.found().indices[group]?.[0] ?? -1;
  }
  toMatchResult() {
    return this;
  }
}
javaClass("java.util.regex.Matcher", Matcher);
