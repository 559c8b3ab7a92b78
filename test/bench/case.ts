// What is measured: a kind of request, and the process that answers it.
import type { Load, LoadRequest } from "./load.ts";
import type { Measured } from "./measured.ts";

/** A process that answers requests, with a generator that reaches it. */
export interface Target {
  readonly process: Measured;
  readonly load: Load;
}

/** One kind of request. */
export interface Case {
  /** By which the filter of the command line and the goals find it. */
  readonly name: string;
  readonly target: Target;
  /** Makes ready what a round of `count` requests needs, outside of what is measured. */
  prepare(count: number): Promise<readonly LoadRequest[]>;
}
