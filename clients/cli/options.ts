// Options of a command.
import type { ParseArgsConfig } from "node:util";
import { parseArgs } from "node:util";
import { between, UsageFault } from "./command.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true }>
>["values"];

/**
 * Reads the arguments of a command: so many that are no options, or from so many to so many, and options. Throws
 * `UsageFault` for any others.
 */
export function optionsOf<T extends Options>(
  args: readonly string[],
  count: number | readonly [fewest: number, most: number],
  options: T,
): { readonly words: readonly string[]; readonly values: Values<T> } {
  const read = () => parseArgs({ args: [...args], options, allowPositionals: true });
  let parsed: ReturnType<typeof read>;
  try {
    parsed = read();
  } catch (error) {
    throw new UsageFault((error as Error).message, { cause: error });
  }
  const [fewest, most] = typeof count === "number" ? [count, count] : count;
  return { words: between(parsed.positionals, fewest, most), values: parsed.values };
}

/** Reads a whole number from 1 to `most`. Throws `UsageFault`. */
export function countOf(name: string, text: string, most: number): number {
  const count = Number(text);
  if (/^[0-9]+$/.test(text) && count >= 1 && count <= most) return count;
  throw new UsageFault(`${name} is ${text}; it takes a number from 1 to ${most}`);
}
