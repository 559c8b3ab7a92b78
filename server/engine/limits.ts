// The bounds of one run, and the names under which exceeding them is reported.

/**
 * The bound a run ran into: `cpu` time in the script, `deadline` of the run in all, `memory`,
 * `stack`, size of the `output`, number of `egress` calls, number of `host_calls`. Source: D-30.
 */
export type Limit = "cpu" | "deadline" | "memory" | "stack" | "output" | "egress" | "host_calls";

/**
 * The bounds of one run. `cpuMs` counts time inside the script, waits excluded; `deadlineMs` counts
 * everything. `memoryBytes` is the whole instance, of which about 5 MiB are the engine's own.
 * Source: D-25, D-30, SEC-59, SEC-65.
 */
export interface Limits {
  readonly cpuMs: number;
  readonly deadlineMs: number;
  readonly memoryBytes: number;
  readonly stackBytes: number;
  readonly outputBytes: number;
  readonly logBytes: number;
  readonly egressCalls: number;
  readonly hostCalls: number;
}

/** The limits of a deployment that sets none. Source: D-30. */
export const defaultLimits: Limits = {
  cpuMs: 1_000,
  deadlineMs: 15_000,
  memoryBytes: 32 * 1024 * 1024,
  stackBytes: 256 * 1024,
  outputBytes: 256 * 1024,
  logBytes: 64 * 1024,
  egressCalls: 10,
  hostCalls: 1_000,
};

/** The largest source text of a script, in bytes of UTF-8. */
export const sourceLimitBytes = 256 * 1024;
