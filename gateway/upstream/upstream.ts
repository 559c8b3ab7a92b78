// What the gateway asks of the server behind it, whichever way it is reached, and how that says no.
import type {
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  Message,
} from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import type { ReasonName } from "../../proto/contract.ts";
import { sentenceOf } from "../../proto/contract.ts";

/** Request headers that the server is told of; no other one leaves the gateway. Source: SEC-80. */
export const forwardedHeaders = [
  "authorization",
  "accept-language",
  "traceparent",
  "tracestate",
  "x-request-id",
  "user-agent",
] as const;

/** What a call carries beside its request. */
export interface UpstreamCall {
  /** Gives one of the `forwardedHeaders` by its lower-case name; undefined for any other name. */
  header(name: string): string | undefined;
  /** Aborts when the caller went away before the answer. Made when it is first asked for. */
  readonly signal: AbortSignal;
  /** How long the answer may take, in milliseconds; never without a bound. */
  readonly timeoutMs: number;
  /** Address of the caller, without a port. */
  readonly peer: string;
}

/**
 * The server, in this process or behind a channel. Whatever fails rejects with a `Failure`.
 * Messages are known by the name of their type only, so those of any registry of the contract will
 * do.
 */
export interface Upstream {
  /** Calls a method with one answer. */
  unary(method: DescMethodUnary, request: Message, call: UpstreamCall): Promise<Message>;
  /** Calls a method with a stream of answers; leaving the iteration ends the call. */
  stream(
    method: DescMethodServerStreaming,
    request: Message,
    call: UpstreamCall,
  ): AsyncIterable<Message>;
  /** Lets go of what the upstream holds; calls that are under way may fail. */
  close(): void;
}

/**
 * A call that was not served: the reason of errors.proto and facts that the caller may see. The
 * text is built from those two, so nothing of the server's inside can be in it; `cause` stays in
 * the process.
 */
export class Failure extends Error {
  readonly reason: ReasonName;
  readonly facts: Readonly<Record<string, string>>;

  constructor(
    reason: ReasonName,
    facts: Readonly<Record<string, string>> = {},
    options: { cause?: unknown } = {},
  ) {
    super(sentenceOf(reason, facts.detail), options);
    this.name = "Failure";
    this.reason = reason;
    this.facts = facts;
  }
}

/**
 * Gives the bytes of a request. Throws REQUEST_INVALID when it cannot be written: what its caller
 * sent was read, but is nested more deeply than a message may be.
 */
export function requestBytes(method: DescMethod, request: Message): Uint8Array<ArrayBuffer> {
  try {
    return toBinary(method.input, request);
  } catch (cause) {
    throw new Failure("REQUEST_INVALID", { detail: "the message cannot be read" }, { cause });
  }
}
