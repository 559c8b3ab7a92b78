// Checks of the contract: its style, gen, and that nobody who relies on it breaks.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { generate, rulesPath } from "../../proto/generate.ts";
import { validateProto } from "../../proto/vendor.ts";
import type { Check } from "./check.ts";
import { say, verdictOf, verdictOn } from "./check.ts";

async function inScratch<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-check-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The protos follow buf's rules. */
export const contractStyle: Check = {
  name: "style of the contract (buf lint)",
  run: async (root) => verdictOf(await say(root, "buf", ["lint"])),
};

function texts(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
  return new Map(files.map((file) => [relative(folder, file), readFileSync(file, "latin1")]));
}

/** Gives the paths at which two trees differ, in order. */
export function differences(one: string, other: string): string[] {
  const [left, right] = [texts(one), texts(other)];
  const paths = new Set([...left.keys(), ...right.keys()]);
  return [...paths].filter((path) => left.get(path) !== right.get(path)).sort();
}

/** The committed `gen` is what `proto` generates: types, image, and openapi.json, the guard of REST paths. */
export const generated: Check = {
  name: "gen is generated from proto",
  run: (root) =>
    inScratch(async (folder) => {
      await generate(folder);
      const faults = differences(join(root, "gen"), join(folder, "gen")).map(
        (path) => `gen/${path} is not what proto generates: npm run generate`,
      );
      const rules = readFileSync(join(root, rulesPath), "utf8");
      if (rules !== validateProto()) faults.push(`${rulesPath} is not of the installed package`);
      return verdictOn(faults);
    }),
};

/**
 * Gives the commit whose contract callers rely on: the last tag; or else HEAD while the contract is being
 * changed, and what was before its last change once that is committed, for a contract never breaks itself.
 */
async function reliedOn(root: string): Promise<string | undefined> {
  const git = (...args: string[]) => say(root, "git", args);
  const tag = await git("describe", "--tags", "--abbrev=0");
  if (tag.code === 0) return tag.stdout.trim();
  if ((await git("diff", "--quiet", "HEAD", "--", "proto")).code === 1) return "HEAD";
  const changes = await git("log", "-2", "--format=%H", "--", "proto");
  return changes.stdout.trim().split("\n")[1];
}

/** Nothing of the contract that callers rely on is broken. */
export const unbroken: Check = {
  name: "contract is unbroken (buf breaking)",
  async run(root) {
    if (!existsSync(join(root, ".git"))) return { kind: "skipped", reason: "not a git repository" };
    const last = await reliedOn(root);
    if (last === undefined) return { kind: "skipped", reason: "there is no earlier contract" };
    return inScratch(async (folder) => {
      const archive = join(folder, "contract.tar");
      const paths = ["proto", "buf.yaml"];
      const kept = await say(root, "git", ["archive", "--output", archive, last, ...paths]);
      if (kept.code !== 0) return { kind: "skipped", reason: `no contract in ${last}` };
      return verdictOf(await say(root, "buf", ["breaking", "--against", archive]));
    });
  },
};
