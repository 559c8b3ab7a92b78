// The parts of a request become its message, by the descriptors of the contract.
import type { DescField, DescMessage, JsonObject, JsonValue, Message } from "@bufbuild/protobuf";
import { fromJson, ScalarType } from "@bufbuild/protobuf";
import { Failure } from "../upstream/upstream.ts";
import type { Body } from "./body.ts";
import type { Form } from "./form.ts";
import { readForm, unescaped } from "./form.ts";

/** What a request is made of. */
export interface Parts {
  /** The segments of the path, still escaped; the first one is empty. */
  readonly segments: readonly string[];
  /** The query without its question mark, still escaped. */
  readonly query: string;
  readonly body: Body;
}

/** A variable of a path: the index of its segment and the name of its field. */
export interface Variable {
  readonly segment: number;
  readonly name: string;
}

/** How the parts of one route's requests make its message. */
export interface Plan {
  readonly message: DescMessage;
  readonly variables: readonly Variable[];
  /** The field that the body is; `*` when its members are the fields; empty when it has no part. */
  readonly body: string;
  /** True where a parameter without a value counts as left out (RFC 6749 section 3.2). */
  readonly omitsEmpty: boolean;
}

const invalid = (detail: string, cause?: unknown): Failure =>
  new Failure("REQUEST_INVALID", { detail }, { cause });

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function scalar(field: DescField, value: string): JsonValue {
  if (field.scalar !== ScalarType.BOOL) return value;
  if (value !== "true" && value !== "false") throw invalid(`${field.name} is not true or false`);
  return value === "true";
}

// Names that the message does not have are ignored, but not when they are given twice: D-64.
function setForm(json: JsonObject, plan: Plan, form: Form): void {
  for (const [name, values] of form) {
    const field = plan.message.fields.find((f) => f.name === name);
    const list = field?.fieldKind === "list" && field.listKind === "scalar";
    if (values.length > 1 && !list) throw invalid(`${field ? name : "a parameter"} is given twice`);
    if (!field) continue;
    const given = plan.omitsEmpty ? values.filter((value) => value !== "") : values;
    if (given.length === 0) continue;
    if (list) json[name] = given.map((value) => scalar(field, value));
    else if (field.fieldKind === "scalar") json[name] = scalar(field, given[0] as string);
    else throw invalid(`${name} cannot be given in a form`);
  }
}

function setBody(json: JsonObject, plan: Plan, body: Body): JsonObject {
  if (body?.kind === "form") {
    if (plan.body !== "*") throw invalid("the body is not an object");
    setForm(json, plan, body.form);
    return json;
  }
  if (body === undefined) return json;
  if (!isObject(body.value)) throw invalid("the body is not an object");
  if (plan.body === "*") return body.value;
  json[plan.body] = body.value;
  return json;
}

function setQuery(json: JsonObject, plan: Plan, query: string): void {
  const form = readForm(query);
  if (plan.body === "") {
    setForm(json, plan, form);
    return;
  }
  // Of a parameter that is in the body as well, each reader might take another one (SEC-15).
  for (const [name, values] of form) {
    if (values.length > 1) throw invalid("a parameter is given twice");
    if (Object.hasOwn(json, name)) throw invalid(`${name} is given in the query and in the body`);
  }
  if (plan.body !== "*") setForm(json, plan, form);
}

/**
 * Gives the message of a request. A variable of the path wins over a field of its name. Throws
 * REQUEST_INVALID for a body that is not an object, a value of a wrong type, a single-valued
 * parameter given twice, one given in query and body, and a path that is not well encoded or has
 * control characters. Source: google.api.http, D-64, SEC-15, SEC-79.
 */
export function bind(plan: Plan, parts: Parts): Message {
  const json = plan.body === "" ? {} : setBody({}, plan, parts.body);
  if (parts.query !== "") setQuery(json, plan, parts.query);
  for (const { segment, name } of plan.variables) {
    const value = unescaped(parts.segments[segment] as string, "the path");
    if (hasControl(value)) throw invalid("the path has control characters");
    json[name] = value;
  }
  try {
    return fromJson(plan.message, json, { ignoreUnknownFields: true });
  } catch (cause) {
    throw invalid(misfit(cause), cause);
  }
}

// The library's own words quote the value, which may be a secret.
function misfit(error: unknown): string {
  const field = (error as { cause?: { field?: () => { name: string } } }).cause?.field?.();
  return field ? `${field.name} has a value of a wrong type` : "a value has a wrong type";
}
