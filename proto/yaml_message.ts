// Reads YAML as the JSON form of a message of the contract, and remembers where each value stands.
import type { DescField, DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import type { Node, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { nearest } from "./nearest.ts";

/** A place in a text; line and column count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something wrong: where, the path of the value (`clients[0].kind`; empty for the whole), and what. */
export interface Problem extends Place {
  readonly path: string;
  readonly message: string;
}

/** A text of the document, with the field that it fills. */
export interface Leaf {
  readonly field: DescField;
  readonly path: string;
  readonly text: string;
}

/** What a text holds: its JSON form, empty where a value is a problem, and where its values stand. */
export interface Reading {
  readonly json: JsonObject;
  readonly places: ReadonlyMap<string, Place>;
  readonly leaves: readonly Leaf[];
  readonly problems: readonly Problem[];
}

interface Walk {
  readonly places: Map<string, Place>;
  readonly leaves: Leaf[];
  /** Notes the place of a value. */
  at(path: string, node: Node | null): void;
  /** Notes a problem with the value at a path, and gives nothing in its place. */
  wrong(path: string, message: string): undefined;
}

/** Reads a value of one kind; undefined stands for one that is a problem. */
type Read = (walk: Walk, node: Node | null, path: string) => JsonValue | undefined;

const depthLimit = 32;
const syntaxShown = 3;

/**
 * Reads a text of YAML 1.2 by the descriptor of a message. Keys are the names of the fields as the
 * contract writes them. Whatever is no plain JSON (tags, aliases, a key twice), an unknown key and a
 * value of another kind are problems; all of them are found, not only the first. No problem quotes the
 * value of a text, since it may be a secret. Fields may be texts, switches, 32-bit counts, durations,
 * structs, messages, and lists and maps of them; any other kind is a fault.
 */
export function readYaml(text: string, schema: DescMessage): Reading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: "core",
    stringKeys: true,
    uniqueKeys: false,
    version: "1.2",
  });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const broken = [...document.errors, ...document.warnings];
  const places = new Map<string, Place>([["", place(0)]]);
  if (broken.length > 0) {
    // Past a broken line the rest is guesswork, which would only hide the one true problem. What the
    // message quotes of the text is cut off, since it may be a secret.
    const problems = broken.slice(0, syntaxShown).map(({ pos, message }) => {
      return { ...place(pos[0]), path: "", message: message.replace(/: ".*/s, "") };
    });
    return { json: {}, places, leaves: [], problems };
  }
  const problems: Problem[] = [];
  const walk: Walk = {
    places,
    leaves: [],
    at: (path, node) => {
      if (node?.range) places.set(path, place(node.range[0]));
    },
    wrong: (path, message) => {
      problems.push({ ...(places.get(path) as Place), path, message });
    },
  };
  const root = document.contents as Node | null;
  const json = root === null ? {} : readMessage(schema)(walk, root, "");
  return { json: (json ?? {}) as JsonObject, places, leaves: walk.leaves, problems };
}

/** Gives the path of a member: `a.b`, or `a["b c"]` where the name is no plain one. */
export function memberPath(path: string, name: string): string {
  if (!/^\w+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}

const names: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
};

const kindOf = (node: Node | null): string => {
  if (isAlias(node)) return "an alias";
  if (node?.tag) return `the tag ${node.tag}`;
  if (isMap(node)) return "a mapping";
  if (isSeq(node)) return "a list";
  const value = isScalar(node) ? node.value : null;
  return names[typeof value] ?? "nothing";
};

// A word in the place of a switch, a count or a duration is no secret, and seeing it helps.
const wordOf = (node: Node | null): string => {
  const value = plainValue(node);
  if (!Object.hasOwn(names, typeof value) || String(value).length > 40) return kindOf(node);
  return JSON.stringify(value);
};

const plainMap = (node: Node | null): YAMLMap<Scalar<string>, Node | null> | undefined =>
  isMap(node) && !node.tag ? (node as YAMLMap<Scalar<string>, Node | null>) : undefined;
const plainList = (node: Node | null): YAMLSeq<Node | null> | undefined =>
  isSeq(node) && !node.tag ? (node as YAMLSeq<Node | null>) : undefined;
const plainValue = (node: Node | null): unknown =>
  isScalar(node) && !node.tag ? node.value : undefined;

/** Reads every member of a mapping once; a name twice is a problem. */
function readMembers(
  walk: Walk,
  node: YAMLMap<Scalar<string>, Node | null>,
  path: string,
  read: (name: string, value: Node | null, path: string) => JsonValue | undefined,
): JsonObject {
  const members = new Map<string, JsonValue>();
  const seen = new Map<string, Place>();
  for (const { key, value } of node.items) {
    const name = key.value;
    const inner = memberPath(path, name);
    const first = seen.get(name);
    walk.at(inner, key);
    if (first) {
      walk.wrong(inner, `is there twice; the first is on line ${first.line}`);
      continue;
    }
    seen.set(name, walk.places.get(inner) as Place);
    if (name === "__proto__") {
      walk.wrong(inner, "cannot be a name");
      continue;
    }
    const json = read(name, value, inner);
    if (json !== undefined) members.set(name, json);
  }
  return Object.fromEntries(members);
}

function readMessage(schema: DescMessage): Read {
  const special = wellKnown[schema.typeName];
  if (special) return special;
  const fields = new Map(schema.fields.map((field) => [field.name, field]));
  return (walk, node, path) => {
    const map = plainMap(node);
    if (!map) return walk.wrong(path, `got ${kindOf(node)}; takes a mapping`);
    return readMembers(walk, map, path, (name, value, inner) => {
      const field = fields.get(name);
      if (field) return readField(field)(walk, value, inner);
      const keys = [...fields.keys()];
      const meant = nearest(name, keys);
      const hint = meant ? `did you mean ${meant}?` : `takes ${keys.join(", ")}`;
      return walk.wrong(inner, `is no key here; ${hint}`);
    });
  };
}

function readField(field: DescField): Read {
  const read = readOne(field);
  if (field.fieldKind === "list") return readList(field, read);
  if (field.fieldKind !== "map") return read;
  return (walk, node, path) => {
    const map = plainMap(node);
    if (!map) return walk.wrong(path, `got ${kindOf(node)}; takes a mapping`);
    return readMembers(walk, map, path, (_, member, inner) => read(walk, member, inner));
  };
}

/** Reads one value of a field: the whole of it, or a member of its list or map. */
function readOne(field: DescField): Read {
  if (field.message) return (walk, node, path) => readMessage(field.message)(walk, node, path);
  if (field.scalar === ScalarType.BOOL) return readSwitch;
  if (field.scalar === ScalarType.UINT32) return readCount;
  if (field.scalar !== ScalarType.STRING)
    throw new Error(`${field} is of a kind that YAML cannot fill`);
  return (walk, node, path) => {
    const text = plainValue(node);
    if (typeof text !== "string") {
      const quoted = typeof text === "number" || typeof text === "boolean" ? ", in quotes" : "";
      return walk.wrong(path, `got ${kindOf(node)}; takes a text${quoted}`);
    }
    if (!text.isWellFormed()) return walk.wrong(path, "is no valid Unicode");
    walk.leaves.push({ field, path, text });
    return text;
  };
}

// Messages that are named by their first field; others, such as versions, take more than one to tell.
const naming: ReadonlySet<string | undefined> = new Set(["id", "name", "url"]);

/** Reads a list. Messages in a list are told apart by the field that names them, which none may share. */
function readList(field: DescField, read: Read): Read {
  const leading = field.message?.fields[0]?.name;
  const id = naming.has(leading) ? leading : undefined;
  return (walk, node, path) => {
    const list = plainList(node);
    if (!list) return walk.wrong(path, `got ${kindOf(node)}; takes a list`);
    const lines = new Map<JsonValue, number>();
    return list.items.map((item, index) => {
      const inner = `${path}[${index}]`;
      walk.at(inner, item);
      const json = read(walk, item, inner);
      const name = id && (json as JsonObject | undefined)?.[id];
      if (name !== undefined && id !== undefined) {
        const here = memberPath(inner, id);
        const first = lines.get(name);
        if (first) walk.wrong(here, `is there twice; the first is on line ${first}`);
        else lines.set(name, walk.places.get(here)?.line as number);
      }
      // Something stands in for a problem, so that those after it keep their index.
      return json ?? (field.message ? {} : "");
    });
  };
}

const readSwitch: Read = (walk, node, path) => {
  const value = plainValue(node);
  if (typeof value === "boolean") return value;
  return walk.wrong(path, `got ${wordOf(node)}; takes true or false`);
};

const readCount: Read = (walk, node, path) => {
  const value = plainValue(node);
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32) {
    return value;
  }
  return walk.wrong(path, `got ${wordOf(node)}; takes a whole number from 0`);
};

