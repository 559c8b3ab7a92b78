// Actions of an app: one of a kind at a time, each ended by its signal or with the client.
import { canceled } from "./challenge.ts";
import { SdkError } from "./error.ts";
import { sdkErrorOf } from "./refusals.ts";

/** Kinds of actions. They may run beside each other, but each of them once; only looking disturbs nobody. */
export type ActionKind =
  | "start"
  | "reset"
  | "registration"
  | "login"
  | "implicit login"
  | "logout"
  | "deregistration"
  | "registration of an authenticator"
  | "deregistration of an authenticator"
  | "change of the PIN"
  | "enrolment"
  | "mobile authentication"
  | "look";

/** The actions under way of a client. */
export interface Actions extends AsyncDisposable {
  /**
   * Runs an action. Throws ACTION_ALREADY_IN_PROGRESS while another one of its kind runs, ACTION_CANCELED when
   * `signal` aborts, INVALID_STATE after the end of the client, and what the action throws, always an `SdkError`.
   */
  run<T>(
    kind: ActionKind,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** Cancels every action but those of a kind, and resolves when they have ended. */
  cancelAllBut(kind: ActionKind): Promise<void>;
}

interface Running {
  readonly kind: ActionKind;
  readonly controller: AbortController;
  readonly ended: Promise<unknown>;
}

/** Gives the actions of a client. `judge` has the last word on how one failed. */
export function openActions(judge: (error: SdkError) => Promise<SdkError>): Actions {
  const all = new Set<Running>();
  let isClosed = false;

  const refusal = (kind: ActionKind, signal: AbortSignal | undefined): SdkError | undefined => {
    if (isClosed) return new SdkError("INVALID_STATE", "The client was closed.");
    if (signal?.aborted) return canceled(signal.reason);
    const isBusy = kind !== "look" && [...all].some((running) => running.kind === kind);
    return isBusy
      ? new SdkError("ACTION_ALREADY_IN_PROGRESS", `Another ${kind} is in progress.`)
      : undefined;
  };

  async function cancel(some: readonly Running[]): Promise<void> {
    for (const { controller } of some) controller.abort();
    await Promise.allSettled(some.map(({ ended }) => ended));
  }

  return {
    async run(kind, signal, work) {
      const refused = refusal(kind, signal);
      if (refused) throw refused;
      const controller = new AbortController();
      const abort = (): void => controller.abort(signal?.reason);
      signal?.addEventListener("abort", abort);
      const ended = (async () => work(controller.signal))().catch(async (error) => {
        throw await judge(sdkErrorOf(error)).catch(sdkErrorOf);
      });
      const running = { kind, controller, ended };
      all.add(running);
      try {
        return await ended;
      } finally {
        all.delete(running);
        signal?.removeEventListener("abort", abort);
      }
    },
    cancelAllBut: (kind) => cancel([...all].filter((running) => running.kind !== kind)),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await cancel([...all]);
    },
  };
}
