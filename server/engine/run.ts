// One run from its call to its record: the world, the guest, and what came of it.
import { readAnswer } from "./answer.ts";
import { randomSeed } from "./bindings/random.ts";
import { Breach, breachOf } from "./breach.ts";
import { Budget, type Timing } from "./budget.ts";
import type { Egress } from "./egress.ts";
import { openHostCalls } from "./host_calls.ts";
import type { Mask, Properties } from "./mask.ts";
import { openRunLog } from "./run_log.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Script, ScriptCall, ScriptFailed, ScriptOutcome, ScriptRun } from "./script.ts";
import type { GuestHost } from "./vm.ts";
import type { RunWorld, ScriptCachePort } from "./world.ts";

/** What a worker has for every run. */
export interface Surroundings {
  readonly sandbox: Sandbox;
  readonly cache: ScriptCachePort;
  readonly egress: Egress;
  readonly properties: Properties;
  readonly mask: Mask;
  readonly timing: Timing;
}

/** A call as it crosses to the worker; its signal stays behind and becomes a message. */
export type SentCall = Omit<ScriptCall, "signal">;

/**
 * Runs a script once, as number `run` of this worker. An abort of `withdrawal` ends it at its next
 * wait. Whatever the script does is an outcome; a throw is a fault of the engine.
 */
export const runScript = async (
  surroundings: Surroundings,
  script: Script,
  call: SentCall,
  run: number,
  withdrawal: AbortController,
): Promise<ScriptRun> => {
  const { sandbox, timing, mask } = surroundings;
  using budget = new Budget(sandbox.limits, timing, run);
  budget.watch(() => withdrawal.abort(breachOf("deadline")));
  let isUnavailable = false;
  const world = worldOf(surroundings, withdrawal.signal, () => {
    isUnavailable = true;
  });
  const calls = openHostCalls(world);
  const host: GuestHost = {
    budget,
    signal: withdrawal.signal,
    now: Date.now,
    call: calls.call,
  };
  const outcome = await sandbox
    .execute(script, inputOf(call), host)
    .then((text) => readAnswer(text, call.kind, sandbox.limits))
    .catch(failureOf);
  // Whatever the run still waits for ends with it.
  withdrawal.abort(ended);
  return {
    executionId: call.executionId,
    durationMs: budget.durationMs,
    cpuMs: budget.cpuMs,
    log: world.log.lines,
    hostCalls: calls.made(),
    outcome: maskedOutcome(isUnavailable ? blamingStore(outcome) : outcome, mask),
  };
};

const ended = new Breach(undefined, "the run has ended");

/** A script that could not go on without a store; one that could has an outcome of its own. */
const blamingStore = (outcome: ScriptOutcome): ScriptOutcome =>
  outcome.kind === "failed" && outcome.limit === undefined
    ? { ...outcome, isUnavailable: true }
    : outcome;

const worldOf = (
  surroundings: Surroundings,
  signal: AbortSignal,
  noteUnavailable: () => void,
): RunWorld => {
  const { sandbox, cache, egress, properties, mask } = surroundings;
  const { limits } = sandbox;
  let requests = 0;
  return {
    cache,
    egress,
    properties,
    limits,
    signal,
    log: openRunLog(limits.logBytes, mask),
    noteUnavailable,
    countEgress() {
      if (++requests > limits.egressCalls) throw breachOf("egress");
    },
  };
};

const inputOf = (call: SentCall): string =>
  JSON.stringify({
    seed: randomSeed(),
    values: [
      call.requestPayload,
      call.userIdentifier,
      call.registrationData,
      call.hookContextCustomParams,
    ],
  });

/** The outcome of a run that was ended from outside; anything but a breach is a fault. */
const failureOf = (cause: unknown): ScriptFailed => {
  if (!(cause instanceof Breach)) throw cause;
  const { limit, message } = cause;
  return { kind: "failed", code: 3001, message, ...(limit === undefined ? {} : { limit }) };
};

const messageLength = 4_000;
const stackLength = 8_000;

/** Masks before it cuts, so that no part of a secret is left at the edge. */
const maskedOutcome = (outcome: ScriptOutcome, mask: Mask): ScriptOutcome => {
  if (outcome.kind === "returned") return outcome;
  const { stack } = outcome;
  return {
    ...outcome,
    message: mask(outcome.message).slice(0, messageLength),
    ...(stack === undefined ? {} : { stack: mask(stack).slice(0, stackLength) }),
  };
};
