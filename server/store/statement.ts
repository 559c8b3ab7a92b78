// Statements that are compiled once, and lists of them that happen together or not at all.
import type { Compilable, CompiledQuery } from "kysely";

/** One statement of a unit. `expect` is the number of rows that it must touch or return. */
export interface Statement {
  readonly query: CompiledQuery<unknown>;
  readonly expect?: number;
}

/**
 * A statement of a unit did not touch as many rows as it had to, so nothing of the unit happened.
 * `index` counts the unit's statements from 0. It is an answer that the unit's caller reads, and
 * never leaves this room. Source: our decision.
 */
export class Unmet extends Error {
  readonly index: number;

  constructor(index: number, found: number, expected: number) {
    super(`statement ${index} of a unit touched ${found} rows, not ${expected}`);
    this.name = "Unmet";
    this.index = index;
  }
}

class Slot {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Compiles a statement once and gives a function that fills in its values, so that a hot path pays
 * for no query building. `build` receives an object whose properties stand for the values, by name
 * and with their types; a name may be used more than once. Source: our measurement, a read costs a
 * third.
 */
export function compileOnce<Values extends object, Row = unknown>(
  build: (slots: Values) => Compilable<Row>,
): (values: Values) => CompiledQuery<Row> {
  const slots = new Proxy({}, { get: (_, name) => new Slot(String(name)) }) as Values;
  const compiled = build(slots).compile();
  const order = compiled.parameters.map((parameter) =>
    parameter instanceof Slot ? parameter.name : undefined,
  );
  return (values) => {
    const given = values as Record<string, unknown>;
    const parameters = order.map((name, index) =>
      name === undefined ? compiled.parameters[index] : given[name],
    );
    return { ...compiled, parameters };
  };
}

/** Repeats the last item up to a power of two, so that there are few different statements to prepare. */
export function padded(items: readonly string[]): readonly string[] {
  const last = items.at(-1) ?? "";
  const size = 2 ** Math.ceil(Math.log2(items.length));
  return [...items, ...Array.from({ length: size - items.length }, () => last)];
}
