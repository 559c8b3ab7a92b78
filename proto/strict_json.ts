// Reads JSON from strangers: strict UTF-8, each member once, bounded depth, nothing that cannot be
// written back.
import { isUtf8 } from "node:buffer";

/** A JSON value as `readJson` gives it. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | { [name: string]: JsonValue };

/** What is wrong with a JSON text; `JsonFault` says where. */
export type JsonFlaw = "encoding" | "syntax" | "depth" | "duplicate" | "surrogate" | "number";

const words: Readonly<Record<JsonFlaw, string>> = {
  encoding: "the text is not well-formed Unicode",
  syntax: "the text is not JSON",
  depth: "the JSON is nested too deeply",
  duplicate: "an object has a member twice",
  surrogate: "a string has half a surrogate pair",
  number: "a number is out of range",
};

/** A JSON text that is refused. The message quotes nothing of the text, so it may be shown. */
export class JsonFault extends Error {
  readonly flaw: JsonFlaw;
  /** Offset in the text, in UTF-16 code units; 0 for `encoding`. */
  readonly position: number;

  constructor(flaw: JsonFlaw, position: number) {
    super(`${words[flaw]}${flaw === "encoding" ? "" : `, at offset ${position}`}`);
    this.name = "JsonFault";
    this.flaw = flaw;
    this.position = position;
  }
}

/** Bounds of `readJson`. */
export interface JsonBounds {
  /** How many arrays and objects may lie inside each other; 16 when absent. */
  readonly maxDepth?: number;
}

const quote = 0x22;
const backslash = 0x5c;
const openingBracket = 0x5b;

// The offset of the quote that ends the string whose first quote is at `start`; the end of the text
// when there is none. A quote behind an odd number of backslashes is part of the string.
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = at;
    while (text.charCodeAt(escapes - 1) === backslash) escapes--;
    if (((at - escapes) & 1) === 0) return at;
  }
  return text.length;
}

// Counts the colons outside strings, of which each member has one. In a text that is no JSON the
// count means nothing, which does no harm: the parser refuses that text.
function membersWritten(text: string, maxDepth: number): number {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === 0x3a) members++;
    // A bracket and a brace differ in one bit, 0x20.
    else if ((code & ~0x20) === openingBracket) {
      if (++depth > maxDepth) throw new JsonFault("depth", at);
    } else if ((code & ~0x20) === 0x5d) depth--;
  }
  return members;
}

// Counts the members that the parser kept, which is one for several of one name. Gives NaN when a
// number is infinite or, where `escapes` were written, a string is not well-formed: NaN equals no
// count.
function membersKept(value: JsonValue, escapes: boolean): number {
  if (typeof value === "string") return escapes && !value.isWellFormed() ? NaN : 0;
  if (typeof value === "number") return Number.isFinite(value) ? 0 : NaN;
  if (typeof value !== "object" || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += membersKept(item, escapes);
    return members;
  }
  for (const name of Object.keys(value)) {
    members += 1 + membersKept(value[name] as JsonValue, escapes);
    if (escapes && !name.isWellFormed()) return NaN;
  }
  return members;
}

/**
 * Reads a JSON text. `source`: its bytes, or the text itself, which the caller has bounded in
 * length. Returns the value; `__proto__` is an ordinary own member of its object, so whoever looks
 * a member up by name asks `Object.hasOwn` first. Throws a `JsonFault` for bytes that are not
 * UTF-8, a byte order mark, text that is not JSON, nesting beyond the bound, an object with a
 * member twice at any depth (an escape spells the same name), a string with half a surrogate pair,
 * and a number beyond the range of a double. The time is linear in the text. Source: RFC 8259, RFC
 * 7493 section 2, D-05, D-64, SEC-79, SEC-83.
 */
export function readJson(source: Uint8Array | string, bounds: JsonBounds = {}): JsonValue {
  const text = typeof source === "string" ? wellFormed(source) : decode(source);
  const written = membersWritten(text, bounds.maxDepth ?? 16);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw locate(text);
  }
  // In well-formed text only an escape can spell half a pair.
  if (membersKept(value, text.includes("\\u")) !== written) throw locate(text);
  return value;
}

// A byte order mark stays in the text, where the parser refuses it.
function decode(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new JsonFault("encoding", 0);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new JsonFault("encoding", 0);
  return text;
}

const space = /[ \t\n\r]*/y;
const literal = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

// Finds the first thing wrong with a text that is refused. Slow and plain: only refusals come here.
function locate(text: string): JsonFault {
  let at = 0;
  const fault = (flaw: JsonFlaw, position = at): never => {
    throw new JsonFault(flaw, position);
  };
  const token = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const next = (): string => {
    token(space);
    return text.charAt(at);
  };
  const string = (): string => {
    if (next() !== '"') fault("syntax");
    const start = at;
    at = endOfString(text, start) + 1;
    let value: string;
    try {
      value = JSON.parse(text.slice(start, at)) as string;
    } catch {
      return fault("syntax", start);
    }
    return value.isWellFormed() ? value : fault("surrogate", start);
  };
  const items = (end: string, item: () => void): void => {
    at++;
    if (next() !== end) {
      for (item(); next() === ","; item()) at++;
      if (next() !== end) fault("syntax");
    }
    at++;
  };
  const object = (): void => {
    const names = new Set<string>();
    items("}", () => {
      next();
      const start = at;
      const name = string();
      if (names.has(name)) fault("duplicate", start);
      names.add(name);
      if (next() !== ":") fault("syntax");
      at++;
      value();
    });
  };
  const value = (): void => {
    const first = next();
    const start = at;
    if (first === "{") object();
    else if (first === "[") items("]", value);
    else if (first === '"') string();
    else {
      const found = token(literal);
      if (found === "") fault("syntax");
      if (Math.abs(Number(found)) === Infinity) fault("number", start);
    }
  };
  try {
    value();
    next();
    return new JsonFault("syntax", at);
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
}
