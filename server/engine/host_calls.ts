// Answers the host calls of one run: finds the operation, counts, measures and encodes.
import { operations } from "./bindings/table.ts";
import { breachOf } from "./breach.ts";
import type { HostCall, Json } from "./script.ts";
import { type Answer, illegalArgument, type RunWorld } from "./world.ts";

/** The host calls of one run. `call` takes and gives JSON text. */
export interface HostCalls {
  /** The calls so far, in order; one that is still open counts up to now. */
  made(): HostCall[];
  call(operation: string, valuesJson: string): string | Promise<string>;
}

/** Log lines are bounded by their size and kept as lines, so they are neither counted nor listed. */
const uncounted = "log";

/**
 * Opens the host calls of one run in its world. Throws the breach of the host call limit beyond it.
 * Everything in a call is the script's word and is checked by the operation. Source: D-32, SEC-69.
 */
export const openHostCalls = (world: RunWorld): HostCalls => {
  const calls: { readonly name: string; readonly start: number; end?: number }[] = [];
  return {
    made: () =>
      calls.map(({ name, start, end }) => ({ name, ms: (end ?? performance.now()) - start })),
    call(name, valuesJson) {
      const operation = operations.get(name);
      const values = parsed(valuesJson);
      if (operation === undefined || values === undefined) return encoded(unknownCall);
      if (name === uncounted) return encoded(operation(values, world) as Answer);
      if (calls.length >= world.limits.hostCalls) throw breachOf("host_calls");
      const call: (typeof calls)[number] = { name, start: performance.now() };
      calls.push(call);
      const given = operation(values, world);
      const record = (answer: Answer): string => {
        call.end = performance.now();
        return encoded(answer);
      };
      return given instanceof Promise ? given.then(record) : record(given);
    },
  };
};

const unknownCall = illegalArgument("the host does not know this call");

const encoded = (answer: Answer): string => JSON.stringify(answer);

const parsed = (text: string): Json[] | undefined => {
  try {
    const values: unknown = JSON.parse(text);
    return Array.isArray(values) ? values : undefined;
  } catch {
    return undefined;
  }
};
