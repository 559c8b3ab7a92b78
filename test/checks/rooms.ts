// The order of the rooms, by dependency-cruiser.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";
import { say, verdictOn } from "./check.ts";

const folders = ["proto", "gen", "server", "gateway", "clients", "test"];

/** What dependency-cruiser found: how many modules it read, and one line for each violation. */
export interface Cruise {
  readonly modules: number;
  readonly violations: readonly string[];
}

interface Report {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { from: string; to: string; rule: { name: string } }[];
  };
}

/** Reads every import of a tree, those of types included, and holds them against the rules. */
export async function cruise(root: string): Promise<Cruise> {
  const program = "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs";
  const present = folders.filter((folder) => existsSync(join(root, folder)));
  const options = ["--config", ".dependency-cruiser.cjs", "--output-type", "json"];
  const said = await say(root, process.execPath, [program, ...options, ...present]);
  if (!said.stdout.startsWith("{")) throw new Error(said.stderr || said.stdout);
  const { summary } = JSON.parse(said.stdout) as Report;
  const violations = summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`,
  );
  return { modules: summary.totalCruised, violations };
}

/**
 * Fails when a room imports what it must not. With a TypeScript that it cannot use dependency-cruiser
 * reads nothing and finds nothing, so that a tree of few modules fails as well.
 */
export const rooms: Check = {
  name: "order of the rooms (dependency-cruiser)",
  async run(root) {
    const { modules, violations } = await cruise(root);
    return verdictOn(modules < 60 ? [`only ${modules} modules were read`] : violations);
  },
};
