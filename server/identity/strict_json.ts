// The strict reading of JSON, ending in the refusal of whoever reads.
import type { JsonValue } from "../../proto/strict_json.ts";
import { JsonFault, readJson as read } from "../../proto/strict_json.ts";

/** A JSON value. */
export type Json = JsonValue;

/** A JSON object; look up only names that no object inherits. */
export type JsonObject = { [name: string]: Json };

/**
 * Ends the reading with the caller's own refusal. `why` is a sentence for the log, never for the
 * caller.
 */
export type Refuse = (why: string) => never;

/**
 * Reads a JSON text as `proto/strict_json` does. `bytes`: the text, which the caller has bounded in
 * length. Calls `refuse` for whatever is not strictly JSON. Source: D-05, SEC-10, SEC-83.
 */
export const readJson = (bytes: Buffer, refuse: Refuse): Json => {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof JsonFault) return refuse(error.message);
    throw error;
  }
};

/** Reads a JSON text as `readJson` does and calls `refuse` also when its value is no object. */
export const readJsonObject = (bytes: Buffer, refuse: Refuse): JsonObject => {
  const value = readJson(bytes, refuse);
  return isJsonObject(value) ? value : refuse("the JSON is no object");
};

/** Tells whether a JSON value is an object, which neither null nor an array is. */
export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
