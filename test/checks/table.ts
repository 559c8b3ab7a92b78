// The static checks, in the order in which they are reported.
import type { Check } from "./check.ts";
import { say, verdictOf } from "./check.ts";
import { contractStyle, generated, unbroken } from "./contract.ts";
import { packages } from "./packages.ts";
import { rooms } from "./rooms.ts";
import { sizes } from "./sizes.ts";

const program = (name: string, script: string, ...args: string[]): Check => ({
  name,
  run: async (root) => verdictOf(await say(root, process.execPath, [script, ...args])),
});

const tsc = "node_modules/typescript-native/bin/tsc";
const biome = ["ci", "--colors=off", "--diagnostic-level=warn", "--error-on-warnings", "."];

/** Every static check. To add one: a row here. */
export const checks: readonly Check[] = [
  program("types (TypeScript)", tsc, "--noEmit"),
  // With the types of a browser and without those of Node, what the SDK needs as well.
  program("types of the demo's pages (TypeScript)", tsc, "--noEmit", "-p", "clients/demo/browser"),
  program("format and lint (Biome)", "node_modules/@biomejs/biome/bin/biome", ...biome),
  rooms,
  program("nothing is dead (knip)", "node_modules/knip/bin/knip.js", "--no-progress"),
  contractStyle,
  generated,
  unbroken,
  packages,
  sizes,
];
