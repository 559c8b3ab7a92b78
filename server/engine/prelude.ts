// Joins the guest side of the engine, written as modules, to the one text that an image is made of.
import { readFileSync } from "node:fs";

const entry = new URL("./prelude/entry.js", import.meta.url);

const importLine = /^import\s(?:[^;]*?\sfrom\s)?["'](\.\/[\w.]+)["'];$/gms;
const exportWord = /^export (?=const |class |function )/gm;

/**
 * Gives the prelude: an expression whose value is the function `start` of the entry module. Modules
 * stand in one scope in the order of their imports, so their top-level names are all different. The
 * text is read from files of this room once per worker, never from outside.
 */
export const readPrelude = (): string => {
  const parts: string[] = [];
  const seen = new Set<string>();
  const visit = (file: URL): void => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    const text = readFileSync(file, "utf8");
    for (const [, path] of text.matchAll(importLine)) visit(new URL(path ?? "", file));
    parts.push(text.replace(importLine, "").replace(exportWord, ""));
  };
  visit(entry);
  return `(() => {\n"use strict";\n${parts.join("\n")}\nreturn start;\n})()`;
};
