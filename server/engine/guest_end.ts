// What it means that a call of the guest threw.
import { Breach, breachOf } from "./breach.ts";
import type { Limit } from "./limits.ts";
import { wasm } from "./wasm.ts";

/**
 * Gives the Breach that `cause` stands for, or `cause` itself when it is a fault of the engine.
 * `breached` is the limit that the guest had run into by then. Source: SEC-66.
 */
export const guestEnd = (cause: unknown, breached: Limit | undefined): unknown => {
  if (breached !== undefined) return breachOf(breached, cause);
  if (cause instanceof Breach) return cause;
  // V8's own stack ended: deep native recursion that the interpreter does not count.
  if (cause instanceof RangeError) return breachOf("stack", cause);
  // Loading a module waits for nothing: the host is only called there by what a script has put in
  // the place of a built-in.
  if (cause instanceof wasm.SuspendError) {
    return new Breach(undefined, "the script replaced what Java classes are made of", { cause });
  }
  if (cause instanceof wasm.RuntimeError) {
    return new Breach(undefined, "the script broke the instance it ran in", { cause });
  }
  return cause;
};
