// The clients as JavaScript with declarations, as any Node from 20 on and any browser reads them.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);

// What the language and its library may have in it: more would not run on Node 20.
const oldest = { target: "es2022", lib: ["es2023"] } as const;

/** Gives the names of all files in a folder and below it. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/**
 * A declaration as others can use it: of files that are there, and with the types of `using`, which a browser's library
 * does not have.
 */
function portable(declaration: string): string {
  const renamed = declaration.replace(/((?:from|import\()\s*"\.[^"]*)\.ts"/g, '$1.js"');
  const hasDisposables = /\b(?:Async)?Disposable\b|asyncDispose/.test(renamed);
  return hasDisposables ? `/// <reference lib="esnext.disposable" />\n${renamed}` : renamed;
}

/**
 * Compiles files of the repository at `root`, and all that they import, into a folder, under the paths that they have in
 * the repository. Throws what the compiler says when they cannot be compiled, or use what Node 20 does not have.
 */
export function compile(root: string, files: readonly string[], folder: string): void {
  const project = join(folder, "tsconfig.json");
  const compilerOptions = {
    ...oldest,
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    rootDir: root,
    outDir: folder,
  };
  const extended = join(root, "tsconfig.json");
  const paths = files.map((file) => join(root, file));
  const settings = { extends: extended, compilerOptions, include: [], files: paths };
  writeFileSync(project, JSON.stringify(settings));
  const compiler = join(require.resolve("typescript-native/package.json"), "..", "bin", "tsc");
  const said = spawnSync(process.execPath, [compiler, "-p", project], { encoding: "utf8" });
  if (said.status !== 0) throw new Error(`${said.stdout}${said.stderr}`);
  rmSync(project);
  for (const file of filesIn(folder).filter((name) => name.endsWith(".d.ts"))) {
    writeFileSync(file, portable(readFileSync(file, "utf8")));
  }
}
