// What applying a set-up would do: a value made from what is and what is wanted, before anything is
// written.
import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import type { Change } from "../../../gen/gatewright/v1/admin.ts";
import { Setup } from "../../../gen/gatewright/v1/setup.ts";
import { messageOf, optionOf, ownPackage, registry } from "../../../proto/contract.ts";
import { JsonFault, readJson } from "../../../proto/strict_json.ts";
import { Refusal } from "../../core/refusal.ts";
import { readJwks } from "../../identity/client_keys.ts";
import { readJwksUri } from "../../identity/jwks_uri.ts";
import type { SetupObject } from "./kinds.ts";
import { kindOf, objectsOf, referencesOf } from "./kinds.ts";

/** A script that a set-up brings: its slot and step, the file it is named after, its text. */
export interface ScriptText {
  readonly slot: string;
  readonly step: string;
  readonly file: string;
  readonly source: string;
  readonly sha256: string;
}

/** An object that is wanted, with the secrets that the set-up gives for it. */
export interface Wanted extends SetupObject {
  readonly secrets: Readonly<Record<string, string>>;
  /** Names of its fields that are secrets, given or not. */
  readonly secretFields: readonly string[];
  readonly scripts: readonly ScriptText[];
}

/** An object as it is stored; of its secrets only the names are known here. */
export interface Present extends SetupObject {
  readonly secretNames: readonly string[];
}

// What travels to the caller is bounded, since over gRPC it has to fit a trailer.
const shownProblems = 15;

/** Gathers what is wrong, so that the operator learns all of it at once. */
export class Problems {
  readonly #found: string[] = [];

  /** Notes a problem of an object. */
  add(object: { kind: string; id: string }, problem: string): void {
    this.#found.push(`${object.kind}${object.id === "" ? "" : ` ${object.id}`}: ${problem}`);
  }

  /** Notes the refusal that `read` throws; gives what it returns otherwise. */
  collect<T>(object: { kind: string; id: string }, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.add(object, error.facts.detail ?? error.message);
      return undefined;
    }
  }

  /** Throws SETUP_INVALID with all problems, one a line, if there are any. */
  settle(): void {
    if (this.#found.length === 0) return;
    const count = this.#found.length;
    const shown = this.#found.slice(0, shownProblems).map((problem) => problem.slice(0, 300));
    if (count > shown.length) shown.push(`and ${count - shown.length} more`);
    const detail = count === 1 ? "1 problem" : `${count} problems`;
    throw new Refusal("SETUP_INVALID", { detail, problems: shown.join("\n") });
  }
}

/** Gives the slot of a script. */
export const slotOf = (kind: string, id: string, step: string): string => `${kind}/${id}/${step}`;

/** Fields that name a file whose text stands in for another field. */
const fileFields: Readonly<Record<string, string>> = {
  jwks_file: "jwks",
  secret_file: "secret",
  signing_secret_file: "signing_secret",
};

/** Puts the texts of named files in the place of the fields that name them. */
function withFiles(
  object: SetupObject,
  files: ReadonlyMap<string, string>,
  problems: Problems,
): JsonObject {
  const document: JsonObject = { ...object.document };
  for (const [field, target] of Object.entries(fileFields)) {
    const file = document[field];
    if (typeof file !== "string") continue;
    delete document[field];
    const text = files.get(file);
    if (text === undefined) problems.add(object, `${field}: the file ${file} is missing`);
    else if (document[target] !== undefined)
      problems.add(object, `${field}: ${target} is given too`);
    else
      document[target] = target === "jwks" ? parsed(object, file, text, problems) : text.trimEnd();
  }
  return document;
}

