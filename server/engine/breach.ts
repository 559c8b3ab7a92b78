// The error that unwinds a guest which ran into a limit; it never leaves the worker.
import type { Limit } from "./limits.ts";

/**
 * Ends a run from inside a host call or a wait. Thrown through the guest, which cannot catch it;
 * the instance is spent afterwards. `limit` is absent when the caller withdrew or the guest broke.
 */
export class Breach extends Error {
  readonly limit: Limit | undefined;

  constructor(limit: Limit | undefined, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "Breach";
    this.limit = limit;
  }
}

/** What the log says about each limit. */
export const breachMessages: Readonly<Record<Limit, string>> = {
  cpu: "the script used more processor time than it may",
  deadline: "the script took longer than it may in all",
  memory: "the script used more memory than it may",
  stack: "the script overflowed its stack",
  output: "the script returned more than it may",
  egress: "the script made more outgoing requests than it may",
  host_calls: "the script called the host more often than it may",
};

/** Makes the breach of a limit. */
export const breachOf = (limit: Limit, cause?: unknown): Breach =>
  new Breach(limit, breachMessages[limit], { cause });
