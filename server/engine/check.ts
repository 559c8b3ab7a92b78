// Looks at a script before it is saved: does it load, and is there an `execute`?
import { readExplanation } from "./answer.ts";
import { Breach } from "./breach.ts";
import { Budget, type Timing } from "./budget.ts";
import { sourceLimitBytes } from "./limits.ts";
import { fileOf, type Sandbox } from "./sandbox.ts";
import type { ScriptProblem } from "./script.ts";
import { syntaxHint } from "./syntax_hints.ts";

/**
 * Gives the reasons not to save a script, none when it is good. Loads it in an instance of its own
 * under the limits of a run, as task `number` of this worker. A script that calls the host while it
 * is loaded is only known to parse. Source: D-31, our design, deploying a script.
 */
export const checkScript = async (
  sandbox: Sandbox,
  timing: Timing,
  number: number,
  source: string,
  name: string,
): Promise<ScriptProblem[]> => {
  if (Buffer.byteLength(source) > sourceLimitBytes) {
    const message = `the script is larger than ${sourceLimitBytes} bytes`;
    return [{ code: "too_large", message }];
  }
  using budget = new Budget(sandbox.limits, timing, number);
  let called = false;
  const host = {
    budget,
    signal: new AbortController().signal,
    now: Date.now,
    call(): never {
      called = true;
      throw new Breach(undefined, "loading this script calls the host");
    },
  };
  try {
    const loaded = await sandbox.load(source, fileOf(name), host);
    if ("explanation" in loaded) return [problemOf(loaded.explanation, source)];
    return loaded.executeType === "function" ? [] : [noExecute];
  } catch (cause) {
    if (!(cause instanceof Breach)) throw cause;
    return called ? [] : [{ code: "load", message: cause.message }];
  }
};

const noExecute: ScriptProblem = {
  code: "no_execute",
  message: "the script has no function named execute",
};

const problemOf = (explanation: string, source: string): ScriptProblem => {
  const { name, message, place } = readExplanation(explanation);
  const isSyntax = name === "SyntaxError";
  const hint = isSyntax && place !== undefined ? syntaxHint(source, place.line) : undefined;
  return {
    code: isSyntax ? "syntax" : "load",
    message,
    ...(place === undefined ? {} : { place }),
    ...(hint === undefined ? {} : { hint }),
  };
};
