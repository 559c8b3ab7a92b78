// Where a procedure meets its caller: requests are checked by the contract, and whatever is thrown
// becomes a status. The one place of the process that catches refusals.
import type { DescMessage } from "@bufbuild/protobuf";
import { fromBinary } from "@bufbuild/protobuf";
import type { Violation } from "@bufbuild/protovalidate";
import { createValidator } from "@bufbuild/protovalidate";
import { ErrorInfo } from "../../gen/google/rpc/error_details.ts";
import { Status } from "../../gen/google/rpc/status.ts";
import type { ReasonName } from "../../proto/contract.ts";
import {
  answerTo,
  commonRefusals,
  errorDomain,
  exchangeOf,
  registry,
  sentenceOf,
} from "../../proto/contract.ts";
import { uuid } from "../core/id.ts";
import type { Log } from "../core/log.ts";
import type { Facts } from "../core/refusal.ts";
import { Refusal } from "../core/refusal.ts";
import type { Call, Procedure } from "./procedure.ts";

const validator = createValidator({ registry });

/**
 * A call that failed, ready for any wire: the google.rpc.Code, the sentence, and an encoded
 * google.rpc.Status whose ErrorInfo has the reason and the facts.
 */
export class Failed extends Error {
  readonly code: number;
  readonly reason: ReasonName;
  readonly facts: Facts;

  constructor(reason: ReasonName, message: string, facts: Facts, cause: unknown) {
    super(message, { cause });
    this.code = answerTo(reason).grpc;
    this.reason = reason;
    this.facts = facts;
  }

  /** Gives the google.rpc.Status that travels in `grpc-status-details-bin`. */
  encode(): Uint8Array {
    const info = {
      reason: this.reason,
      domain: errorDomain,
      metadata: new Map(Object.entries(this.facts)),
    };
    return Status.encode({
      code: this.code,
      message: this.message,
      details: [
        {
          typeUrl: "type.googleapis.com/google.rpc.ErrorInfo",
          value: ErrorInfo.encode(info).finish(),
        },
      ],
    }).finish();
  }
}

// The trailer that carries a refusal over gRPC is bounded, and a caller reads only so much.
const describedViolations = 3;

function describe(violations: readonly Violation[]): string {
  const described = violations.slice(0, describedViolations).map((violation) => {
    const names = violation.field.map((part) => ("name" in part ? part.name : ""));
    return `${names.join(".")} ${violation.message}`.slice(0, 200);
  });
  const more = violations.length - described.length;
  return [...described, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** Parses a request by the contract and checks its rules, or throws REQUEST_INVALID. */
function check(schema: DescMessage, bytes: Uint8Array): void {
  let message: ReturnType<typeof fromBinary>;
  try {
    message = fromBinary(schema, bytes);
  } catch (cause) {
    throw new Refusal("REQUEST_INVALID", { detail: "the message cannot be read" }, { cause });
  }
  const result = validator.validate(schema, message);
  if (result.kind === "valid") return;
  if (result.kind === "error") throw result.error;
  throw new Refusal("REQUEST_INVALID", { detail: describe(result.violations) });
}

/**
 * Gives the procedure as its callers meet it: a request that the contract does not allow is refused
 * before the handler sees it, and every failure is a `Failed`. A fault is logged in full under an id
 * that the caller gets instead of its text. A refusal that the method does not document is a fault
 * too: the contract is what callers rely on. `onBadRequest` is told of each request that the contract
 * does not allow.
 */
export function answering(
  procedure: Procedure,
  log: Log,
  onBadRequest: (call: Call) => void = () => {},
): Procedure {
  const { method } = procedure;
  const documented = new Set<ReasonName>([...commonRefusals, ...exchangeOf(method).refusals]);
  const failed = (error: unknown): Failed => {
    if (error instanceof Refusal && documented.has(error.reason)) {
      const { reason, facts, message, cause } = error;
      // A store that is down is nothing that a caller did.
      const level = reason === "UNAVAILABLE" ? "error" : "info";
      log[level]("refused", { method: method.name, reason, facts, ...(cause ? { cause } : {}) });
      return new Failed(reason, message, facts, cause);
    }
    const id = uuid();
    log.error("fault", { method: method.name, error_id: id, error });
    return new Failed("UNSPECIFIED", sentenceOf("UNSPECIFIED", undefined), { error_id: id }, error);
  };
  const checked = (bytes: Uint8Array, call: Call): void => {
    try {
      check(method.input, bytes);
    } catch (error) {
      if (error instanceof Refusal) onBadRequest(call);
      throw error;
    }
  };
  if (!procedure.stream) {
    return {
      ...procedure,
      async call(bytes, call) {
        try {
          checked(bytes, call);
          return await procedure.call(bytes, call);
        } catch (error) {
          throw failed(error);
        }
      },
    };
  }
  return {
    ...procedure,
    async *call(bytes, call) {
      try {
        checked(bytes, call);
        yield* procedure.call(bytes, call);
      } catch (error) {
        throw failed(error);
      }
    },
  };
}
