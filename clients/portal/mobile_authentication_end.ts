// How a portal waits for the end of a mobile authentication, whatever happens to the connection meanwhile.
import { setTimeout as pause } from "node:timers/promises";
import type {
  GetMobileAuthenticationResponse,
  MobileAuthenticationServiceDefinition,
  WatchTransactionResponse,
} from "../../gen/gatewright/v1/mobile_auth.ts";
import type { CodeName } from "../call_error.ts";
import { CallError, codeNames } from "../call_error.ts";
import type { CallOptions, Client } from "../client.ts";

/** What is called, and with which headers. */
export interface Asked {
  readonly service: Client<typeof MobileAuthenticationServiceDefinition>;
  readonly headers: NonNullable<CallOptions["headers"]>;
  readonly transactionId: string;
}

/** What may be said of waiting. */
export interface WaitOptions {
  /** Ends the wait with the CallError `canceled`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; 660,000 when absent, by when every transaction has ended. */
  readonly timeoutMs?: number | undefined;
  /**
   * `stream` when absent: the server tells each state at once. `poll` asks for the result, again and again, each time
   * with some seconds of patience; for networks between that keep streams back. It does not learn of `fetched`.
   */
  readonly way?: keyof typeof ways | undefined;
  /** Told `pending` and `fetched`, each once, when they are known. */
  readonly onState?: ((state: string) => void) | undefined;
  /** How long a stream may say nothing before it is taken for lost; 45,000 ms when absent. The server speaks every 20 s. */
  readonly silenceMs?: number | undefined;
}

/** The end of a mobile authentication. */
export type MobileAuthenticationEnd =
  | { readonly state: "answered"; readonly result: GetMobileAuthenticationResponse }
  | { readonly state: "expired" };

const longestMs = 660_000;
const usualSilenceMs = 45_000;
const pollSeconds = 25;
const pollSlackMs = 10_000;
const fewestPollMs = 1_000;
const firstPauseMs = 250;
const longestPauseMs = 8_000;
const longestAskedMs = 60_000;

/** How often in a row calls may fail at once, by code, before that is all. What a network does has no limit but time. */
const patience: Partial<Record<CodeName, number>> = {
  unavailable: Number.POSITIVE_INFINITY,
  deadline_exceeded: Number.POSITIVE_INFINITY,
  resource_exhausted: Number.POSITIVE_INFINITY,
  // Also what proxies say when they end a stream.
  internal: 5,
  unknown: 5,
  canceled: 5,
  aborted: 5,
};
const passing: ReadonlySet<string | undefined> = new Set([
  undefined,
  "UNAVAILABLE",
  "RATE_LIMITED",
]);

interface Way extends Asked {
  readonly signal: AbortSignal;
  readonly silenceMs: number;
}

const ways = {
  async *stream({ service, headers, transactionId, signal, silenceMs }: Way) {
    const silence = new AbortController();
    const arm = () => setTimeout(() => silence.abort(), silenceMs);
    let timer = arm();
    const either = AbortSignal.any([signal, silence.signal]);
    const call = { headers, signal: either, timeoutMs: longestMs };
    try {
      for await (const told of service.watchTransaction({ transactionId }, call)) {
        clearTimeout(timer);
        timer = arm();
        yield told;
      }
    } catch (error) {
      if (!silence.signal.aborted) throw error;
      throw new CallError("unavailable", "The stream fell silent.", [], { cause: error });
    } finally {
      clearTimeout(timer);
    }
  },
  async *poll({ service, headers, transactionId, signal }: Way) {
    const call = { headers, signal, timeoutMs: pollSeconds * 1000 + pollSlackMs };
    // At first without patience: one that is there, and later is not, has expired.
    for (let wait = 0; ; wait = pollSeconds) {
      const askedAt = performance.now();
      try {
        const asked = { transactionId, wait };
        const result = await service.getMobileAuthentication(asked, call);
        yield { state: "answered", result };
        return;
      } catch (error) {
        if (reasonOf(error) !== "MOBILE_AUTHENTICATION_NOT_ANSWERED") throw error;
        yield { state: "pending", result: undefined };
      }
      // A server may be set to wait for less than it was asked.
      const left = fewestPollMs - (performance.now() - askedAt);
      if (wait > 0 && left > 0) await pause(left, undefined, { signal });
    }
  },
} satisfies Record<string, (way: Way) => AsyncIterable<WatchTransactionResponse>>;

const reasonOf = (error: unknown): string | undefined =>
  error instanceof CallError ? error.reason : undefined;

/**
 * Resolves when a mobile authentication has ended, by an answer or by its age. A connection that is lost is made again,
 * with random pauses that grow, for as long as the wait may take. Throws a CallError: `canceled`, `deadline_exceeded`,
 * what the server refused, MOBILE_AUTHENTICATION_NOT_FOUND among it, or the failure that nothing helped against.
 * Source: D-57.
 */
export async function mobileAuthenticationEnd(
  asked: Asked,
  options: WaitOptions = {},
): Promise<MobileAuthenticationEnd> {
  const { timeoutMs = longestMs, way = "stream", silenceMs = usualSilenceMs } = options;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any(options.signal ? [options.signal, late] : [late]);
  let state: string | undefined;
  for (let failures = 0; ; failures += 1) {
    const beganAt = performance.now();
    try {
      for await (const told of ways[way]({ ...asked, signal, silenceMs })) {
        const end = endOf(told);
        if (end) return end;
        if (told.state !== state) options.onState?.(told.state);
        state = told.state;
      }
      throw new CallError("unavailable", "The stream ended before the transaction.");
    } catch (error) {
      if (signal.aborted) throw stopped(late, error);
      // What was there a moment ago and is no more has expired.
      const isGone = reasonOf(error) === "MOBILE_AUTHENTICATION_NOT_FOUND";
      if (isGone && state !== undefined) return { state: "expired" };
      // One that held for a while did not fail as those do that fail at once.
      if (performance.now() - beganAt > longestPauseMs) failures = 0;
      if (!isPassing(error, failures)) throw error;
      await pauseAfter(error, failures, signal).catch((cause) => {
        throw stopped(late, cause);
      });
    }
  }
}

function endOf({ state, result }: WatchTransactionResponse): MobileAuthenticationEnd | undefined {
  if (result) return { state: "answered", result };
  return state === "expired" ? { state } : undefined;
}

function isPassing(error: unknown, failures: number): boolean {
  if (!(error instanceof CallError) || !passing.has(error.reason)) return false;
  return failures < (patience[codeNames[error.code] ?? "unknown"] ?? 0);
}

function pauseAfter(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
  const asked = error instanceof CallError ? Number(error.facts.retry_after ?? 0) * 1000 : 0;
  const askedMs = asked > 0 ? Math.min(asked, longestAskedMs) : 0;
  const grownMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
  return pause(askedMs + grownMs * (0.5 + Math.random() / 2), undefined, { signal });
}

const stopped = (late: AbortSignal, cause: unknown): CallError =>
  late.aborted
    ? new CallError("deadline_exceeded", "The wait took longer than it may.", [], { cause })
    : new CallError("canceled", "The wait was cancelled.", [], { cause });
