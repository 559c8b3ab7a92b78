// A question to the app: asked once, answered once, ended when nobody waits for it any more.
import { deferred } from "../deferred.ts";
import { SdkError } from "./error.ts";
import type { Challenge } from "./types.ts";

/** The verbs of a question; the first one that is called counts, the others do nothing. */
export interface Ends<Answer> extends Pick<Challenge<Answer>, "signal" | "cancel"> {
  respond(answer: Answer): void;
}

/** Gives the error of an action that its user, its app or its end cancelled. */
export const canceled = (cause?: unknown): SdkError =>
  new SdkError("ACTION_CANCELED", "The action was cancelled.", { cause });

/** Throws ACTION_CANCELED when the action was. */
export function demandGoing(signal: AbortSignal): void {
  if (signal.aborted) throw canceled(signal.reason);
}

/** Gives what a promise does, or throws ACTION_CANCELED as soon as the action is; the promise goes on. */
export async function orCanceled<T>(promise: Promise<T>, action: AbortSignal): Promise<T> {
  const { promise: end, reject } = deferred<never>();
  const cancel = (): void => reject(canceled(action.reason));
  action.addEventListener("abort", cancel);
  if (action.aborted) cancel();
  try {
    // Also when the action has ended: a failure of the promise that nobody waits for would end the process.
    return await Promise.race([end, promise]);
  } finally {
    action.removeEventListener("abort", cancel);
  }
}

/**
 * Asks the app. `challengeOf` makes the question out of its verbs. Gives the answer; throws ACTION_CANCELED when the
 * app cancels, when its handler throws or rejects, or when `action` aborts, whichever comes first. A handler that ends
 * without an answer is waited for: its app may answer later.
 */
export async function ask<Answer, Question>(
  action: AbortSignal,
  handler: (question: Question) => void | Promise<void>,
  challengeOf: (ends: Ends<Answer>) => Question,
): Promise<Answer> {
  demandGoing(action);
  const { promise, resolve: respond, reject } = deferred<Answer>();
  const waiting = new AbortController();
  const cancel = (cause?: unknown): void => reject(canceled(cause));
  const question = challengeOf({ signal: waiting.signal, respond, cancel });
  (async () => handler(question))().catch(cancel);
  try {
    return await orCanceled(promise, action);
  } finally {
    waiting.abort();
  }
}

/**
 * Asks an app that has a handler. One that has none is taken to answer `otherwise`, once: when that was not accepted
 * (`error`) the action ends with why.
 */
export function askIfHandled<Answer, Question>(
  action: AbortSignal,
  handler: ((question: Question) => void | Promise<void>) | undefined,
  { otherwise, error }: { readonly otherwise: Answer; readonly error: SdkError | undefined },
  challengeOf: (ends: Ends<Answer>) => Question,
): Promise<Answer> {
  if (handler) return ask(action, handler, challengeOf);
  return error ? Promise.reject(error) : Promise.resolve(otherwise);
}
