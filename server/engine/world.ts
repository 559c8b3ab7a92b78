// What a run may reach outside of its sandbox, as the bindings receive it.
import type { Egress } from "./egress.ts";
import type { Limits } from "./limits.ts";
import type { Properties } from "./mask.ts";
import type { RunLog } from "./run_log.ts";
import type { Json } from "./script.ts";

type Soon<T> = T | Promise<T>;

/**
 * The store behind CACHE: text by key, gone after `ttlSeconds` (the deployment's default when not
 * given). `take` gives and deletes in one atomic step. What is out of the store's bounds is a
 * RangeError whose message is for the script; any other failure is a store that is down, which
 * never says that a key is absent. Source: D-22.
 */
export interface ScriptCachePort {
  store(key: string, value: string, ttlSeconds?: number): Soon<void>;
  fetch(key: string): Soon<string | null | undefined>;
  delete(key: string): Soon<void>;
  take(key: string): Soon<string | null | undefined>;
}

/** The world of one run. `signal` is aborted when the run ends, whatever it waits for. */
export interface RunWorld {
  readonly cache: ScriptCachePort;
  readonly egress: Egress;
  readonly properties: Properties;
  readonly log: RunLog;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /** Notes that a store which the run called was down, and says so in its log. */
  noteUnavailable(): void;
  /** Counts one outgoing request. Throws the breach of the egress limit beyond it. */
  countEgress(): void;
}

/** A Java exception for the script to catch: its class, its message and facts for its getters. */
export interface Thrown {
  readonly javaClass: string;
  readonly message: string;
  readonly facts?: Json;
}

/** What an operation gives to the script: a value, or an exception. */
export type Answer = { readonly value: Json } | { readonly thrown: Thrown };

/** One operation of the host. Its values come from the script and may be anything JSON can hold. */
export type Operation = (values: readonly Json[], world: RunWorld) => Soon<Answer>;

/** One name that scripts see, with the operations of the host behind it. */
export interface Binding {
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
}

/** An answer that is a value. */
export const answer = (value: Json): Answer => ({ value });

/** An answer that the script sees as an exception for a wrong argument. */
export const illegalArgument = (message: string): Answer => ({
  thrown: { javaClass: "java.lang.IllegalArgumentException", message },
});
