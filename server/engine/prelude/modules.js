// The modules of the guest side that only some scripts need, and what is in them.
import { loadFromHost } from "./bridge.js";
import { parse } from "./builtins.js";
import { adviseBy, noteClass, simpleName, whenMissing } from "./java_classes.js";

const fileOfClass = new Map();
const neededBy = new Map();
const loaded = new Set();
/** Words beside the names of classes by which a script shows that it is going to need a module. */
const fileOfWord = new Map([
  ["REST_TEMPLATE", "spring_client.js"],
  ["format", "java_format.js"],
  ["getBytes", "java_charsets.js"],
  ["matches", "java_regex.js"],
  ["replaceFirst", "java_regex.js"],
  ["parallelStream", "java_streams.js"],
  ["stream", "java_streams.js"],
]);
let exported;

/** Keeps the object that has the exports of all modules. */
export const shareExports = (scope) => {
  exported = scope;
};

/** Gives the exports of all loaded modules, an optional one among them. */
export const moduleExports = (file) => {
  if (neededBy.has(file) && !loaded.has(file)) {
    for (const needed of neededBy.get(file)) moduleExports(needed);
    if (loadFromHost(file)) loaded.add(file);
  }
  return exported;
};

// A nested class may be in another module than the one that it is nested in.
whenMissing((name) => {
  if (!fileOfClass.has(name)) return;
  moduleExports(fileOfClass.get(name));
  for (const [other, file] of fileOfClass) if (other.startsWith(`${name}.`)) moduleExports(file);
});

adviseBy((path) => moduleExports("java_hints.js").hintFor?.(path));

/** Takes the catalog that the host made: `[[file, needs, classes], ...]` as JSON. */
export const learnModules = (catalogText) => {
  for (const [file, needs, names] of parse(catalogText)) {
    neededBy.set(file, needs);
    for (const name of names) {
      fileOfClass.set(name, file);
      noteClass(name);
      fileOfWord.set(simpleName(name), file);
    }
  }
};

const isPartOfName = (letter) => letter !== undefined && /[\w$]/.test(letter);

/** Tells whether a text has a word that is no part of a longer name. Leaves nothing in memory. */
const hasWord = (text, word) => {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isPartOfName(text[at - 1]) && !isPartOfName(text[at + word.length])) return true;
  }
  return false;
};

/**
 * Loads what a source text names: a class by the last part of its name, or another word. What is named
 * in another way is loaded when it is reached.
 */
export const loadNamed = (source) => {
  for (const [word, file] of fileOfWord) if (hasWord(source, word)) moduleExports(file);
};
