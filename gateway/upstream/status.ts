// A failed gRPC call as a Failure: the reason of our ErrorInfo or, without one, what the code
// means.
import type { ServiceError } from "@grpc/grpc-js";
import { status as code } from "@grpc/grpc-js";
import { ErrorInfo } from "../../gen/google/rpc/error_details.ts";
import { Status } from "../../gen/google/rpc/status.ts";
import type { ReasonName } from "../../proto/contract.ts";
import { answers, errorDomain } from "../../proto/contract.ts";
import { Failure } from "./upstream.ts";

// What a code means when grpc-js itself, or a server that is not ours, set it.
const reasonOf: ReadonlyMap<number, ReasonName> = new Map([
  [code.INVALID_ARGUMENT, "REQUEST_INVALID"],
  [code.OUT_OF_RANGE, "REQUEST_INVALID"],
  [code.CANCELLED, "UNAVAILABLE"],
  [code.DEADLINE_EXCEEDED, "UNAVAILABLE"],
  [code.RESOURCE_EXHAUSTED, "UNAVAILABLE"],
  [code.UNAVAILABLE, "UNAVAILABLE"],
]);

const isReason = (name: string): name is ReasonName => answers.has(name as ReasonName);

function info(bytes: Uint8Array): ErrorInfo | undefined {
  try {
    const any = Status.decode(bytes).details.find((d) =>
      d.typeUrl.endsWith("/google.rpc.ErrorInfo"),
    );
    return any && ErrorInfo.decode(any.value);
  } catch {
    // Details that cannot be read are as good as none: the code still says what happened.
    return undefined;
  }
}

/** Gives the failure that a call's error stands for. The error's own text stays in the process. */
export function failureOf(error: Pick<ServiceError, "code" | "metadata">): Failure {
  const bytes = error.metadata?.get("grpc-status-details-bin")[0];
  const told = bytes instanceof Uint8Array ? info(bytes) : undefined;
  if (told?.domain === errorDomain && isReason(told.reason)) {
    return new Failure(told.reason, Object.fromEntries(told.metadata), { cause: error });
  }
  return new Failure(reasonOf.get(error.code) ?? "UNSPECIFIED", {}, { cause: error });
}
