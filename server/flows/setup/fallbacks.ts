// The contract's fallbacks: what stands in for fields that an object of the set-up does not set.
import type { DescField, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { messageOf, optionOf, ownPackage } from "../../../proto/contract.ts";

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Fills what a field holds: messages of our own package, also in lists and maps. */
function filled(field: DescField, value: JsonValue): JsonValue {
  const { message } = field;
  if (message?.file.proto.package !== ownPackage) return value;
  const fill = (item: JsonValue): JsonValue =>
    isObject(item) ? withFallbacks(message.name, item) : item;
  if (field.fieldKind === "list") return Array.isArray(value) ? value.map(fill) : value;
  if (field.fieldKind !== "map") return fill(value);
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]))
    : value;
}

/**
 * Gives an object's document with the contract's fallbacks in place of fields that it does not set, at
 * every depth; a message that is absent stays so. `name`: the message of setup.proto that it is the JSON
 * form of. Source: the option `fallback` of setup.proto.
 */
export function withFallbacks(name: string, document: JsonObject): JsonObject {
  const all: JsonObject = { ...document };
  for (const field of messageOf(name).fields) {
    const value = all[field.name];
    const fallback = optionOf(field, `${ownPackage}.fallback`) as string;
    if (value !== undefined) all[field.name] = filled(field, value);
    else if (fallback !== "") all[field.name] = JSON.parse(fallback);
  }
  return all;
}
