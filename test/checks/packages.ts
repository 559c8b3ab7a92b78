// Checks of what is installed: exact versions, and no scripts of strangers.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";
import { verdictOn } from "./check.ts";

// All work without their install scripts, which npm ci --ignore-scripts leaves out.
const scriptsKnown = new Set([
  "node_modules/@bufbuild/buf",
  "node_modules/esbuild",
  "node_modules/isolated-vm",
  "node_modules/protobufjs",
]);
const exact = /^(npm:[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
const lists = ["dependencies", "devDependencies", "optionalDependencies"] as const;

type Manifest = { readonly [list in (typeof lists)[number]]?: Record<string, string> };

/** The parts of package-lock.json that are looked at. */
export interface Lock {
  readonly packages: Record<string, Manifest & LockedPackage>;
}

interface LockedPackage {
  readonly hasInstallScript?: true;
  readonly integrity?: string;
  readonly dev?: true;
  readonly os?: readonly string[];
}

// A registry that mirrors only some platforms has no hash for the builds of development tools for others.
const isToolForOnePlatform = ({ dev, os }: LockedPackage): boolean =>
  dev === true && os !== undefined;

/** Gives what is wrong with a manifest and its lock, one sentence each. */
export function packageFaults(manifest: Manifest, lock: Lock): string[] {
  const wanted = lists.flatMap((list) => Object.entries(manifest[list] ?? {}));
  const root = lock.packages[""] ?? {};
  const locked = new Map(lists.flatMap((list) => Object.entries(root[list] ?? {})));
  const installed = Object.entries(lock.packages).filter(([path]) => path !== "");
  return [
    ...wanted
      .filter(([, version]) => !exact.test(version))
      .map(([name, version]) => `package.json: ${name} is ${version}, which is not one version`),
    ...wanted
      .filter(([name, version]) => locked.get(name) !== version)
      .map(([name]) => `package-lock.json does not hold ${name} as package.json asks for it`),
    ...installed
      .filter(([path, entry]) => entry.hasInstallScript && !scriptsKnown.has(path))
      .map(([path]) => `${path} wants to run a script when it is installed`),
    ...installed
      .filter(([, entry]) => !entry.integrity && !isToolForOnePlatform(entry))
      .map(([path]) => `package-lock.json: ${path} has no integrity`),
  ];
}

/** Every package is one exact version with a hash, and none runs a script when it is installed. */
export const packages: Check = {
  name: "packages are exact and run no scripts",
  async run(root) {
    const json = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8"));
    return verdictOn(packageFaults(json("package.json"), json("package-lock.json")));
  },
};
