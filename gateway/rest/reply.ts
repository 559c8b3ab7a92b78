// A message as the JSON of an answer.
import type { DescField, DescMessage, JsonObject, JsonValue, Message } from "@bufbuild/protobuf";
import { ScalarType, toJson } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";
import { optionOf, ownPackage } from "../../proto/contract.ts";

/**
 * What the library leaves out of a message and documents promise: fields with their zero values, and
 * empty lists.
 */
interface Gaps {
  readonly zeros: readonly (readonly [name: string, zero: JsonValue])[];
  readonly inner: readonly (readonly [field: DescField, gaps: Gaps])[];
}

const zero = (field: DescField): JsonValue => {
  if (field.fieldKind === "list") return [];
  if (field.fieldKind === "enum") return field.enum.values[0]?.name ?? "";
  if (field.scalar === ScalarType.BOOL) return false;
  return field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES ? "" : 0;
};

const isGap = (field: DescField): boolean =>
  field.fieldKind === "list"
    ? optionOf(field, `${ownPackage}.shown_empty`) === true
    : (field.fieldKind === "scalar" || field.fieldKind === "enum") &&
      field.presence === Presence.IMPLICIT;

function gapsOf(message: DescMessage, known = new Map<DescMessage, Gaps>()): Gaps {
  const seen = known.get(message);
  if (seen) return seen;
  const zeros: [string, JsonValue][] = [];
  const inner: [DescField, Gaps][] = [];
  const gaps = { zeros, inner };
  known.set(message, gaps);
  // The types of google.protobuf have JSON forms of their own.
  if (message.typeName.startsWith("google.protobuf.")) return gaps;
  for (const field of message.fields) {
    if (isGap(field)) zeros.push([field.name, zero(field)]);
    if (!field.message) continue;
    const below = gapsOf(field.message, known);
    if (below.zeros.length > 0 || below.inner.length > 0) inner.push([field, below]);
  }
  return gaps;
}

function fill(json: JsonObject, gaps: Gaps): void {
  for (const [name, value] of gaps.zeros) json[name] ??= value;
  for (const [field, below] of gaps.inner) {
    const value = json[field.name];
    if (value === undefined) continue;
    const items = field.fieldKind === "message" ? [value] : Object.values(value as JsonObject);
    for (const item of items) fill(item as JsonObject, below);
  }
}

/**
 * Gives the function that writes `message` as JSON. `member`: the field whose value is the whole
 * answer; the empty text when the message is. A field without presence is always there, a list only
 * when it has items or the contract says `shown_empty`, a map only when it has items, an optional field
 * only when it was set. Source: D-14, RFC 7662 section 2.2, RFC 8414 section 3.2; Events API.
 */
export function writer(message: DescMessage, member: string): (value: Message) => JsonValue {
  const gaps = gapsOf(message);
  return (value) => {
    const json = toJson(message, value) as JsonObject;
    fill(json, gaps);
    return member === "" ? json : (json[member] ?? {});
  };
}