const readDuration: Read = (walk, node, path) => {
  const value = plainValue(node);
  if (typeof value === "string" && /^\d{1,9}(\.\d{1,9})?s$/.test(value)) return value;
  return walk.wrong(path, `got ${wordOf(node)}; takes seconds such as 300s`);
};

const readJson =
  (depth: number): Read =>
  (walk, node, path) => {
    const inner = readJson(depth + 1);
    if (depth > depthLimit) return walk.wrong(path, `is nested deeper than ${depthLimit}`);
    const map = plainMap(node);
    if (map) return readMembers(walk, map, path, (_, value, at) => inner(walk, value, at));
    const items = plainList(node)?.items.map((item, index) => {
      walk.at(`${path}[${index}]`, item);
      return inner(walk, item, `${path}[${index}]`);
    });
    if (items) return items.filter((item) => item !== undefined);
    const value = plainValue(node);
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value === "string" && value.isWellFormed()) return value;
    return walk.wrong(path, `got ${kindOf(node)}; takes JSON`);
  };

const readStruct: Read = (walk, node, path) =>
  plainMap(node)
    ? readJson(1)(walk, node, path)
    : walk.wrong(path, `got ${kindOf(node)}; takes a mapping`);

// Messages whose JSON form is not that of their fields.
const wellKnown: Readonly<Record<string, Read>> = {
  "google.protobuf.Duration": readDuration,
  "google.protobuf.Struct": readStruct,
};