function parsed(object: SetupObject, file: string, text: string, problems: Problems): JsonValue {
  try {
    return readJson(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    problems.add(object, `${file}: ${error.message}`);
    return {};
  }
}

/** Checks the keys of a client and reduces them to what matters. */
function withCheckedKeys(
  object: SetupObject,
  document: JsonObject,
  problems: Problems,
): JsonObject {
  if (object.kind !== "clients") return document;
  const { jwks, jwks_uri } = document;
  const checked: JsonObject = { ...document };
  if (jwks !== undefined) {
    const keys = problems.collect(object, () => readJwks(jwks));
    checked.jwks = { keys: (keys ?? []) as unknown as JsonValue[] };
  }
  if (jwks_uri !== undefined) {
    checked.jwks_uri = problems.collect(object, () => readJwksUri(jwks_uri)) ?? "";
  }
  return checked;
}

/** Names of the fields of an object that are secrets. */
function secretFieldsOf({ kind, document }: SetupObject): string[] {
  if (kind === "properties") return document.sensitive === true ? ["value"] : [];
  return messageOf(kindOf(kind).message)
    .fields.filter((field) => optionOf(field, `${ownPackage}.confidential`) === true)
    .map((field) => field.name);
}

function scriptsOf(
  object: SetupObject,
  files: ReadonlyMap<string, string>,
  problems: Problems,
): ScriptText[] {
  const named = (object.document.scripts ?? {}) as JsonObject;
  return Object.entries(named).flatMap(([step, file]) => {
    const source = files.get(String(file));
    if (source === undefined) {
      problems.add(object, `scripts.${step}: the file ${String(file)} is missing`);
      return [];
    }
    if (source.includes("\0")) {
      problems.add(object, `scripts.${step}: the file ${String(file)} has a NUL character`);
      return [];
    }
    const slot = slotOf(object.kind, object.id, step);
    return [
      { slot, step, file: String(file), source, sha256: hash("sha256", source, "base64url") },
    ];
  });
}

/** Takes a set-up apart into what it wants, noting what is wrong with each object by itself. */
export function wantedBy(setup: Setup, problems: Problems): Wanted[] {
  const schema = messageOf("Setup");
  const message = fromBinary(schema, Setup.encode(setup).finish());
  const json = toJson(schema, message, { registry, useProtoFieldName: true }) as JsonObject;
  const seen = new Set<string>();
  return objectsOf(json).map((object) => {
    const name = JSON.stringify([object.kind, object.id]);
    if (seen.has(name)) problems.add(object, "is given twice");
    seen.add(name);
    const document = withCheckedKeys(object, withFiles(object, setup.files, problems), problems);
    const secrets: Record<string, string> = {};
    const secretFields = secretFieldsOf({ ...object, document });
    for (const field of secretFields) {
      if (typeof document[field] === "string") secrets[field] = document[field];
      delete document[field];
    }
    const found = kindOf(object.kind).problems(document, secrets);
    for (const problem of found) problems.add(object, problem);
    const scripts = scriptsOf(object, setup.files, problems);
    return { ...object, document, secrets, secretFields, scripts };
  });
}

/** Notes every reference to nothing, or to another type, that there would be among these objects. */
export function checkReferences(objects: readonly SetupObject[], problems: Problems): void {
  const named = new Map(
    objects.map((object) => [JSON.stringify([object.kind, object.id]), object]),
  );
  for (const object of objects) {
    for (const { field, kind, id, type } of referencesOf(object)) {
      const target = named.get(JSON.stringify([kind, id]));
      if (!target) problems.add(object, `${field}: ${id} is none of ${kind}`);
      else if (type !== undefined && target.document.type !== type) {
        problems.add(object, `${field}: ${id} is not of type ${type}`);
      }
    }
  }
}

const stepsOf = ({ document }: SetupObject): string[] =>
  Object.keys((document.scripts ?? {}) as JsonObject);

/**
 * Gives the change that an object undergoes, or undefined when it stays. `changedSecrets` and
 * `changedScripts` are names of secret fields and steps whose values differ. The file that a script came
 * from is a label, so another name for the same text is no change.
 */
export function changeOf(
  wanted: SetupObject,
  present: Present | undefined,
  changedSecrets: readonly string[],
  changedScripts: readonly string[],
): Change | undefined {
  const { kind, id } = wanted;
  if (!present) return { action: "added", kind, id, fields: [] };
  const names = new Set([...Object.keys(wanted.document), ...Object.keys(present.document)]);
  names.delete("scripts");
  const steps = new Set(stepsOf(wanted)).symmetricDifference(new Set(stepsOf(present)));
  const fields = [...names].filter(
    (name) => !isDeepStrictEqual(wanted.document[name], present.document[name]),
  );
  fields.push(...changedSecrets, ...[...steps, ...changedScripts].map((step) => `scripts.${step}`));
  if (fields.length === 0) return undefined;
  return { action: "changed", kind, id, fields: [...new Set(fields)].sort() };
}
