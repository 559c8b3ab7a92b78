// Reads the guest side of the engine, written as modules, as the texts that images are made of.
import { readdirSync, readFileSync } from "node:fs";

/** One module of the guest side. */
export interface PreludeModule {
  readonly file: string;
  /**
   * An expression of a function. Called with the object that all modules share, it reads from it what
   * the module imports and puts there what it exports.
   */
  readonly text: string;
  /** The files that it imports from. */
  readonly needs: readonly string[];
}

/**
 * The guest side: `core` is in every image, in the order of its imports. The modules of `optional` are
 * in the image of a script that names one of their classes, and are loaded when a script reaches one
 * without naming it; they stand after what they need.
 */
export interface Prelude {
  readonly core: readonly PreludeModule[];
  readonly optional: readonly PreludeModule[];
}

/**
 * What the guest side uses of the language. Scripts may give these names another meaning, as in
 * `var Map = Java.type("java.util.Map")`.
 */
const kept = `Array ArrayBuffer BigInt BigInt64Array Boolean Date Error Float32Array Float64Array
  Int16Array Int32Array Int8Array JSON Map Math Number Object Promise Proxy ReferenceError Reflect
  RegExp Set String Symbol TypeError Uint8Array WeakMap decodeURIComponent encodeURIComponent`.split(
  /\s+/,
);

/** An expression of the object that all modules share, as it is before the first one. */
export const sharedObject = `({ __proto__: null, ${kept.join(", ")} })`;

const folder = new URL("./prelude/", import.meta.url);
const entry = "entry.js";

const importLine = /^import\s(?:([^;]*?)\sfrom\s)?["']\.\/([\w.]+)["'];$/gms;
const exportWord = /^export (?=const |class |function )/gm;
const exportedName = /^export (?:const|class|function) (\w+)/gm;
const exportedNames = /^export const \{([^}]*)\}/gm;

/**
 * Gives the prelude: what `entry.js` reaches is its core. Modules are evaluated one by one, because what
 * the interpreter's parser leaves behind is room for the next; as one text they would make an image
 * twice as large, which every run copies. Exported names are unique among all modules. The texts are
 * files of this room, never from outside.
 */
export const readPrelude = (): Prelude => {
  const seen = new Set<string>();
  const reached = (file: string): PreludeModule[] => {
    if (seen.has(file)) return [];
    seen.add(file);
    const module = moduleOf(file);
    return [...module.needs.flatMap(reached), module];
  };
  const core = reached(entry);
  const optional = readdirSync(folder).toSorted().flatMap(reached);
  return { core, optional };
};

/** The guest keeps the text of each function, so comments and indentation would cost every run. */
const commentLine = /^\s*(?:\/\/|\/?\*[ */]).*\n/gm;
const indentation = /^ +/gm;

const namesIn = (text: string): readonly string[] =>
  kept.filter((name) => new RegExp(`\\b${name}\\b`).test(text));

const moduleOf = (file: string): PreludeModule => {
  const text = readFileSync(new URL(file, folder), "utf8");
  const needs = [...text.matchAll(importLine)].map(([, , needed = ""]) => needed);
  const single = [...text.matchAll(exportedName)].map(([, name]) => name);
  const several = [...text.matchAll(exportedNames)].flatMap(
    ([, names = ""]) => names.match(/\w+/g) ?? [],
  );
  const body = text
    .replace(importLine, (_, names?: string) =>
      names === undefined ? "" : `const ${names} = scope;`,
    )
    .replace(exportWord, "")
    .replace(commentLine, "")
    .replace(indentation, "");
  // Assignments call nothing: a script that has replaced a built-in must not be handed the exports.
  const exported = [...single, ...several].map((name) => `scope.${name} = ${name};`);
  const start = `"use strict";\nconst { ${namesIn(body).join(", ")} } = scope;`;
  return { file, needs, text: `((scope) => {\n${start}\n${body}\n${exported.join("\n")}\n})` };
};
