// The package of the clients: what is in it, and what others import of it.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, filesIn } from "./compile.ts";

/** Where an entry runs: Node alone, or browsers as well. */
type Platform = "node" | "any";

/** What others import, by the path behind the name of the package. To add an entry: a row here. */
const entries: Readonly<Record<string, readonly [file: string, platform: Platform]>> = {
  ".": ["clients/index.ts", "any"],
  "./grpc": ["clients/grpc.ts", "node"],
  "./sdk": ["clients/sdk/index.ts", "any"],
  "./sdk/file": ["clients/sdk/storage/file.ts", "node"],
  "./sdk/indexed-db": ["clients/sdk/storage/indexed_db.ts", "any"],
  "./portal": ["clients/portal/index.ts", "node"],
};

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What was packed. */
export interface Packed {
  /** The folder of the package. */
  readonly folder: string;
  /** The `.tgz` file. */
  readonly tarball: string;
  readonly files: readonly string[];
  /** Bytes of the tarball. */
  readonly size: number;
}

const imported = /(?:\bfrom|\bimport|\bimport\()\s*"([^."][^"]*)"/g;

/** Gives the names of the packages that the files of a folder import. */
function packagesIn(folder: string): string[] {
  const names = filesIn(folder).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(imported)].map(([, name = ""]) => name),
  );
  const packages = names
    .filter((name) => !name.startsWith("node:"))
    .map((name) => name.split("/", name.startsWith("@") ? 2 : 1).join("/"));
  return [...new Set(packages)].sort();
}

function exportOf([file, platform]: readonly [string, Platform]): object {
  const path = `./${file.replace(/[.]ts$/, "")}`;
  // Types come first, for compilers that look neither for Node nor for a browser.
  const condition = platform === "node" ? "node" : "default";
  return { types: `${path}.d.ts`, [condition]: `${path}.js` };
}

function manifestOf(own: Manifest, folder: string): object {
  const versionOf = (name: string): string => {
    const version = own.dependencies[name];
    if (version !== undefined) return version;
    throw new Error(`the clients import ${name}, which is no dependency of the repository`);
  };
  const dependencies = packagesIn(folder).map((name) => [name, versionOf(name)]);
  const exported = Object.entries(entries).map(([path, entry]) => [path, exportOf(entry)]);
  return {
    name: "@gatewright/client",
    version: own.version,
    description: "Clients of Gatewright: typed calls, the SDK of an app, and what a portal needs",
    license: own.license,
    type: "module",
    engines: { node: ">=20.3" },
    sideEffects: false,
    exports: { ...Object.fromEntries(exported), "./package.json": "./package.json" },
    dependencies: Object.fromEntries(dependencies),
  };
}

/**
 * Makes the package of the clients out of the repository at `root`: its folder `client` and its tarball, both in
 * `folder`; what was there before goes. Throws when it cannot be made.
 */
export function pack(root: string, folder: string): Packed {
  const made = join(folder, "client");
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  compile(
    root,
    Object.values(entries).map(([file]) => file),
    made,
  );
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  const manifest = manifestOf(own, made);
  writeFileSync(join(made, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  cpSync(join(root, "LICENSE"), join(made, "LICENSE"));
  cpSync(join(import.meta.dirname, "README.md"), join(made, "README.md"));
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", ".."];
  const shell = process.platform === "win32";
  const said = spawnSync("npm", args, { cwd: made, encoding: "utf8", shell });
  if (said.status !== 0) throw new Error(said.error?.message ?? `${said.stdout}${said.stderr}`);
  const [first] = Object.values(JSON.parse(said.stdout)) as [
    { filename: string; size: number; files: readonly { path: string }[] },
  ];
  const { filename, size, files } = first;
  const tarball = join(folder, filename);
  return { folder: made, tarball, files: files.map(({ path }) => path), size };
}
