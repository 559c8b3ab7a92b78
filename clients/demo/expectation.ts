// What a step expects of an answer, and what is said when it got something else.
import type { Answer, Json } from "./exchange.ts";

/** Something is not what a step expected; both are texts for people. */
export class Unexpected extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.name = "Unexpected";
    this.expected = expected;
    this.got = got;
  }
}

const shownLength = 400;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
};

/** Throws Unexpected unless the condition holds. `got`: what there is instead. */
export function expectThat(condition: boolean, expected: string, got: unknown): asserts condition {
  if (!condition) throw new Unexpected(expected, shown(got));
}

/** Gives the answer when it has the HTTP status, or throws Unexpected. */
export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Unexpected(`HTTP ${status}`, `HTTP ${answer.status} ${shown(answer.body)}`);
}

/** Gives the value at a path of names joined by dots, such as `oauth_token.access_token`. */
export function at(body: Json, path: string): Json | undefined {
  let value: Json | undefined = body;
  for (const name of path.split(".")) {
    const inner: unknown = value;
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, name))
      return undefined;
    value = (inner as { readonly [name: string]: Json })[name];
  }
  return value;
}

/** Throws Unexpected unless the value at the path is, as JSON, the expected one. */
export function expectAt(body: Json, path: string, expected: Json): void {
  if (JSON.stringify(at(body, path)) === JSON.stringify(expected)) return;
  throw new Unexpected(`${path} ${shown(expected)}`, `${shown(at(body, path))} in ${shown(body)}`);
}

/** Throws Unexpected unless there is nothing at the path. */
export function expectAbsent(body: Json, path: string): void {
  if (at(body, path) === undefined) return;
  throw new Unexpected(`no ${path}`, shown(body));
}

/** Gives the text at the path, or throws Unexpected when it is empty or has not the form. */
export function textAt(body: Json, path: string, form?: RegExp): string {
  const value = at(body, path);
  if (typeof value === "string" && value !== "" && form?.test(value) !== false) return value;
  const wanted = form === undefined ? `a text at ${path}` : `${path} of the form ${form}`;
  throw new Unexpected(wanted, `${shown(value)} in ${shown(body)}`);
}

/** Gives the JSON that the text at the path holds, as scripts put it into `data`. */
export function jsonAt(body: Json, path: string): Json {
  const text = textAt(body, path);
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Unexpected(`${path} with JSON`, shown(text));
  }
}
