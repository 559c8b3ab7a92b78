// Every binding that scripts can have: one row each.
import type { Binding, Operation } from "../world.ts";
import { cacheBinding } from "./cache.ts";
import { digestBinding } from "./digest.ts";
import { httpBinding } from "./http.ts";
import { logBinding } from "./log.ts";
import { propertiesBinding } from "./properties.ts";
import { randomBinding } from "./random.ts";

/** The bindings. Their guest side is the prelude. */
export const bindings: readonly Binding[] = [
  cacheBinding,
  logBinding,
  propertiesBinding,
  httpBinding,
  randomBinding,
  digestBinding,
];

/** The operations of all bindings by the names that the prelude calls. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  bindings.flatMap((binding) => Object.entries(binding.operations)),
);
