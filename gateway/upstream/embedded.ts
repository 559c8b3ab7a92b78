// The upstream without a wire: the server's procedures called in this process. The one file of the
// gateway that knows the server.
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { fromBinary } from "@bufbuild/protobuf";
import type { Milliseconds } from "../../server/core/clock.ts";
import { Failed } from "../../server/rpc/answer.ts";
import type { Call, Procedure, ServerStream, Unary } from "../../server/rpc/procedure.ts";
import { pathOf } from "../methods.ts";
import type { Upstream, UpstreamCall } from "./upstream.ts";
import { Failure, requestBytes } from "./upstream.ts";

/** A call as its procedure meets it, and the two ways in which it ends. */
interface Inside {
  readonly call: Call;
  /**
   * Rejects with UNAVAILABLE once the deadline passed; pending for ever when `finish` came first.
   */
  readonly late: Promise<never>;
  /** Ends the watch over deadline and caller. */
  finish(): void;
}

const lateness = (): Failure =>
  new Failure("UNAVAILABLE", {}, { cause: new Error("the deadline passed") });

function begin(outer: UpstreamCall): Inside {
  let controller: AbortController | undefined;
  let expired = false;
  const abort = (): void => controller?.abort();
  const late = Promise.withResolvers<never>();
  // Nobody need be waiting for it when it rejects.
  late.promise.catch(() => undefined);
  const timer = setTimeout(() => {
    expired = true;
    abort();
    late.reject(lateness());
  }, outer.timeoutMs);
  const call: Call = {
    header: (name) => outer.header(name),
    peer: outer.peer,
    deadline: (Date.now() + outer.timeoutMs) as Milliseconds,
    // Made only for handlers that ask: most calls end before anybody would abort them.
    get signal() {
      if (!controller) {
        controller = new AbortController();
        if (expired || outer.signal.aborted) controller.abort();
        else outer.signal.addEventListener("abort", abort, { once: true });
      }
      return controller.signal;
    },
  };
  const finish = (): void => {
    clearTimeout(timer);
    if (controller) outer.signal.removeEventListener("abort", abort);
  };
  return { call, late: late.promise, finish };
}

const failure = (error: unknown): Failure => {
  if (error instanceof Failure) return error;
  if (error instanceof Failed) return new Failure(error.reason, error.facts, { cause: error });
  return new Failure("UNSPECIFIED", {}, { cause: error });
};

async function unary(
  procedure: Unary,
  method: DescMethod,
  request: Message,
  outer: UpstreamCall,
): Promise<Message> {
  const bytes = requestBytes(method, request);
  const inside = begin(outer);
  try {
    const answer = await Promise.race([procedure.call(bytes, inside.call), inside.late]);
    return fromBinary(method.output, answer);
  } catch (error) {
    throw failure(error);
  } finally {
    inside.finish();
  }
}

async function* stream(
  procedure: ServerStream,
  method: DescMethod,
  request: Message,
  outer: UpstreamCall,
): AsyncGenerator<Message> {
  const bytes = requestBytes(method, request);
  const inside = begin(outer);
  const items = procedure.call(bytes, inside.call);
  const iterator = items[Symbol.asyncIterator]();
  let ended = false;
  try {
    while (true) {
      const item = await Promise.race([iterator.next(), inside.late]);
      ended = item.done === true;
      if (ended) return;
      yield fromBinary(method.output, item.value as Uint8Array);
    }
  } catch (error) {
    throw failure(error);
  } finally {
    inside.finish();
    // A procedure that hangs would never settle its return, so nobody waits for it.
    if (!ended) iterator.return?.().catch(() => undefined);
  }
}

/**
 * Gives the upstream that calls `procedures`, each as `answering` made it. A call whose deadline
 * passes is answered UNAVAILABLE and its signal aborts; what the procedure gives later is dropped.
 * Source: D-30, our measurement.
 */
export function embedded(procedures: readonly Procedure[]): Upstream {
  const byPath = new Map(procedures.map((procedure) => [procedure.path, procedure]));
  const find = (method: DescMethod): Procedure => {
    const procedure = byPath.get(pathOf(method));
    if (!procedure) throw new Failure("ENDPOINT_NOT_FOUND");
    return procedure;
  };
  return {
    async unary(method, request, call) {
      const procedure = find(method);
      if (procedure.stream) throw new Failure("UNSPECIFIED");
      return unary(procedure, method, request, call);
    },
    async *stream(method, request, call) {
      const procedure = find(method);
      if (!procedure.stream) throw new Failure("UNSPECIFIED");
      yield* stream(procedure, method, request, call);
    },
    close() {},
  };
}

export { openServer } from "../../server/main.ts";
export { listenGrpc } from "../../server/rpc/listener.ts";
