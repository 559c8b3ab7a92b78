// How a call fails, for whoever called.

import { Reason } from "../gen/gatewright/v1/errors.ts";
import type { Any } from "../gen/google/protobuf/any.ts";
import { ErrorInfo } from "../gen/google/rpc/error_details.ts";

/** The name of a reason of the contract, such as `SCOPE_INVALID`. */
export type ReasonName = Exclude<keyof typeof Reason, "UNRECOGNIZED">;

/** The codes of google.rpc.Code by number, in the words of the Connect protocol. */
export const codeNames = [
  "ok",
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
] as const;

/** The word of a code. */
export type CodeName = (typeof codeNames)[number];

/** Gives the number of a code. */
export const codeOf = (name: CodeName): number => codeNames.indexOf(name);

const ownDomain = "gatewright";

function ownInfo(details: readonly Pick<Any, "typeUrl" | "value">[]): ErrorInfo | undefined {
  const found = details.find(({ typeUrl }) => typeUrl.endsWith("google.rpc.ErrorInfo"));
  try {
    const info = found && ErrorInfo.decode(found.value);
    return info?.domain === ownDomain ? info : undefined;
  } catch {
    // Details that cannot be read say no more than none.
    return undefined;
  }
}

const isReason = (text: string): text is ReasonName =>
  Object.hasOwn(Reason, text) && text !== "UNRECOGNIZED";

/**
 * A call that failed. `code` is a google.rpc.Code; `reason` is the contract's word for what was wrong,
 * undefined when the server gave none that this client knows (it was not reached, or it is newer);
 * `facts` are what the server said about it, such as `detail`. Source: three kinds of no, in the
 * architecture.
 */
export class CallError extends Error {
  readonly code: number;
  readonly reason: ReasonName | undefined;
  readonly facts: Readonly<Record<string, string>>;

  constructor(
    code: CodeName | number,
    message: string,
    details: readonly Pick<Any, "typeUrl" | "value">[] = [],
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = "CallError";
    this.code = typeof code === "number" ? code : codeOf(code);
    const ours = ownInfo(details);
    this.reason = ours && isReason(ours.reason) ? ours.reason : undefined;
    this.facts = Object.fromEntries(ours?.metadata ?? []);
  }

  /** Whether the same call may succeed a moment later, provided that it may be made twice. */
  get retryable(): boolean {
    return this.code === codeOf("unavailable");
  }
}
