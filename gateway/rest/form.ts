// application/x-www-form-urlencoded: bodies, and query strings, which have the same form.
import { isUtf8 } from "node:buffer";
import { Failure } from "../upstream/upstream.ts";

/** The values given for each name, in their order. */
export type Form = ReadonlyMap<string, readonly string[]>;

const invalid = (detail: string, cause?: unknown): Failure =>
  new Failure("REQUEST_INVALID", { detail }, { cause });

/**
 * Decodes percent escapes. `what` names the text in the refusal. Throws REQUEST_INVALID for an
 * escape that is incomplete or is not UTF-8, where lenient decoders would let two readers see two
 * texts.
 */
export function unescaped(text: string, what: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw invalid(`${what} is not well encoded`, cause);
  }
}

/**
 * Reads a form. Throws REQUEST_INVALID when it is not well encoded. Source: WHATWG URL, section
 * 5.1, in its strict reading; RFC 6749 appendix B.
 */
export function readForm(source: Buffer | string): Form {
  if (typeof source !== "string" && !isUtf8(source)) throw invalid("the form is not UTF-8");
  const form = new Map<string, string[]>();
  for (const pair of source.toString().split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const end = equals === -1 ? pair.length : equals;
    const name = unescaped(pair.slice(0, end).replaceAll("+", " "), "the form");
    const value = unescaped(pair.slice(end + 1).replaceAll("+", " "), "the form");
    const values = form.get(name);
    if (values) values.push(value);
    else form.set(name, [value]);
  }
  return form;
}
