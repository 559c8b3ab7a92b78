// One run from its call to its record: the world, the guest, and what came of it.
import { readAnswer } from "./answer.ts";
import { randomSeed } from "./bindings/random.ts";
import { Breach, breachOf } from "./breach.ts";
import { Budget, type Timing } from "./budget.ts";
import type { Egress } from "./egress.ts";
import type { GuestHost } from "./guest_host.ts";
import { type HostCalls, livePerformer, openHostCalls } from "./host_calls.ts";
import type { Limit, Limits } from "./limits.ts";
import type { Mask, Properties } from "./mask.ts";
import { openRecorder, type RecordedRun } from "./recorder.ts";
import type { RecordedEnd } from "./recording.ts";
import { openRunLog, type RunLog } from "./run_log.ts";
import type { Sandbox } from "./sandbox.ts";
import type {
  Script,
  ScriptCall,
  ScriptFailed,
  ScriptKind,
  ScriptOutcome,
  ScriptRun,
} from "./script.ts";
import { maskedOutcome, shownOutcome } from "./shown_outcome.ts";
import type { RunWorld, ScriptCachePort } from "./world.ts";

/** What a worker has for every run. */
export interface Surroundings {
  readonly sandbox: Sandbox;
  readonly cache: ScriptCachePort;
  readonly egress: Egress;
  readonly recording: boolean;
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
  const { sandbox, mask, properties, cache, egress } = surroundings;
  const { limits } = sandbox;
  const recorder = surroundings.recording ? openRecorder(properties, mask) : undefined;
  const input = { kind: call.kind, values: valuesOf(call), seed: randomSeed() };
  const log = openRunLog(limits.logBytes, mask, recorder?.line);
  const { signal } = withdrawal;
  let isStoreDown = false;
  const noteUnavailable = (): void => {
    isStoreDown = true;
    recorder?.storeDown();
  };
  const world = worldOf({ cache, egress, properties, limits, signal, log }, noteUnavailable);
  const stage: Stage = {
    log,
    limits,
    now: recorder?.now ?? Date.now,
    calls: openHostCalls(world, livePerformer(recorder)),
    isStoreDown: () => isStoreDown,
  };
  const performed = await perform(surroundings, script, input, stage, run, withdrawal);
  const recording = recorder?.finish(recordedRun(script, input, limits, performed, mask));
  const record = recordOf(call.executionId, performed, stage, mask);
  return recording === undefined ? record : { ...record, recording };
};

/** What `execute` is given: its arguments, the last one as JSON text, and the seed of Math.random. */
export interface GuestInput {
  readonly kind: ScriptKind;
  readonly values: readonly (string | null)[];
  readonly seed: readonly number[];
}

/** Where a run takes place: live or on a recording. */
export interface Stage {
  readonly log: RunLog;
  readonly limits: Limits;
  readonly calls: HostCalls;
  /** The clock that the script sees. */
  now(): number;
  /** True once a store that the script called was down. */
  isStoreDown(): boolean;
}

/** What came of a run, with nothing masked. `end` is the breach that ended it, if one did. */
export interface Performed {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly outcome: ScriptOutcome;
  readonly end?: Breach;
  /** True when it ended while the guest was waiting, which never got the answer of its last call. */
  readonly endedInWait: boolean;
}

/** Performs a run in the sandbox. What it still waits for when it has ended is aborted. */
export const perform = async (
  { sandbox, timing }: Surroundings,
  script: Script,
  input: GuestInput,
  { limits, calls, log, now, isStoreDown }: Stage,
  run: number,
  withdrawal: AbortController,
): Promise<Performed> => {
  using budget = new Budget(limits, timing, run);
  budget.watch(() => withdrawal.abort(breachOf("deadline")));
  const host: GuestHost = { budget, signal: withdrawal.signal, now, call: calls.call };
  let end: Breach | undefined;
  const outcome = await sandbox
    .execute(script, inputText(input), host)
    .then((text) => readAnswer(text, input.kind, limits))
    .catch((cause: unknown) => {
      if (!(cause instanceof Breach)) throw cause;
      end = cause;
      return failureOf(cause);
    });
  const endedInWait = end !== undefined && end === withdrawal.signal.reason;
  // Whatever the run still waits for ends with it.
  withdrawal.abort(ended);
  return {
    startedAt: log.openedAt,
    durationMs: budget.durationMs,
    cpuMs: budget.cpuMs,
    outcome: isStoreDown() ? blamingStore(outcome) : outcome,
    ...(end === undefined ? {} : { end }),
    endedInWait,
  };
};

/** The record of a run, with everything masked that must be. */
export const recordOf = (
  executionId: string,
  { startedAt, durationMs, cpuMs, outcome }: Performed,
  { log, calls }: Stage,
  mask: Mask,
): ScriptRun => ({
  executionId,
  startedAt,
  durationMs,
  cpuMs,
  log: log.lines,
  hostCalls: calls.made(),
  outcome: maskedOutcome(outcome, mask),
});

/** The world of one run; `noteUnavailable` is told when a store is down, and the log says it. */
export const worldOf = (
  given: Omit<RunWorld, "noteUnavailable" | "countEgress">,
  noteUnavailable: () => void,
): RunWorld => {
  let requests = 0;
  return {
    ...given,
    noteUnavailable() {
      noteUnavailable();
      given.log.add("error", "the cache is not available");
    },
    countEgress() {
      if (++requests > given.limits.egressCalls) throw breachOf("egress");
    },
  };
};

const ended = new Breach(undefined, "the run has ended");

/** A script that could not go on without a store; one that could has an outcome of its own. */
const blamingStore = (outcome: ScriptOutcome): ScriptOutcome =>
  outcome.kind === "failed" && outcome.limit === undefined
    ? { ...outcome, isUnavailable: true }
    : outcome;

const valuesOf = (call: SentCall): (string | null)[] => [
  call.requestPayload,
  call.userIdentifier,
  call.registrationData,
  call.hookContextCustomParams === null ? null : JSON.stringify(call.hookContextCustomParams),
];

const inputText = ({ seed, values }: GuestInput): string => {
  const texts = values.slice(0, -1).map((value) => JSON.stringify(value));
  return `{"seed":${JSON.stringify(seed)},"values":[${texts.join()},${values.at(-1) ?? "null"}]}`;
};

/** The outcome of a run that was ended from outside. */
const failureOf = ({ limit, message }: Breach): ScriptFailed => ({
  kind: "failed",
  code: 3001,
  message,
  ...(limit === undefined ? {} : { limit }),
});

const recordedRun = (
  script: Script,
  input: GuestInput,
  { outputBytes, logBytes, egressCalls, hostCalls }: Limits,
  { outcome, end, endedInWait }: Performed,
  mask: Mask,
): RecordedRun => ({
  ...input,
  script,
  limits: { outputBytes, logBytes, egressCalls, hostCalls },
  outcome,
  shown: shownOutcome(outcome, mask).slice(0, shownLength),
  ...(end === undefined ? {} : { end: endOf(end, endedInWait) }),
  endedInWait,
});

const shownLength = 1_000;

/** Time and stack of the machine are not the script's: with them, no two runs end alike. */
const machineLimits: ReadonlySet<Limit | undefined> = new Set<Limit>(["cpu", "deadline", "stack"]);

const endOf = ({ limit, message }: Breach, endedInWait: boolean): RecordedEnd => ({
  message,
  ...(limit === undefined ? {} : { limit }),
  ...(machineLimits.has(limit) || endedInWait ? { isCutOff: true } : {}),
});
