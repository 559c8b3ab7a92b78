// The messages of the contract as JSON schemas, limits and comments included.
import type { AnyDesc, DescField, DescMessage, FileRegistry } from "@bufbuild/protobuf";
import { getOption, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";
import { getComments } from "@bufbuild/protoplugin";

/** A JSON object that is being written. */
export interface Json {
  [name: string]: unknown;
}

// The parts of buf.validate.FieldRules that the contract uses.
interface Rules {
  readonly required: boolean;
  readonly type: { readonly case?: string; readonly value?: unknown };
}
interface StringRules {
  readonly minLen: bigint;
  readonly maxLen: bigint;
  readonly maxBytes: bigint;
  readonly pattern: string;
  readonly in: readonly string[];
  readonly notIn: readonly string[];
  readonly wellKnown: { readonly case?: string };
}
interface NumberRules {
  readonly greaterThan: { readonly case?: string; readonly value?: number };
  readonly lessThan: { readonly case?: string; readonly value?: number };
}
interface RepeatedRules {
  readonly maxItems: bigint;
  readonly items?: Rules;
}
interface MapRules {
  readonly maxPairs: bigint;
  readonly keys?: Rules;
  readonly values?: Rules;
}

const some = (name: string, value: unknown): Json =>
  value === undefined || value === "" || value === 0 || value === 0n
    ? {}
    : { [name]: typeof value === "bigint" ? Number(value) : value };

const list = (name: string, values: readonly string[]): Json =>
  values.length === 0 ? {} : { [name]: values };

/** What each kind of rule says in a schema. */
const limits: Readonly<Record<string, (rules: never) => Json>> = {
  string: (rules: StringRules) => ({
    ...some("minLength", rules.minLen),
    ...some("maxLength", rules.maxLen || rules.maxBytes),
    ...some("pattern", rules.pattern),
    ...list("enum", rules.in),
    ...(rules.notIn.length === 0 ? {} : { not: { enum: rules.notIn } }),
    ...(rules.wellKnown.case === "uri" ? { format: "uri" } : {}),
  }),
  uint32: (rules: NumberRules) => ({
    ...(rules.greaterThan.case === "gte" ? { minimum: rules.greaterThan.value } : {}),
    ...(rules.lessThan.case === "lte" ? { maximum: rules.lessThan.value } : {}),
  }),
  repeated: (rules: RepeatedRules) => some("maxItems", rules.maxItems),
  map: (rules: MapRules) => ({
    ...some("maxProperties", rules.maxPairs),
    ...(rules.keys ? { propertyNames: limitsOf(rules.keys) } : {}),
  }),
};

const limitsOf = (rules: Rules | undefined): Json =>
  (rules?.type.case && limits[rules.type.case]?.(rules.type.value as never)) || {};

const scalars: Readonly<Partial<Record<ScalarType, Json>>> = {
  [ScalarType.BOOL]: { type: "boolean" },
  [ScalarType.INT32]: { type: "integer", format: "int32" },
  [ScalarType.UINT32]: { type: "integer", format: "int64", minimum: 0 },
  [ScalarType.DOUBLE]: { type: "number" },
  [ScalarType.BYTES]: { type: "string", format: "byte" },
};

const wellKnown: ReadonlyMap<string, Json> = new Map([
  ["google.protobuf.Struct", { type: "object" }],
  ["google.protobuf.ListValue", { type: "array", items: {} }],
  ["google.protobuf.Duration", { type: "string", pattern: "^-?[0-9]+(\\.[0-9]{1,9})?s$" }],
  ["google.protobuf.Timestamp", { type: "string", format: "date-time" }],
]);

/** Gives the leading comment of a declaration as its description; nothing when it has none. */
export function described(desc: Exclude<AnyDesc, { kind: "file" }>): Json {
  const text = getComments(desc).leading?.trim().replaceAll(/\n ?/g, "\n");
  return text ? { description: text } : {};
}

/** Which side of an exchange a schema is for: they differ in the members that must be there. */
type Side = "request" | "answer";

/** Writes schemas and keeps those that are referred to. */
export interface Schemas {
  /** The schemas referred to, by the short names of their messages. */
  readonly components: Json;
  /** Gives the schema of an object with these fields. */
  object(fields: readonly DescField[], side: Side): Json;
  /** Gives the schema of one field's value. */
  field(field: DescField, side: Side): Json;
  /** Tells whether a request must have a field. */
  needed(field: DescField): boolean;
}

/**
 * Gives the writer of schemas for a registry with comments. A message that requests and answers
 * share is described as the request has it if that is asked for first.
 */
export function schemas(registry: FileRegistry): Schemas {
  const extension = registry.getExtension("buf.validate.field");
  const shownEmpty = registry.getExtension("gatewright.v1.shown_empty");
  if (!extension || !shownEmpty) throw new Error("the image has no validation rules");
  const components: Json = {};
  const rulesOf = (field: DescField): Rules => getOption(field, extension) as unknown as Rules;

  const implicit = (field: DescField): boolean =>
    (field.fieldKind === "scalar" || field.fieldKind === "enum") &&
    field.presence === Presence.IMPLICIT;

  const given = (field: DescField): boolean =>
    implicit(field) || getOption(field, shownEmpty) === true;

  // A field without presence is needed when its rules forbid its zero value.
  function needed(field: DescField): boolean {
    const rules = rulesOf(field);
    if (rules.required) return true;
    if (rules.type.case !== "string" || !implicit(field)) return false;
    const { minLen, pattern, in: words, wellKnown: known } = rules.type.value as StringRules;
    return (
      minLen > 0n ||
      (words.length > 0 && !words.includes("")) ||
      (pattern !== "" && !new RegExp(pattern).test("")) ||
      known.case === "uri"
    );
  }

  function reference(message: DescMessage, side: Side): Json {
    const known = wellKnown.get(message.typeName);
    if (known) return known;
    if (!components[message.name]) {
      // Set before its fields are written, since they may refer to it.
      components[message.name] = {};
      components[message.name] = { ...described(message), ...object(message.fields, side) };
    }
    return { $ref: `#/components/schemas/${message.name}` };
  }

  function single(field: DescField, side: Side): Json {
    if (field.message) return reference(field.message, side);
    if (field.enum) return { type: "string", enum: field.enum.values.map((v) => v.name) };
    return scalars[field.scalar as ScalarType] ?? { type: "string" };
  }

  function field(field: DescField, side: Side): Json {
    const rules = rulesOf(field);
    const own = { ...limitsOf(rules), ...described(field) };
    if (field.fieldKind === "list") {
      const items = (rules.type.value as RepeatedRules | undefined)?.items;
      return { type: "array", items: { ...single(field, side), ...limitsOf(items) }, ...own };
    }
    if (field.fieldKind === "map") {
      const values = (rules.type.value as MapRules | undefined)?.values;
      const additionalProperties = { ...single(field, side), ...limitsOf(values) };
      return { type: "object", additionalProperties, ...own };
    }
    return { ...single(field, side), ...own };
  }

  function object(fields: readonly DescField[], side: Side): Json {
    const must = fields.filter(side === "request" ? needed : given).map((f) => f.name);
    const properties = Object.fromEntries(fields.map((f) => [f.name, field(f, side)]));
    return { type: "object", ...list("required", must), properties };
  }

  return { components, object, field, needed };
}
