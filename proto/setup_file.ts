// Set-up files: YAML in, a checked `Setup` out, and back.
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import type { Violation } from "@bufbuild/protovalidate";
import { createValidator } from "@bufbuild/protovalidate";
import type { Pair, YAMLMap } from "yaml";
import { Document } from "yaml";
import { Setup } from "../gen/gatewright/v1/setup.ts";
import { ownPackage, registry } from "./contract.ts";
import type { Leaf, Place, Problem, Reading } from "./yaml_message.ts";
import { memberPath, readYaml } from "./yaml_message.ts";

const setupLimitBytes = 4 * 1024 * 1024;
const fileLimitBytes = 256 * 1024;
const problemsShown = 50;

const schema = registry.getMessage(`${ownPackage}.Setup`) as DescMessage;
const validator = createValidator({ registry });

/** Gives the bytes of a file that a set-up names, or throws when there is none of at most 256 KiB. */
export type ReadFile = (name: string) => Uint8Array;

/**
 * A set-up file that cannot be applied. `problems` has all that is wrong with it, in the order of the
 * file; the message has a line for each of the first fifty, `file:line:column: path: what is wrong`.
 */
export class SetupFault extends Error {
  readonly problems: readonly Problem[];

  constructor(name: string, problems: readonly Problem[]) {
    const ordered = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const lines = ordered.slice(0, problemsShown).map(({ line, column, path, message }) => {
      const place = `${name}:${line}:${column}`;
      return path === "" ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
    });
    const more = ordered.length - lines.length;
    super([...lines, ...(more > 0 ? [`${name}: and ${more} more`] : [])].join("\n"));
    this.name = "SetupFault";
    this.problems = ordered;
  }
}

const whole = (message: string): Problem[] => [{ line: 1, column: 1, path: "", message }];

/**
 * Reads the set-up file at a path of at most 4 MiB, with the files that it names, which are looked for
 * beside it. Throws `SetupFault` as `readSetup` does, and when the file cannot be read.
 */
export function readSetupFile(path: string): Setup {
  const folder = dirname(path);
  let text: string;
  try {
    text = utf8(readBounded(path, setupLimitBytes));
  } catch (error) {
    throw new SetupFault(path, whole(sentence(error)));
  }
  return readSetup(text, path, (name) => readBounded(resolve(folder, name), fileLimitBytes));
}

/**
 * Reads the text of a set-up file. `name` stands for the file in what is said about it; `readFile`
 * gives the files that it names and does not hold itself under `files`, where they are found afterwards.
 * A secret that comes from a file loses the end of its last line. Throws `SetupFault` with every problem: a
 * wrong key, kind or value, a name given twice, a file that is not there. Whether what it refers to
 * exists is not looked at. Source: set-up file, in the description of the outside.
 */
export function readSetup(text: string, name: string, readFile: ReadFile): Setup {
  if (Buffer.byteLength(text) > setupLimitBytes) {
    throw new SetupFault(name, whole(`is larger than ${setupLimitBytes} bytes`));
  }
  const reading = readYaml(text, schema);
  const message = fromJson(schema, reading.json, { registry });
  const result = validator.validate(schema, message);
  if (result.kind === "error") throw result.error;
  const problems = [...reading.problems, ...unreported(reading, result.violations ?? [])];
  const setup = Setup.decode(toBinary(schema, message));
  const named = reading.leaves.filter(({ field, text: file }) => namesFile(field) && file !== "");
  for (const { field, path, text: file } of named) {
    if (setup.files.has(file)) continue;
    try {
      setup.files.set(file, utf8(readFile(file)));
    } catch (error) {
      const place = reading.places.get(path) as Place;
      // A secret written in the place of a file's name is easily done; it is not to be quoted.
      const which = holdsSecret(field) ? "the file" : JSON.stringify(file);
      problems.push({ ...place, path, message: `${which}: ${sentence(error)}` });
    }
  }
  if (problems.length > 0) throw new SetupFault(name, problems);
  for (const { text: file } of named.filter(({ field }) => holdsSecret(field))) {
    setup.files.set(file, (setup.files.get(file) as string).replace(/\r?\n$/, ""));
  }
  return setup;
}

/**
 * Writes a set-up as YAML that `readSetup` reads again as the same: fields in the order of the contract,
 * nothing that is empty, texts of several lines as blocks, files in the order of their names.
 */
export function writeSetup(setup: Setup): string {
  const files = new Map([...setup.files].sort(([one], [other]) => (one < other ? -1 : 1)));
  const message = fromBinary(schema, Setup.encode({ ...setup, files }).finish());
  const json = toJson(schema, message, { registry, useProtoFieldName: true });
  // Words that only YAML 1.1 reads as something else (yes, 0o17) are quoted for its readers' sake.
  const document = new Document(json, { aliasDuplicateObjects: false, compat: "yaml-1.1" });
  const [, ...rest] = (document.contents as YAMLMap).items as Pair<{ spaceBefore?: boolean }>[];
  for (const { key } of rest) key.spaceBefore = true;
  return document.toString({ blockQuote: "literal", lineWidth: 0 });
}

/** Whether a field holds the name of a file: it says so, or it names a script. */
const namesFile = (field: DescField): boolean =>
  field.name.endsWith("_file") || field.parent.name.endsWith("Scripts");
const holdsSecret = (field: DescField): boolean => field.name.endsWith("secret_file");

const utf8 = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

/** Reads a plain file of at most so many bytes; anything else, such as a pipe, is not read at all. */
function readBounded(path: string, limitBytes: number): Buffer {
  // Without the flag the opening of a pipe would wait for a writer.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error("is no plain file");
    if (stat.size > limitBytes) throw new Error(`is larger than ${limitBytes} bytes`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "may not be read",
  ERR_ENCODING_INVALID_ENCODED_DATA: "is not UTF-8",
};
const sentence = (error: unknown): string => {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return sentences[code] ?? message;
};

/** Gives the broken rules as problems, but for values of which something worse is known already. */
function unreported(reading: Reading, violations: readonly Violation[]): Problem[] {
  const known = reading.problems.map(({ path }) => path);
  const texts = new Map(reading.leaves.map((leaf) => [leaf.path, leaf]));
  return violations.flatMap((violation) => {
    const paths = pathsOf(violation);
    if (known.some((path) => path !== "" && paths.includes(path))) return [];
    const path = paths.at(-1) as string;
    const place =
      reading.places.get(path) ?? reading.places.get(paths.at(-2) ?? "") ?? whole("")[0]!;
    const { line, column } = place;
    return [
      { line, column, path, message: said(violation, texts.get(path), reading.places.has(path)) },
    ];
  });
}

/** Gives the paths of a violation's field: of the whole first, of the field itself last. */
function pathsOf({ field }: Violation): string[] {
  const paths = [""];
  for (const part of field) {
    const last = paths.at(-1) as string;
    if (part.kind === "list_sub") paths.push(`${last}[${part.index}]`);
    else paths.push(memberPath(last, part.kind === "map_sub" ? String(part.key) : part.name));
  }
  return paths;
}

// Only values of a fixed form are quoted: ids, kinds, scopes. Any other text may be a secret.
const quoted = new Set(["string.in", "string.not_in", "string.pattern"]);

function said({ message, ruleId }: Violation, leaf: Leaf | undefined, present: boolean): string {
  if (!present) return "is missing";
  return leaf && quoted.has(ruleId) && leaf.text.length <= 64
    ? `got ${JSON.stringify(leaf.text)}; ${message}`
    : message;
}
