// Answers the host calls of one run: finds the operation, counts, measures and encodes.
import { operations } from "./bindings/table.ts";
import { breachOf } from "./breach.ts";
import type { Recorder } from "./recorder.ts";
import type { HostCall, Json } from "./script.ts";
import { type Answer, illegalArgument, type Operation, type RunWorld } from "./world.ts";

/** The host calls of one run. `call` takes and gives JSON text. */
export interface HostCalls {
  /** The calls so far, in order; one that is still open counts up to now. */
  made(): HostCall[];
  call(operation: string, valuesJson: string): string | Promise<string>;
}

/** One call that a script makes: `perform` does what it asks for. */
export interface AskedCall {
  readonly name: string;
  readonly valuesJson: string;
  perform(): ReturnType<Operation>;
}

/** Gives the JSON text of the answer to a call. */
export type Answerer = (call: AskedCall) => string | Promise<string>;

/** Log lines are bounded by their size and kept as lines, so they are neither counted nor listed. */
const uncounted = "log";

/**
 * Opens the host calls of one run in its world, answered by `answerer`. Throws the breach of the host
 * call limit beyond it. Everything in a call is the script's word and is checked by the operation.
 * Source: D-32, SEC-69.
 */
export const openHostCalls = (world: RunWorld, answerer: Answerer): HostCalls => {
  const calls: { readonly name: string; readonly start: number; end?: number }[] = [];
  return {
    made: () =>
      calls.map(({ name, start, end }) => ({
        name,
        startMs: start - world.log.opened,
        ms: (end ?? performance.now()) - start,
      })),
    call(name, valuesJson) {
      const operation = operations.get(name);
      const values = parsed(valuesJson);
      if (operation === undefined || values === undefined) return encoded(unknownCall);
      const perform = (): ReturnType<Operation> => readable(() => operation(values, world));
      if (name === uncounted) return encoded(perform() as Answer);
      if (calls.length >= world.limits.hostCalls) throw breachOf("host_calls");
      const call: (typeof calls)[number] = { name, start: performance.now() };
      calls.push(call);
      const given = answerer({ name, valuesJson, perform });
      const ended = (answer: string): string => {
        call.end = performance.now();
        return answer;
      };
      return given instanceof Promise ? given.then(ended) : ended(given);
    },
  };
};

/** Performs each call, and tells a recorder of it when there is one. */
export const livePerformer =
  (recorder: Recorder | undefined): Answerer =>
  ({ name, valuesJson, perform }) => {
    const number = recorder?.called(name, valuesJson) ?? 0;
    const answered = (answer: Answer): string => {
      const text = encoded(answer);
      recorder?.answered(number, text);
      return text;
    };
    const given = perform();
    return given instanceof Promise ? given.then(answered) : answered(given);
  };

/** A script can hand over objects that no operation can take for a text or a number. */
const readable = (perform: () => ReturnType<Operation>): ReturnType<Operation> => {
  const refused = (error: unknown): Answer => {
    if (error instanceof TypeError) return unreadable;
    throw error;
  };
  try {
    const given = perform();
    return given instanceof Promise ? given.catch(refused) : given;
  } catch (error) {
    return refused(error);
  }
};

const unreadable = illegalArgument("the host cannot read these values");

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
