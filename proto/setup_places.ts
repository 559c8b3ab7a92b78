// Where in a set-up file the things are that the server found wrong with it.
import { readFileSync } from "node:fs";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { messageOf } from "./contract.ts";
import type { Place, Reading } from "./yaml_message.ts";
import { readYaml } from "./yaml_message.ts";

/** A problem as the server words it: the list and the name of the object, then perhaps a field. */
const worded = /^(\w+)(?: ([^:\s]+(?::[^:\s]+)*))?: (?:([a-z_]+(?:\.[a-z_]+)*): )?/;

/** Where the lists of objects are: in the set-up itself, and in one message of it. */
const holders: readonly (readonly [prefix: string, message: string])[] = [
  ["", "Setup"],
  ["mobile_authentication", "MobileAuthentication"],
];

const memberOf = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
  name === "" ? value : (value as JsonObject | undefined)?.[name];

/** Gives the path of an object in the file; undefined when the file does not name it. */
function pathOf({ json }: Reading, list: string, name: string | undefined): string | undefined {
  if (name === undefined) return list;
  for (const [prefix, message] of holders) {
    const field = messageOf(message).fields.find((candidate) => candidate.name === list);
    // Objects of a list are told apart by their first field.
    const key = field?.message?.fields[0]?.name ?? "";
    const items = memberOf(memberOf(json, prefix), list);
    const index = Array.isArray(items)
      ? items.findIndex((item) => memberOf(item, key) === name)
      : -1;
    if (field && index >= 0) return [prefix, `${list}[${index}]`].filter(Boolean).join(".");
  }
  return undefined;
}

/** Gives the place of a field, or of the nearest thing around it that the file has. */
function placeOf({ places }: Reading, path: string, field = ""): Place | undefined {
  const names = field.split(".");
  for (let kept = names.length; kept > 0; kept--) {
    const place = places.get([path, ...names.slice(0, kept)].filter(Boolean).join("."));
    if (place) return place;
  }
  return places.get(path);
}

/**
 * Gives what the server found wrong with a set-up (the fact `problems` of SETUP_INVALID, one a line) with
 * `file:line:column` before each line whose object is in the file at `file`. The file was read before, so
 * that it can be read is taken for granted.
 */
export function withPlaces(file: string, problems: string): string {
  const reading = readYaml(readFileSync(file, "utf8"), messageOf("Setup"));
  return problems
    .split("\n")
    .map((problem) => {
      const [, list = "", name, field] = worded.exec(problem) ?? [];
      const path = list === "" ? undefined : pathOf(reading, list, name);
      const place = path === undefined ? undefined : placeOf(reading, path, field);
      return place ? `${file}:${place.line}:${place.column}: ${problem}` : `${file}: ${problem}`;
    })
    .join("\n");
}
